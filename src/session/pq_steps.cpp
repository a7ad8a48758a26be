#include "session/pq_steps.h"

#include <algorithm>

#include "crypto/hash.h"
#include "session/key_schedule.h"
#include "session/limits.h"
#include "sotto/v1/session.pb.h"
#include "wire/decode.h"

namespace sotto::session {
namespace {

bool proposes(Direction side, std::uint32_t epoch) { return (side == Direction::a_to_b) == (epoch % 2 == 1); }

/// k in {0,1,2,4,8} or k mod 16 = 0: soon and often first, then rarely, so that a one-sided run costs little.
bool scheduled(std::uint32_t k) { return k <= 2 || k == 4 || k == 8 || k % 16 == 0; }

PqSignature sign(const PqBinding& binding, const PqStepHashes& step, bool is_ciphertext,
                 const LocalDevice& local, crypto::RandomSource& random) {
  const Bytes message = pq_signature_message(binding.transcript, binding.mine, step);
  PqSignature out{.ecdsa = local.key.ecdsa_key().sign(message), .ml_dsa = std::nullopt};
  if (ml_dsa_due(step.epoch, is_ciphertext)) out.ml_dsa = local.key.ml_dsa_key().sign(message, random);
  return out;
}

bool verify(const PqBinding& binding, const PqStepHashes& hashes, bool is_ciphertext, const v1::PqStep& step,
            const PeerDevice& peer) {
  const Bytes message = pq_signature_message(binding.transcript, opposite(binding.mine), hashes);
  if (!crypto::ecdsa_verify(peer.key.ecdsa_key(), {message}, wire::octets(step.ecdsa()))) return false;
  if (!ml_dsa_due(hashes.epoch, is_ciphertext)) return true;
  return peer.key.ml_dsa_key().verify(message, wire::octets(step.mldsa())).has_value();
}

void write(const PqSignature& signature, v1::PqStep& out) {
  out.set_ecdsa(wire::field(signature.ecdsa));
  if (signature.ml_dsa) out.set_mldsa(wire::field(*signature.ml_dsa));
}

}  // namespace

bool ml_dsa_due(std::uint32_t epoch, bool is_ciphertext) {
  return epoch % kPqReauthenticationPeriod == 0 || (is_ciphertext && epoch == 1);
}

void PqSteps::enter(State state) {
  state_ = std::move(state);
  schedule_ = 0;
  heard_since_ = 0;
  stall_reported_ = false;
  changed_ = true;
}

void PqSteps::installed(UnixMs now) {
  messages_since_ = 0;
  installed_at_ = now;
  peer_wants_ = false;
  claimed_ek1_.reset();
}

crypto::Sha384Digest PqSteps::propose_first(crypto::MlKem768DecapsulationKey key) {
  const auto hash = crypto::sha384(key.encapsulation_key());
  enter(PqProposed{std::move(key), hash, {}});
  return hash;
}

void PqSteps::sign_first(const PqBinding& binding, const LocalDevice& local, crypto::RandomSource& random) {
  auto& proposed = std::get<PqProposed>(state_);
  proposed.signature = sign(binding, {.epoch = 1, .ek = proposed.ek_hash, .ct = {}}, false, local, random);
}

bool PqSteps::due(const PqRatchet& ratchet, UnixMs now) const {
  if (messages_since_ >= kPqTriggerMessages || ratchet.installed() == 0) return true;
  return messages_since_ > 0 && elapsed(installed_at_, now) >= kPqTriggerAge;
}

void PqSteps::before_send(const PqBinding& binding, const PqRatchet& ratchet, const LocalDevice& local,
                          UnixMs now, crypto::RandomSource& random) {
  const std::uint32_t next = ratchet.installed() + 1;
  if (!std::holds_alternative<PqIdle>(state_) || !proposes(binding.mine, next) || ratchet.receiving_pending())
    return;
  if (!due(ratchet, now) && !peer_wants_) return;
  auto key = crypto::MlKem768DecapsulationKey::generate(random);
  const auto hash = crypto::sha384(key.encapsulation_key());
  auto signature = sign(binding, {.epoch = next, .ek = hash, .ct = {}}, false, local, random);
  enter(PqProposed{std::move(key), hash, std::move(signature)});
}

bool PqSteps::on_send(const PqRatchet& ratchet, v1::PqStep& out) {
  ++messages_since_;
  const std::uint32_t k = schedule_++;
  if (!scheduled(k)) return false;
  if (const auto* proposed = std::get_if<PqProposed>(&state_)) {
    out.set_epoch(ratchet.installed() + 1);
    out.set_ek(wire::field(proposed->key.encapsulation_key()));
    write(proposed->signature, out);
    return true;
  }
  if (const auto* answered = std::get_if<PqAnswered>(&state_)) {
    out.set_epoch(ratchet.installed());
    out.set_ct(wire::field(answered->ciphertext));
    out.set_ek_id(wire::field(ByteView(answered->ek_hash).first(16)));
    write(answered->signature, out);
    return true;
  }
  return false;
}

bool PqSteps::want_pq(const PqBinding& binding, const PqRatchet& ratchet, UnixMs now) const {
  return std::holds_alternative<PqIdle>(state_) && !proposes(binding.mine, ratchet.installed() + 1) &&
         due(ratchet, now);
}

bool PqSteps::owes_step(const PqBinding& binding, const PqRatchet& ratchet) const {
  if (std::holds_alternative<PqAnswered>(state_)) return schedule_ == 0;
  return peer_wants_ && std::holds_alternative<PqIdle>(state_) && !ratchet.receiving_pending() &&
         proposes(binding.mine, ratchet.installed() + 1);
}

bool PqSteps::on_message(PqRatchet& ratchet, std::uint32_t epoch, bool peer_wants) {
  ++messages_since_;
  ++heard_since_;
  if (peer_wants && std::holds_alternative<PqIdle>(state_)) peer_wants_ = true;
  auto* answered = std::get_if<PqAnswered>(&state_);
  if (answered == nullptr || epoch != ratchet.installed()) return false;
  ratchet.switch_sending(std::move(answered->sending), epoch);
  enter(PqIdle{});
  return true;
}

PqSteps::Outcome PqSteps::on_step(const PqBinding& binding, PqRatchet& ratchet, const v1::PqStep& step,
                                  const LocalDevice& local, const PeerDevice& peer, UnixMs now,
                                  crypto::RandomSource& random) {
  const bool has_key = !step.ek().empty();
  if (has_key == !step.ct().empty()) return Outcome::violation;
  const std::uint32_t epoch = step.epoch();
  const std::uint32_t current = ratchet.installed();
  if (has_key && epoch == current && std::holds_alternative<PqAnswered>(state_)) {
    return on_repeated_key(binding, ratchet, step, peer);
  }
  if (epoch <= current) return Outcome::ignored;
  // An epoch is proposed by one side only, and nobody may run ahead of what the other has confirmed.
  if (epoch != current + 1 || ratchet.receiving_pending()) return Outcome::violation;
  const bool own_turn = proposes(binding.mine, epoch);
  if (has_key && !own_turn && std::holds_alternative<PqIdle>(state_)) {
    return on_encapsulation_key(binding, ratchet, step, local, peer, now, random);
  }
  if (!has_key && own_turn && std::holds_alternative<PqProposed>(state_)) {
    return on_ciphertext(binding, ratchet, step, peer, now);
  }
  return Outcome::violation;
}

PqSteps::Outcome PqSteps::on_encapsulation_key(const PqBinding& binding, PqRatchet& ratchet,
                                               const v1::PqStep& step, const LocalDevice& local,
                                               const PeerDevice& peer, UnixMs now,
                                               crypto::RandomSource& random) {
  const std::uint32_t epoch = step.epoch();
  PqStepHashes hashes{.epoch = epoch, .ek = crypto::sha384(wire::octets(step.ek())), .ct = {}};
  if (!verify(binding, hashes, false, step, peer)) return Outcome::unauthenticated;
  if (epoch == 1 && claimed_ek1_ != hashes.ek) return Outcome::violation;
  const auto key = crypto::MlKem768EncapsulationKey::decode(wire::octets(step.ek()));
  if (!key) return Outcome::violation;
  const auto encapsulated = key->encapsulate(random);
  if (!encapsulated) return Outcome::violation;
  hashes.ct = crypto::sha384(encapsulated->ciphertext);
  auto keys = pq_epoch(ratchet.root(), encapsulated->secret, binding.session, hashes).keys;
  auto signature = sign(binding, hashes, true, local, random);
  auto sending = ratchet.install(std::move(keys), epoch);
  enter(PqAnswered{hashes.ek, encapsulated->ciphertext, std::move(signature), std::move(sending)});
  installed(now);
  return Outcome::answered;
}

PqSteps::Outcome PqSteps::on_repeated_key(const PqBinding& binding, const PqRatchet& ratchet,
                                          const v1::PqStep& step, const PeerDevice& peer) {
  const auto& answered = std::get<PqAnswered>(state_);
  const PqStepHashes hashes{
      .epoch = ratchet.installed(), .ek = crypto::sha384(wire::octets(step.ek())), .ct = {}};
  if (hashes.ek == answered.ek_hash) {
    schedule_ = 0;  // the proposer still asks: our ciphertext was lost
    return Outcome::ignored;
  }
  return verify(binding, hashes, false, step, peer) ? Outcome::violation : Outcome::unauthenticated;
}

PqSteps::Outcome PqSteps::on_ciphertext(const PqBinding& binding, PqRatchet& ratchet, const v1::PqStep& step,
                                        const PeerDevice& peer, UnixMs now) {
  const auto& proposed = std::get<PqProposed>(state_);
  if (!equal(wire::octets(step.ek_id()), ByteView(proposed.ek_hash).first(16))) return Outcome::violation;
  const PqStepHashes hashes{
      .epoch = step.epoch(), .ek = proposed.ek_hash, .ct = crypto::sha384(wire::octets(step.ct()))};
  if (!verify(binding, hashes, true, step, peer)) return Outcome::unauthenticated;
  const auto secret = proposed.key.decapsulate(wire::octets(step.ct()));
  if (!secret) return Outcome::violation;
  auto sending =
      ratchet.install(pq_epoch(ratchet.root(), *secret, binding.session, hashes).keys, step.epoch());
  ratchet.switch_sending(std::move(sending), step.epoch());
  enter(PqIdle{});
  installed(now);
  return Outcome::installed;
}

bool PqSteps::take_stall(UnixMs now) {
  if (!has_passed(kPqStallAge, installed_at_, now)) return false;
  if (stall_reported_ || schedule_ < kPqStallMessages || heard_since_ < kPqStallMessages) return false;
  if (std::holds_alternative<PqIdle>(state_) && messages_since_ < kPqTriggerMessages + 2 * kPqStallMessages) {
    return false;
  }
  stall_reported_ = true;
  return true;
}

}  // namespace sotto::session
