// The P-256 double ratchet half of a session (docs/specs/session-protocol.md 5, 7). Opening a message works
// on staged copies of what it touches; nothing changes before commit.
#pragma once

#include <optional>

#include "crypto/p256.h"
#include "session/chains.h"
#include "session/error.h"
#include "session/header.h"
#include "session/skipped_keys.h"

namespace sotto::session {

/// Where a message key came from and what committing it changes. Shared by both ratchets.
template <typename Kind>
struct StagedKey {
  enum class Source : std::uint8_t { live, stored, new_chain };
  Source source;
  typename Kind::Name chain{};
  std::uint32_t n = 0;
  typename Kind::MessageKey key;
  std::optional<ReceivingChain<Kind>> advanced;  ///< the chain after this message; absent for stored
  KeyRun<Kind> skipped;                          ///< of the same chain, below n
  KeyRun<Kind> closing;                          ///< rest of the older chain, for new_chain
};

/// Advances a copy of `chain` to n. Errors: limit_exceeded. Precondition: n >= chain.next.
template <typename Kind>
SessionResult<StagedKey<Kind>> stage_advance(const ReceivingChain<Kind>& chain,
                                             const typename Kind::Name& name, std::uint32_t n,
                                             std::uint32_t max_jump) {
  if (n >= kMaxCounter || n - chain.next > max_jump) return err(SessionError::limit_exceeded);
  auto copy = chain.clone();
  auto skipped = derive_until(copy, n);
  auto key = take_next(copy);
  return StagedKey<Kind>{
      StagedKey<Kind>::Source::live, name, n, std::move(key), std::move(copy), std::move(skipped), {}};
}

/// A key kept for a late message. Errors: stale_index.
template <typename Kind>
SessionResult<StagedKey<Kind>> stage_stored(const SkippedKeys<Kind>& skipped, const typename Kind::Name& name,
                                            std::uint32_t n) {
  const auto* key = skipped.find(name, n);
  if (key == nullptr) return err(SessionError::stale_index);
  return StagedKey<Kind>{StagedKey<Kind>::Source::stored, name, n, key->clone(), std::nullopt, {}, {}};
}

class EcRatchet {
 public:
  /// A: sends with CK0 under EK_A, receives nothing yet.
  static EcRatchet initiator(RootKey root, EcChainKey chain, crypto::P256PrivateKey ephemeral);
  /// B: receives with CK0 under EK_A, sends nothing yet.
  static EcRatchet responder(RootKey root, EcChainKey chain, crypto::P256PublicKey ephemeral);

  /// True when the next message needs a new ratchet key, because the peer's changed.
  [[nodiscard]] bool step_due() const { return !sending_; }
  /// Errors: crypto_failure; nothing changed then.
  SessionResult<void> step(const SessionId& session, crypto::P256PrivateKey fresh);
  /// Precondition: !step_due().
  EcMessageKey take_sending_key(Header& header);
  [[nodiscard]] bool exhausted() const { return sending_ && sending_->next >= kMaxCounter; }

  struct Staged {
    StagedKey<EcChainKind> key;
    std::optional<crypto::P256PublicKey> new_peer;  ///< with new_chain
    std::optional<RootKey> new_root;
  };
  /// Errors: own_ratchet_key, stale_index, limit_exceeded, malformed (no point), bad_mac (a key that cannot
  /// be), crypto_failure.
  [[nodiscard]] SessionResult<Staged> open(const SessionId& session, const Header& header,
                                           std::uint32_t max_jump) const;
  void commit(Staged staged, UnixMs now);

  /// Public keys; the own one is present once something was sent, the peer's once something was received.
  [[nodiscard]] const crypto::P256PrivateKey* own_key() const { return own_ ? &*own_ : nullptr; }
  [[nodiscard]] const crypto::P256PublicKey* peer_key() const { return peer_ ? &*peer_ : nullptr; }

  [[nodiscard]] SkippedKeys<EcChainKind>& skipped() { return skipped_; }
  [[nodiscard]] const SkippedKeys<EcChainKind>& skipped() const { return skipped_; }

 private:
  friend class SessionRecord;
  explicit EcRatchet(RootKey root) : root_(std::move(root)) {}

  RootKey root_;
  std::optional<crypto::P256PrivateKey> own_;
  std::optional<crypto::P256PublicKey> peer_;
  std::optional<SendingChain<EcChainKind>> sending_;
  std::uint32_t pn_ = 0;
  std::optional<ReceivingChain<EcChainKind>> receiving_;
  SkippedKeys<EcChainKind> skipped_;
};

}  // namespace sotto::session
