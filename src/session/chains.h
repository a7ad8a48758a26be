// The symmetric chains of both ratchets (docs/specs/session-protocol.md 5): EcChainKind and PqChainKind of
// key_schedule.h say which. Sending and receiving chains are different types.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "result/check.h"
#include "session/key_schedule.h"

namespace sotto::session {

template <typename Kind>
struct SendingChain {
  typename Kind::ChainKey key;
  std::uint32_t next = 0;  ///< n of the next message

  /// The key for message `next`; the chain key is overwritten.
  typename Kind::MessageKey take() {
    auto derived = Kind::advance(key);
    key = std::move(derived.second);
    ++next;
    return std::move(derived.first);
  }
};

template <typename Kind>
struct ReceivingChain {
  typename Kind::ChainKey key;
  std::uint32_t next = 0;  ///< the lowest n not yet derived

  [[nodiscard]] ReceivingChain clone() const { return {key.clone(), next}; }
};

/// Message keys `first`, first+1, ... of one chain.
template <typename Kind>
struct KeyRun {
  std::uint32_t first = 0;
  std::vector<typename Kind::MessageKey> keys;
};

/// The key for message chain.next; the chain moves on.
template <typename Kind>
typename Kind::MessageKey take_next(ReceivingChain<Kind>& chain) {
  auto derived = Kind::advance(chain.key);
  chain.key = std::move(derived.second);
  ++chain.next;
  return std::move(derived.first);
}

/// Derives keys [chain.next, end) and moves the chain there. Precondition: end - chain.next is within the
/// limits.
template <typename Kind>
KeyRun<Kind> derive_until(ReceivingChain<Kind>& chain, std::uint32_t end) {
  KeyRun<Kind> run{.first = chain.next, .keys = {}};
  if (end <= chain.next) return run;
  run.keys.reserve(end - chain.next);
  while (chain.next < end) run.keys.push_back(take_next(chain));
  return run;
}

}  // namespace sotto::session
