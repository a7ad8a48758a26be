// One client's view of one log: what it pinned, the head it saw last, what its contacts claim to have seen,
// and whether the log was ever caught (docs/specs/transparency.md 4, 5). A value; the client stores it.
//
// How a client uses it:
//   - first contact: LogView(keys) with the server identity key that it pins and the VRF key; store
//   encoded().
//   - before it encrypts to anything: LookUp with known_size(), then verify_contact (contact.h) or verify(),
//     then check_manifest (contact.h); store encoded() and the returned states in one transaction.
//   - every message in: heard(). Claims in open_claims() want a path (FetchConsistency), given to settle().
//   - every message out carries gossip(). Nothing is sent to an account whose standing() is not trusted, and
//     nothing at all once forked() has evidence: show it, export it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "transparency/evidence.h"
#include "transparency/limits.h"

namespace sotto::transparency {

/// What messages say about the sender's last head (v1.TransparencyHead). Signed by nobody but the sender.
struct Gossip {
  ByteArray<8> log{};  ///< log_id[0:8]
  std::uint64_t size = 0;
  Hash root{};

  friend bool operator==(const Gossip&, const Gossip&) = default;
};

/// What a piece of gossip means to us.
enum class ClaimVerdict : std::uint8_t {
  agrees,
  needs_proof,  ///< in open_claims() until settle() succeeds or kClaimPatience is over
  disputed,     ///< cannot be true if our head is; nothing is sent to that account
};

enum class Standing : std::uint8_t {
  trusted,
  disputed,  ///< the account claims what nobody has proven to us: exchange signed heads with it
  forked,    ///< the log contradicted itself: send nothing to anybody
};

struct OpenClaim {
  AccountId account;
  Gossip gossip;
  UnixMs first_heard;
  bool disputed = false;

  friend bool operator==(const OpenClaim&, const OpenClaim&) = default;
};

class LogView {
 public:
  explicit LogView(LogKeys keys) : keys_(std::move(keys)), id_(log_id(keys_)) {}

  [[nodiscard]] const LogKeys& keys() const { return keys_; }
  [[nodiscard]] const LogId& id() const { return id_; }
  /// The last head that was accepted.
  [[nodiscard]] const std::optional<SignedTreeHead>& head() const { return head_; }
  /// What a request names as known; 0 before the first head.
  [[nodiscard]] std::uint64_t known_size() const { return head_ ? head_->head.size : 0; }
  /// What messages carry; none before the first head.
  [[nodiscard]] std::optional<Gossip> gossip() const;

  /// Steps 1 to 8 of the specification. On an error nothing has changed, unless the answer proves a fork:
  /// then forked() has the evidence from now on. Errors: all of the checks, head_behind, head_too_old,
  /// head_from_future, not_consistent, forked, and those of verify_labels.
  TransparencyResult<std::vector<LabelState>> verify(const LookupAnswer& answer,
                                                     std::span<const Question> questions, UnixMs now);
  /// Steps 1 to 4 alone, for a head without a lookup. Errors and effects as verify().
  TransparencyResult<void> advance(const SignedTreeHead& head, const crypto::MerklePath& consistency,
                                   UnixMs now);

  /// A signed head that somebody else saw: a contact's, or one that witnesses cosigned. `path` is the
  /// consistency path between it and head(), in the order of their sizes. Success: both are of one log. It
  /// does not become our head. Errors: wrong_log, bad_signature, not_consistent, head_behind (no head of our
  /// own yet), forked.
  TransparencyResult<void> examine(const SignedTreeHead& foreign, const crypto::MerklePath& path);

  /// Takes up gossip. While an account has an open claim, others of it that need a proof change nothing.
  ClaimVerdict heard(const AccountId& account, const Gossip& gossip, UnixMs now);
  [[nodiscard]] const std::vector<OpenClaim>& open_claims() const { return claims_; }
  /// The path between the account's claim and head(), in the order of their sizes. Success closes the claim,
  /// also a disputed one. Errors: malformed (no such claim), wrong_log (a claim about another log),
  /// head_behind (the claim is ahead: advance() first), not_consistent.
  TransparencyResult<void> settle(const AccountId& account, const crypto::MerklePath& path);

  /// May be sent to this account?
  [[nodiscard]] Standing standing(const AccountId& account, UnixMs now) const;
  [[nodiscard]] const std::optional<ForkEvidence>& forked() const { return fork_; }
  /// Evidence from elsewhere: a contact's export, or contradiction() of two answers. Errors: wrong_log, those
  /// of verify(ForkEvidence).
  TransparencyResult<void> convict(ForkEvidence evidence);

  /// For the client's own encrypted store.
  [[nodiscard]] Bytes encoded() const;
  /// Reads encoded() back; signatures are not verified again. Errors: malformed.
  static TransparencyResult<LogView> from_own_store(ByteView octets);

  friend bool operator==(const LogView&, const LogView&) = default;

 private:
  struct Known {
    std::uint64_t size = 0;
    Hash root{};

    friend bool operator==(const Known&, const Known&) = default;
  };

  TransparencyResult<void> check_head(const SignedTreeHead& head, const crypto::MerklePath& consistency,
                                      UnixMs now);
  TransparencyResult<void> convicted(std::optional<ForkEvidence> evidence);
  void accept(const SignedTreeHead& head);
  void remember(const Known& known);
  [[nodiscard]] std::optional<Hash> known_root(std::uint64_t size) const;

  LogKeys keys_;
  LogId id_;
  std::optional<SignedTreeHead> head_;
  std::vector<Known> known_;  ///< newest last, at most kMaxProvenHeads; head_ among them
  std::vector<OpenClaim> claims_;
  std::optional<ForkEvidence> fork_;
};

}  // namespace sotto::transparency
