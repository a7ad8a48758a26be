// Comparing twelve digits (docs/specs/verification.md 2), one type for each state:
//
//   who starts    InitiatorCommitted --nonce--> DigitsShown          who answers    ResponderAnswered
//   --reveal--> DigitsShown
//
// A received message of another run is refused without touching the state, so transitions consume it only
// when they were about this run: check is_for() first. Sending, and asking the two people, is the client's
// concern.
#pragma once

#include <string>

#include "clock/deadline.h"
#include "crypto/random.h"
#include "verification/messages.h"
#include "verification/party.h"

namespace sotto::verification {

/// Two people find each other, and read twelve digits to each other twice.
inline constexpr DurationMs kRunLifetime = minutes(10);

/// Both nonces are known. The digits are shown; the people compare them.
class DigitsShown {
 public:
  /// "1234 5678 9012"
  [[nodiscard]] std::string text() const;
  /// The user said that both see the same.
  [[nodiscard]] VerifiedContact same() && { return {contact_, VerifiedBy::digits}; }

 private:
  friend class InitiatorCommitted;
  friend class ResponderAnswered;
  DigitsShown(const Party& contact, std::uint64_t number) : contact_(contact), number_(number) {}

  Party contact_;
  std::uint64_t number_;  ///< below 10^12
};

/// What both need to know of a run.
struct Run {
  RunId id;
  Party initiator;
  Party responder;
  Deadline deadline;
};

/// What a store keeps of a run that waits for an answer: a program may end and start again within ten
/// minutes.
struct StoredRun {
  RunId run;
  Nonce nonce;  ///< the own one; secret until it was sent
  UnixMs begun;
};

/// The commit may leave.
class InitiatorCommitted {
 public:
  static InitiatorCommitted start(const Party& self, const Party& contact, UnixMs now,
                                  crypto::RandomSource& random);

  /// As stored() was when it was kept, with the same parties.
  static InitiatorCommitted restore(const StoredRun& stored, const Party& self, const Party& contact);

  [[nodiscard]] Commit commit() const;
  [[nodiscard]] StoredRun stored() const { return {run_.id, nonce_, run_.deadline.start()}; }
  [[nodiscard]] bool is_for(const ResponderNonce& message) const { return message.run == run_.id; }

  struct Revealing {
    Reveal reveal;  ///< to be sent
    DigitsShown digits;
  };
  /// Errors: other_run, expired.
  VerificationResult<Revealing> receive(const ResponderNonce& message, UnixMs now) &&;

 private:
  InitiatorCommitted(const Run& run, const Nonce& nonce) : run_(run), nonce_(nonce) {}

  Run run_;
  Nonce nonce_;  ///< r_A
};

/// The nonce may leave.
class ResponderAnswered {
 public:
  static ResponderAnswered start(const Commit& commit, const Party& self, const Party& contact, UnixMs now,
                                 crypto::RandomSource& random);

  static ResponderAnswered restore(const StoredRun& stored, const crypto::Sha384Digest& commitment,
                                   const Party& self, const Party& contact);

  [[nodiscard]] StoredRun stored() const { return {run_.id, nonce_, run_.deadline.start()}; }
  [[nodiscard]] ResponderNonce nonce() const { return {run_.id, nonce_}; }
  /// False also for a reveal to another device of this account, which answered first.
  [[nodiscard]] bool is_for(const Reveal& message) const {
    return message.run == run_.id && message.answered == nonce_;
  }

  /// Errors: other_run, expired, bad_reveal.
  VerificationResult<DigitsShown> receive(const Reveal& message, UnixMs now) &&;

 private:
  ResponderAnswered(const Run& run, const crypto::Sha384Digest& commitment, const Nonce& nonce)
      : run_(run), commitment_(commitment), nonce_(nonce) {}

  Run run_;
  crypto::Sha384Digest commitment_;
  Nonce nonce_;  ///< r_B
};

}  // namespace sotto::verification
