// The chains of the PQ epochs (docs/specs/session-protocol.md 5). Which epoch comes next and when is
// pq_steps.h's concern.
#pragma once

#include <optional>

#include "session/ec_ratchet.h"

namespace sotto::session {

class PqRatchet {
 public:
  /// Epoch 0. `mine` is the direction this side sends in.
  PqRatchet(PqEpochKeys epoch0, Direction mine);

  PqMessageKey take_sending_key(Header& header);
  [[nodiscard]] bool exhausted() const { return sending_.next >= kMaxCounter; }

  using Staged = StagedKey<PqChainKind>;
  /// Errors: stale_index, limit_exceeded, unknown_epoch.
  [[nodiscard]] SessionResult<Staged> open(const Header& header, std::uint32_t max_jump) const;
  void commit(Staged staged, UnixMs now);

  /// A new epoch's chains: receiving starts to accept it, the sending chain comes back for whoever decides
  /// when to use it. Precondition: !receiving_pending().
  SendingChain<PqChainKind> install(PqEpochKeys keys, std::uint32_t epoch);
  /// Sends under `epoch` from now on; the older sending chain is wiped.
  void switch_sending(SendingChain<PqChainKind> chain, std::uint32_t epoch);

  [[nodiscard]] std::uint32_t sending_epoch() const { return send_epoch_; }
  /// The newest epoch whose keys exist.
  [[nodiscard]] std::uint32_t installed() const { return receive_epoch_ + (next_ ? 1 : 0); }
  /// True while the peer was not yet heard in the installed epoch.
  [[nodiscard]] bool receiving_pending() const { return next_.has_value(); }
  [[nodiscard]] const PqRootKey& root() const { return root_; }

  [[nodiscard]] SkippedKeys<PqChainKind>& skipped() { return skipped_; }
  [[nodiscard]] const SkippedKeys<PqChainKind>& skipped() const { return skipped_; }

 private:
  friend class SessionRecord;

  Direction mine_;
  PqRootKey root_;
  std::uint32_t send_epoch_ = 0;
  SendingChain<PqChainKind> sending_;
  std::uint32_t previous_sent_ = 0;  ///< pq_pn
  std::uint32_t receive_epoch_ = 0;
  ReceivingChain<PqChainKind> receiving_;
  std::optional<ReceivingChain<PqChainKind>> next_;  ///< of receive_epoch_ + 1
  SkippedKeys<PqChainKind> skipped_;
};

}  // namespace sotto::session
