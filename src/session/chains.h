// The symmetric chains of both ratchets (docs/specs/session-protocol.md 5): EcChainKind and PqChainKind of
// key_schedule.h say which. Sending and receiving chains are different types.
#pragma once

#include <cstdint>
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
    auto message_key = Kind::message_key(key);
    key = Kind::next(key);
    ++next;
    return message_key;
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

/// Derives keys [chain.next, end) and moves the chain there. Precondition: end - chain.next is within the
/// limits.
template <typename Kind>
KeyRun<Kind> derive_until(ReceivingChain<Kind>& chain, std::uint32_t end) {
  KeyRun<Kind> run{.first = chain.next, .keys = {}};
  if (end <= chain.next) return run;
  run.keys.reserve(end - chain.next);
  for (; chain.next < end; ++chain.next) {
    run.keys.push_back(Kind::message_key(chain.key));
    chain.key = Kind::next(chain.key);
  }
  return run;
}

/// The key for message chain.next; the chain moves on.
template <typename Kind>
typename Kind::MessageKey take_next(ReceivingChain<Kind>& chain) {
  auto key = Kind::message_key(chain.key);
  chain.key = Kind::next(chain.key);
  ++chain.next;
  return key;
}

}  // namespace sotto::session
