#include "session/session_record.h"

#include "crypto/hash.h"

namespace sotto::session {
namespace {

constexpr std::uint8_t kRecordVersion = 1;
enum class StateTag : std::uint8_t { proposed = 1, answered = 2 };

template <typename Chain>
void write_chain(RecordWriter& out, const Chain& chain) {
  out.secret(chain.key).u32(chain.next);
}

template <typename Chain, typename Key>
Chain read_chain(RecordReader& in) {
  auto key = in.secret<Key>();
  const std::uint32_t next = in.u32();
  if (next > kMaxCounter) in.fail();
  return Chain{std::move(key), next};
}

template <std::size_t N>
void write_optional(RecordWriter& out, const std::optional<ByteArray<N>>& value) {
  out.flag(value.has_value());
  if (value) out.raw(*value);
}

template <std::size_t N>
std::optional<ByteArray<N>> read_optional(RecordReader& in) {
  if (!in.flag()) return std::nullopt;
  return in.array<N>();
}

void write(RecordWriter& out, const PqSignature& signature) {
  out.raw(signature.ecdsa);
  write_optional(out, signature.ml_dsa);
}

PqSignature read_signature(RecordReader& in) {
  PqSignature out{.ecdsa = in.array<crypto::kEcdsaSignatureSize>(), .ml_dsa = std::nullopt};
  out.ml_dsa = read_optional<crypto::kMlDsa65SignatureSize>(in);
  return out;
}

void write_name(RecordWriter& out, const RatchetKeyOctets& name) { out.raw(name); }
void write_name(RecordWriter& out, std::uint32_t name) { out.u32(name); }
void read_name(RecordReader& in, RatchetKeyOctets& name) { name = in.array<crypto::kP256PublicKeySize>(); }
void read_name(RecordReader& in, std::uint32_t& name) { name = in.u32(); }

template <typename Run>
crypto::SecretBytes encode_run(const Run& run) {
  RecordWriter out;
  out.u8(kRecordVersion).u32(run.id);
  write_name(out, run.chain);
  out.u32(run.first).u64(run.stored.value).u32(static_cast<std::uint32_t>(run.keys.size()));
  for (const auto& key : run.keys) {
    out.flag(key.has_value());
    if (key) out.secret(*key);
  }
  return out.take();
}

template <typename Kind>
bool restore_run(const crypto::SecretBytes& record, SkippedKeys<Kind>& skipped) {
  RecordReader in(record);
  typename SkippedKeys<Kind>::Run run;
  const bool known = in.u8() == kRecordVersion;
  run.id = in.u32();
  read_name(in, run.chain);
  run.first = in.u32();
  run.stored = UnixMs{in.u64()};
  const std::size_t count = in.count(SkippedKeys<Kind>::kRunLength, 1);
  for (std::size_t i = 0; i < count; ++i) {
    if (in.flag()) {
      run.keys.emplace_back(in.secret<typename Kind::MessageKey>());
    } else {
      run.keys.emplace_back();
    }
  }
  return known && in.finished() && skipped.restore(std::move(run));
}

}  // namespace

void SessionRecord::write(RecordWriter& out, const EcRatchet& ec) {
  out.secret(ec.root_).flag(ec.own_.has_value());
  if (ec.own_) out.secret(ec.own_->scalar());
  out.flag(ec.peer_.has_value());
  if (ec.peer_) out.raw(ec.peer_->encoded());
  out.flag(ec.sending_.has_value());
  if (ec.sending_) write_chain(out, *ec.sending_);
  out.u32(ec.pn_).flag(ec.receiving_.has_value());
  if (ec.receiving_) write_chain(out, *ec.receiving_);
}

std::optional<EcRatchet> SessionRecord::read_ec(RecordReader& in) {
  EcRatchet out(in.secret<RootKey>());
  if (in.flag()) {
    auto own = crypto::P256PrivateKey::from_scalar(in.secret<crypto::P256Scalar>());
    if (!own) return std::nullopt;
    out.own_ = *std::move(own);
  }
  if (in.flag()) {
    auto peer = crypto::P256PublicKey::decode(in.raw(crypto::kP256PublicKeySize));
    if (!peer) return std::nullopt;
    out.peer_ = *std::move(peer);
  }
  if (in.flag()) out.sending_ = read_chain<SendingChain<EcChainKind>, EcChainKey>(in);
  out.pn_ = in.u32();
  if (in.flag()) out.receiving_ = read_chain<ReceivingChain<EcChainKind>, EcChainKey>(in);
  // A side that sends has a key of its own; one that receives knows the peer's; one of the two holds at
  // least.
  const bool whole = (!out.sending_ || out.own_) && out.peer_.has_value() == out.receiving_.has_value() &&
                     (out.sending_ || out.peer_);
  if (!whole) return std::nullopt;
  return out;
}

void SessionRecord::write(RecordWriter& out, const PqRatchet& pq) {
  out.secret(pq.root_).u32(pq.send_epoch_);
  write_chain(out, pq.sending_);
  out.u32(pq.previous_sent_).u32(pq.receive_epoch_);
  write_chain(out, pq.receiving_);
  out.flag(pq.next_.has_value());
  if (pq.next_) write_chain(out, *pq.next_);
}

PqRatchet SessionRecord::read_pq(RecordReader& in, Direction mine) {
  auto root = in.secret<PqRootKey>();
  PqRatchet out({std::move(root), PqChainKey::copy_of(ByteArray<48>{}), PqChainKey::copy_of(ByteArray<48>{})},
                mine);
  out.send_epoch_ = in.u32();
  out.sending_ = read_chain<SendingChain<PqChainKind>, PqChainKey>(in);
  out.previous_sent_ = in.u32();
  out.receive_epoch_ = in.u32();
  out.receiving_ = read_chain<ReceivingChain<PqChainKind>, PqChainKey>(in);
  if (in.flag()) out.next_ = read_chain<ReceivingChain<PqChainKind>, PqChainKey>(in);
  return out;
}

void SessionRecord::write(RecordWriter& out, const PqSteps& steps) {
  out.u32(steps.schedule_).u32(steps.messages_since_).u64(steps.installed_at_.value).flag(steps.peer_wants_);
  write_optional(out, steps.claimed_ek1_);
  out.u32(steps.heard_since_).flag(steps.stall_reported_);
}

PqSteps SessionRecord::read_steps(RecordReader& in) {
  PqSteps out(UnixMs{}, std::nullopt);
  out.schedule_ = in.u32();
  out.messages_since_ = in.u32();
  out.installed_at_ = UnixMs{in.u64()};
  out.peer_wants_ = in.flag();
  out.claimed_ek1_ = read_optional<48>(in);
  out.heard_since_ = in.u32();
  out.stall_reported_ = in.flag();
  return out;
}

crypto::SecretBytes SessionRecord::encode_core(const Session& session) {
  RecordWriter out;
  out.u8(kRecordVersion).raw(session.id_.view()).u8(static_cast<std::uint8_t>(session.mine_));
  out.raw(session.transcript_)
      .raw(session.init_hash_)
      .u64(session.created_.value)
      .u64(session.last_used_.value);
  out.flag(session.last_resort_)
      .flag(session.heard_)
      .flag(session.dead_)
      .flag(session.acknowledged_elsewhere_);
  out.flag(session.auth_needed_);
  write_optional(out, session.auth_);
  write(out, session.ec_);
  write(out, session.pq_);
  write(out, session.steps_);
  return out.take();
}

std::optional<crypto::SecretBytes> SessionRecord::encode_prefix(const Session& session) {
  if (session.prefix_.empty()) return std::nullopt;
  RecordWriter out;
  out.raw(session.prefix_);
  return out.take();
}

std::optional<crypto::SecretBytes> SessionRecord::encode_steps(const Session& session) {
  RecordWriter out;
  if (const auto* proposed = std::get_if<PqProposed>(&session.steps_.state_)) {
    out.u8(static_cast<std::uint8_t>(StateTag::proposed)).secret(proposed->key.seed());
    session::write(out, proposed->signature);
    return out.take();
  }
  if (const auto* answered = std::get_if<PqAnswered>(&session.steps_.state_)) {
    out.u8(static_cast<std::uint8_t>(StateTag::answered)).raw(answered->ek_hash).raw(answered->ciphertext);
    session::write(out, answered->signature);
    write_chain(out, answered->sending);
    return out.take();
  }
  return std::nullopt;
}

bool SessionRecord::read_state(const crypto::SecretBytes& record, PqSteps& steps) {
  RecordReader in(record);
  const auto tag = static_cast<StateTag>(in.u8());
  if (tag == StateTag::proposed) {
    auto key = crypto::MlKem768DecapsulationKey::from_seed(in.secret<crypto::MlKemSeed<crypto::MlKem768>>());
    const auto hash = crypto::sha384(key.encapsulation_key());
    steps.state_ = PqProposed{std::move(key), hash, read_signature(in)};
  } else if (tag == StateTag::answered) {
    const auto ek_hash = in.array<48>();
    const auto ciphertext = in.array<crypto::MlKem768::kCiphertextSize>();
    auto signature = read_signature(in);
    steps.state_ = PqAnswered{ek_hash, ciphertext, std::move(signature),
                              read_chain<SendingChain<PqChainKind>, PqChainKey>(in)};
  } else {
    return false;
  }
  return in.finished();
}

crypto::SecretBytes SessionRecord::encode(const SkippedKeys<EcChainKind>::Run& run) {
  return encode_run(run);
}
crypto::SecretBytes SessionRecord::encode(const SkippedKeys<PqChainKind>::Run& run) {
  return encode_run(run);
}

bool SessionRecord::restore_runs(const SessionRecords& records, Session& session) {
  for (const auto* run : records.ec_runs) {
    if (!restore_run(*run, session.ec_.skipped_)) return false;
  }
  for (const auto* run : records.pq_runs) {
    if (!restore_run(*run, session.pq_.skipped_)) return false;
  }
  return true;
}

bool SessionRecord::consistent(const Session& session) {
  const PqRatchet& pq = session.pq_;
  if (pq.receive_epoch_ >= kMaxCounter || pq.send_epoch_ > pq.installed()) return false;
  // An answered epoch is installed for receiving and not yet sent under.
  const bool answered = std::holds_alternative<PqAnswered>(session.steps_.state_);
  return !answered || (pq.next_.has_value() && pq.send_epoch_ + 1 == pq.installed());
}

SessionResult<Session> SessionRecord::decode(const SessionRecords& records) {
  if (records.core == nullptr) return err(SessionError::corrupt_record);
  RecordReader in(*records.core);
  const bool known = in.u8() == kRecordVersion;
  const SessionId id(in.array<SessionId::kSize>());
  const std::uint8_t direction = in.u8();
  if (!known || direction > 1) return err(SessionError::corrupt_record);
  const auto mine = static_cast<Direction>(direction);
  const auto transcript = in.array<48>();
  const auto init_hash = in.array<48>();
  const UnixMs created{in.u64()};
  const UnixMs last_used{in.u64()};
  const bool last_resort = in.flag();
  const bool heard = in.flag();
  const bool dead = in.flag();
  const bool acknowledged_elsewhere = in.flag();
  const bool auth_needed = in.flag();
  const auto auth = read_optional<crypto::kEcdsaSignatureSize>(in);
  auto ec = read_ec(in);
  if (!ec) return err(SessionError::corrupt_record);
  auto pq = read_pq(in, mine);
  auto steps = read_steps(in);
  if (!in.finished()) return err(SessionError::corrupt_record);
  if (records.steps != nullptr && !read_state(*records.steps, steps))
    return err(SessionError::corrupt_record);
  steps.changed_ = false;
  Session out(Session::Restored{id, mine, transcript, init_hash, created, last_used, last_resort},
              *std::move(ec), std::move(pq), std::move(steps));
  out.heard_ = heard;
  out.dead_ = dead;
  out.acknowledged_elsewhere_ = acknowledged_elsewhere;
  out.auth_needed_ = auth_needed;
  out.auth_ = auth;
  if (records.prefix != nullptr) out.prefix_ = to_bytes(SecretCodec::view(*records.prefix));
  out.prefix_changed_ = false;
  const bool auth_possible = !auth_needed || (out.ec_.own_key() != nullptr && out.ec_.peer_key() != nullptr);
  if (!auth_possible || !consistent(out) || !restore_runs(records, out))
    return err(SessionError::corrupt_record);
  return out;
}

}  // namespace sotto::session
