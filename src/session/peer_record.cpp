#include "session/peer_record.h"

#include "bytes/encoder.h"

namespace sotto::session {
namespace {

constexpr std::uint8_t kRecordVersion = 1;
const Bytes kSummaryKey = {'p'};

template <typename Skipped>
void append_run_changes(char kind, const SessionId& session, Skipped& skipped,
                        std::vector<RecordChange>& out) {
  for (const std::uint32_t id : skipped.take_changed()) {
    RecordChange change{PeerRecord::run_key(kind, session, id), std::nullopt};
    if (const auto* run = skipped.run(id)) change.value = SessionRecord::encode(*run);
    out.push_back(std::move(change));
  }
}

}  // namespace

Bytes PeerRecord::session_key(char kind, const SessionId& session) {
  Encoder out(32);
  out.u8(static_cast<std::uint8_t>(kind)).raw(session.view());
  return std::move(out).take();
}

Bytes PeerRecord::run_key(char kind, const SessionId& session, std::uint32_t run) {
  Encoder out(32);
  out.u8(static_cast<std::uint8_t>(kind)).raw(session.view()).u32(run);
  return std::move(out).take();
}

void PeerRecord::append_removal(const Session& session, std::vector<RecordChange>& out) {
  for (const char kind : {'s', 'i', 'q'}) out.push_back({session_key(kind, session.id()), std::nullopt});
  for (const auto& run : session.ec().skipped().runs())
    out.push_back({run_key('e', session.id(), run.id), std::nullopt});
  for (const auto& run : session.pq().skipped().runs())
    out.push_back({run_key('k', session.id(), run.id), std::nullopt});
}

void PeerRecord::append_changes(Session& session, std::vector<RecordChange>& out) {
  out.push_back({session_key('s', session.id()), SessionRecord::encode_core(session)});
  if (session.take_prefix_changed()) {
    out.push_back({session_key('i', session.id()), SessionRecord::encode_prefix(session)});
  }
  if (session.steps().take_changed()) {
    out.push_back({session_key('q', session.id()), SessionRecord::encode_steps(session)});
  }
  append_run_changes('e', session.id(), session.ec().skipped(), out);
  append_run_changes('k', session.id(), session.pq().skipped(), out);
}

void PeerState::SentHash::write(RecordWriter& out) const {
  out.raw(hash).raw(session.view()).u64(sent.value).flag(named);
}

PeerState::SentHash PeerState::SentHash::read(RecordReader& in) {
  SentHash out;
  out.hash = in.array<16>();
  out.session = SessionId(in.array<SessionId::kSize>());
  out.sent = UnixMs{in.u64()};
  out.named = in.flag();
  return out;
}

crypto::SecretBytes PeerRecord::encode_summary(const PeerState& state) {
  RecordWriter out;
  out.u8(kRecordVersion).raw(state.peer_.account.view()).raw(state.peer_.device.view());
  out.raw(state.peer_.account_key.octets()).raw(state.peer_.device_key.octets());
  out.u32(static_cast<std::uint32_t>(state.replacements_.size()));
  for (const auto& replacement : state.replacements_) {
    out.raw(replacement.dead.view()).flag(replacement.carrier.has_value());
    if (replacement.carrier) out.raw(replacement.carrier->view());
  }
  out.flag(state.forced_.has_value());
  if (state.forced_) out.raw(state.forced_->view());
  out.u32(static_cast<std::uint32_t>(state.retired_.size()));
  for (const SessionId& session : state.retired_) out.raw(session.view());
  state.resets_.write(out);
  state.error_inits_.write(out);
  out.flag(state.error_init_due_);
  out.u64(state.error_window_.value).u32(state.errors_in_window_);
  out.u32(static_cast<std::uint32_t>(state.reported_.size()));
  for (const auto& each : state.reported_)
    out.raw(each.message).raw(each.session.view()).u64(each.when.value);
  out.u32(static_cast<std::uint32_t>(state.new_sessions_.size()));
  for (const UnixMs time : state.new_sessions_) out.u64(time.value);
  return out.take();
}

bool PeerRecord::read_summary(const crypto::SecretBytes& record, PeerState& state) {
  RecordReader in(record);
  const bool known = in.u8() == kRecordVersion;
  state.peer_.account = AccountId(in.array<16>());
  state.peer_.device = DeviceId(in.array<16>());
  state.peer_.account_key = crypto::Fingerprint::from_octets(in.array<32>());
  state.peer_.device_key = crypto::Fingerprint::from_octets(in.array<32>());
  const auto read_session = [&in] { return SessionId(in.array<SessionId::kSize>()); };
  for (std::size_t left = in.count(kMaxReplaces, 17); left > 0; --left) {
    PeerState::Replacement replacement{read_session(), std::nullopt};
    if (in.flag()) replacement.carrier = read_session();
    state.replacements_.push_back(replacement);
  }
  if (in.flag()) state.forced_ = read_session();
  for (std::size_t left = in.count(kMaxRetiredSessions, 16); left > 0; --left)
    state.retired_.push_back(read_session());
  state.resets_ = BackOff::read(in);
  state.error_inits_ = BackOff::read(in);
  state.error_init_due_ = in.flag();
  state.error_window_ = UnixMs{in.u64()};
  state.errors_in_window_ = in.u32();
  for (std::size_t left = in.count(kMaxReported, 40); left > 0; --left) {
    const auto message = in.array<16>();
    const auto session = read_session();
    state.reported_.push_back({message, session, UnixMs{in.u64()}});
  }
  for (std::size_t left = in.count(kMaxNewSessionsPerHour, 8); left > 0; --left) {
    state.new_sessions_.push_back(UnixMs{in.u64()});
  }
  return known && in.finished();
}

/// Records by what they belong to.
struct PeerRecord::Sorted {
  const crypto::SecretBytes* summary = nullptr;
  std::map<std::uint8_t, const crypto::SecretBytes*> accepted;
  std::map<std::uint8_t, const crypto::SecretBytes*> sent;
  std::map<SessionId, SessionRecords> sessions;
};

bool PeerRecord::sort(std::span<const StoredRecord> records, Sorted& out) {
  for (const StoredRecord& record : records) {
    Decoder key(record.key);
    const auto kind = static_cast<char>(key.u8());
    const crypto::SecretBytes* value = &record.value;
    if (kind == 'p') {
      out.summary = value;
    } else if (kind == 'a' || kind == 'w') {
      (kind == 'a' ? out.accepted : out.sent)[key.u8()] = value;
    } else {
      SessionRecords& session = out.sessions[SessionId(key.array<SessionId::kSize>())];
      if (kind == 'e' || kind == 'k') {
        key.u32();
        (kind == 'e' ? session.ec_runs : session.pq_runs).push_back(value);
      } else if (kind == 's' || kind == 'i' || kind == 'q') {
        (kind == 's' ? session.core : kind == 'i' ? session.prefix : session.steps) = value;
      } else {
        return false;
      }
    }
    if (!key.finished()) return false;
  }
  return out.summary != nullptr;
}

bool PeerRecord::read_parts(const Sorted& sorted, PeerState& state) {
  for (const auto& [chunk, record] : sorted.accepted) {
    if (!state.accepted_.restore_chunk(chunk, *record)) return false;
  }
  for (const auto& [chunk, record] : sorted.sent) {
    if (!state.sent_.restore_chunk(chunk, *record)) return false;
  }
  if (!state.accepted_.complete() || !state.sent_.complete()) return false;
  for (const auto& [id, parts] : sorted.sessions) {
    auto session = SessionRecord::decode(parts);
    if (!session || session->id() != id) return false;
    state.sessions_.push_back(*std::move(session));
  }
  return state.sessions_.size() <= kMaxReceiveOnlySessions + 1;
}

SessionResult<PeerState> PeerRecord::decode(std::span<const StoredRecord> records) {
  Sorted sorted;
  PeerState out(DeviceIdentity{.account = {},
                               .device = {},
                               .account_key = crypto::Fingerprint::from_octets({}),
                               .device_key = crypto::Fingerprint::from_octets({})});
  if (!sort(records, sorted) || !read_summary(*sorted.summary, out) || !read_parts(sorted, out)) {
    return err(SessionError::corrupt_record);
  }
  out.summary_changed_ = false;
  return out;
}

SessionResult<PeerState> PeerState::load(std::span<const StoredRecord> records) {
  return PeerRecord::decode(records);
}

std::vector<RecordChange> PeerState::take_changes() {
  std::vector<RecordChange> out = std::exchange(removed_, {});
  if (std::exchange(summary_changed_, false)) out.push_back({kSummaryKey, PeerRecord::encode_summary(*this)});
  for (const SessionId& id : std::exchange(touched_, {})) {
    if (Session* session = find(id)) PeerRecord::append_changes(*session, out);
  }
  for (const std::uint8_t chunk : accepted_.take_changed())
    out.push_back({{'a', chunk}, accepted_.encode_chunk(chunk)});
  for (const std::uint8_t chunk : sent_.take_changed())
    out.push_back({{'w', chunk}, sent_.encode_chunk(chunk)});
  return out;
}

}  // namespace sotto::session
