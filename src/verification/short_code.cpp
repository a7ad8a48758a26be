#include "verification/short_code.h"

#include "bytes/encoder.h"

namespace sotto::verification {
namespace {

// Domain separation labels (docs/specs/verification.md 2).
constexpr std::string_view kCommitLabel = "sas-c";
constexpr std::string_view kDigitsLabel = "sas";

crypto::Sha384Digest commitment_to(const Party& initiator, const Nonce& nonce) {
  Encoder out;
  out.label(kCommitLabel).raw(initiator.account.view()).raw(initiator.key.octets()).raw(nonce);
  return crypto::sha384(out.view());
}

std::uint64_t number_of(const Run& run, const Nonce& initiator_nonce, const Nonce& responder_nonce) {
  constexpr std::uint64_t kNumbers = 1'000'000'000'000;
  constexpr std::size_t kOctets = 5;
  Encoder out;
  out.label(kDigitsLabel);
  for (const Party* party : {&run.initiator, &run.responder}) {
    out.raw(party->account.view()).raw(party->key.octets());
  }
  out.raw(initiator_nonce).raw(responder_nonce);
  const auto digest = crypto::sha384(out.view());
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kOctets; ++i) bits = bits << 8U | digest[i];
  return bits % kNumbers;
}

}  // namespace

std::string DigitsShown::text() const {
  std::string digits = std::to_string(number_);
  digits.insert(0, 12 - digits.size(), '0');
  return digits.substr(0, 4) + ' ' + digits.substr(4, 4) + ' ' + digits.substr(8);
}

InitiatorCommitted InitiatorCommitted::start(const Party& self, const Party& contact, UnixMs now,
                                             crypto::RandomSource& random) {
  const auto id = random.array<16>();
  return InitiatorCommitted({id, self, contact, Deadline(now, kRunLifetime)}, random.array<32>());
}

InitiatorCommitted InitiatorCommitted::restore(const StoredRun& stored, const Party& self,
                                               const Party& contact) {
  return InitiatorCommitted({stored.run, self, contact, Deadline(stored.begun, kRunLifetime)}, stored.nonce);
}

Commit InitiatorCommitted::commit() const { return {run_.id, commitment_to(run_.initiator, nonce_)}; }

VerificationResult<InitiatorCommitted::Revealing> InitiatorCommitted::receive(const ResponderNonce& message,
                                                                              UnixMs now) && {
  if (!is_for(message)) return err(VerificationError::other_run);
  if (run_.deadline.passed(now)) return err(VerificationError::expired);
  return Revealing{{run_.id, nonce_, message.nonce},
                   DigitsShown(run_.responder, number_of(run_, nonce_, message.nonce))};
}

ResponderAnswered ResponderAnswered::start(const Commit& commit, const Party& self, const Party& contact,
                                           UnixMs now, crypto::RandomSource& random) {
  return ResponderAnswered({commit.run, contact, self, Deadline(now, kRunLifetime)}, commit.commitment,
                           random.array<32>());
}

ResponderAnswered ResponderAnswered::restore(const StoredRun& stored, const crypto::Sha384Digest& commitment,
                                             const Party& self, const Party& contact) {
  return ResponderAnswered({stored.run, contact, self, Deadline(stored.begun, kRunLifetime)}, commitment,
                           stored.nonce);
}

VerificationResult<DigitsShown> ResponderAnswered::receive(const Reveal& message, UnixMs now) && {
  if (!is_for(message)) return err(VerificationError::other_run);
  if (run_.deadline.passed(now)) return err(VerificationError::expired);
  if (commitment_to(run_.initiator, message.nonce) != commitment_) return err(VerificationError::bad_reveal);
  return DigitsShown(run_.initiator, number_of(run_, message.nonce, nonce_));
}

}  // namespace sotto::verification
