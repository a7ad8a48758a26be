// Taking submissions, keeping time, witnesses. Epochs are in epoch.cpp, answers in lookups.cpp, opening in
// recovery.cpp.
#include "transparency_log/log.h"

#include <algorithm>
#include <set>

#include "result/check.h"
#include "storage/batch.h"

namespace sotto::transparency_log {
namespace {

/// How long after a failed write it is tried again.
constexpr DurationMs kRetryInterval = seconds(1);
/// Well before the hour that clients and witnesses are promised.
constexpr DurationMs kResignAfter = {transparency::kHeadInterval.value / 2};

bool plain(const storage::Batch& effect) {
  return effect.trims.empty() && !effect.expected && !is_ours(effect.partition) &&
         storage::checked_octets(effect);
}

/// The octets a submission keeps in memory; none if it breaks a bound.
std::optional<std::size_t> checked_octets(const Submission& submission) {
  const auto& [changes, effects] = submission;
  if (changes.empty() || changes.size() > kMaxChanges || effects.size() > kMaxEffects) return std::nullopt;
  if (!std::ranges::all_of(effects, plain)) return std::nullopt;
  std::set<Label> labels;
  std::size_t octets = 0;
  for (const Change& change : changes) {
    if (change.value.size() > transparency::kMaxValue || !labels.insert(change.label).second)
      return std::nullopt;
    octets += change.value.size();
  }
  for (const storage::Batch& effect : effects) octets += *storage::checked_octets(effect);
  return octets;
}

}  // namespace

Log::Log(storage::Store& store, const crypto::HybridPrivateKey& identity, const crypto::VrfPrivateKey& vrf,
         crypto::RandomSource& random, Options options)
    : store_(store),
      random_(random),
      identity_(identity),
      vrf_(vrf),
      keys_{identity.public_key(), vrf.public_key()},
      id_(transparency::log_id(keys_)),
      options_(std::move(options)),
      map_(store),
      writer_(store) {
  SOTTO_CHECK(options_.max_mutations >= kMaxChanges && options_.max_mutations <= transparency::kMaxMutations);
}

Log::~Log() = default;

bool Log::ready() const { return last_ && !(epoch_ && epoch_->recovered); }

void Log::submit(Submission submission, Reply reply) {
  const auto octets = checked_octets(submission);
  if (!octets) return reply(err(LogError::malformed));
  const std::size_t count = submission.changes.size();
  if (waiting_changes_ + count > kMaxWaitingChanges || waiting_octets_ + *octets > kMaxWaitingOctets) {
    return reply(err(LogError::overloaded));
  }
  Waiting waiting{.changes = {}, .effects = std::move(submission.effects), .octets = *octets, .reply = {}};
  for (Change& change : submission.changes) {
    auto prepared = prepare(std::move(change));
    if (!prepared) return reply(err(prepared.error()));
    waiting.changes.push_back(*std::move(prepared));
  }
  for (const PreparedChange& change : waiting.changes) busy_labels_.insert(change.label);
  waiting.reply = std::move(reply);
  waiting_changes_ += count;
  waiting_octets_ += *octets;
  waiting_.push_back(std::move(waiting));
}

LogResult<Log::PreparedChange> Log::prepare(Change change) {
  PreparedChange out{
      .label = hash_of(change.label), .value = std::move(change.value), .wanted_version = change.version};
  SOTTO_TRY(const auto record, read_label(out.label));
  out.vrf = record ? record->vrf : vrf_.prove(change.label.alpha());
  out.key = crypto::vrf_output(out.vrf);
  // What waits or is on its way may be another version of this label.
  if (!busy_labels_.contains(out.label)) out.newest_version = record ? record->version : 0;
  return out;
}

std::optional<UnixMs> Log::due() const {
  std::optional<UnixMs> out;
  const auto at = [&out](UnixMs time) { out = out ? std::min(*out, time) : time; };
  if (failed_at_ || writer_.state() == WaveWriter::State::waiting) {
    at(failed_at_ ? *failed_at_ + kRetryInterval : UnixMs{0});
  }
  if (head_) at(head_->head.time + kResignAfter);
  if (phase_ == Phase::idle && !waiting_.empty() && !failed_at_) {
    at(last_close_ ? *last_close_ + options_.epoch_interval : UnixMs{0});
  }
  return out;
}

void Log::tick(UnixMs now) {
  // A clock that went back must not stop the log.
  const auto is_due = [now](UnixMs since, DurationMs length) {
    return now < since || elapsed(since, now) >= length;
  };
  if (!failed_at_ || is_due(*failed_at_, kRetryInterval)) {
    failed_at_.reset();
    writer_.retry();
    advance(now);
  }
  if (phase_ == Phase::idle && !failed_at_) {
    const bool rested = !last_close_ || is_due(*last_close_, options_.epoch_interval);
    if (!last_ || (!waiting_.empty() && rested)) close_epoch(now);
  }
  if (head_ && elapsed(head_->head.time, now) >= kResignAfter) sign_head(now);
}

void Log::on_completion(const storage::Completion& completion, UnixMs now) {
  writer_.on_completion(completion);
  advance(now);
}

void Log::advance(UnixMs now) {
  switch (writer_.state()) {
    case WaveWriter::State::writing: return;
    case WaveWriter::State::waiting:
      if (!failed_at_) failed_at_ = now;
      return;
    case WaveWriter::State::given_up:
      if (phase_ == Phase::committing) {
        failed_at_ = now;
        abandon(LogError::storage_unavailable);
      }
      return;
    case WaveWriter::State::idle:
      if (phase_ == Phase::committing) return committed(now);
      if (phase_ == Phase::applying) applied();
      return;
  }
}

void Log::sign_head(UnixMs now) {
  UnixMs time = std::max(now, last_->time);
  if (head_) time = std::max(time, head_->head.time);
  head_ = transparency::sign({id_, size(), peaks_.root(), time}, identity_, random_);
  if (recent_heads_.size() >= kRecentHeads) recent_heads_.pop_front();
  recent_heads_.push_back(*head_);
}

LogResult<void> Log::add_cosignature(const transparency::TreeHead& head,
                                     const transparency::Cosignature& cosignature) {
  const auto recent = std::ranges::find(recent_heads_, head, &transparency::SignedTreeHead::head);
  const auto witness =
      std::ranges::find(options_.witnesses, cosignature.witness, &crypto::HybridPublicKey::fingerprint);
  if (recent == recent_heads_.end() || witness == options_.witnesses.end() ||
      !witness->verify(head.encoded(), cosignature.signature)) {
    return err(LogError::bad_cosignature);
  }
  auto& cosignatures = recent->cosignatures;
  std::erase_if(cosignatures, [&](const auto& other) { return other.witness == cosignature.witness; });
  if (cosignatures.size() >= transparency::kMaxCosignatures) return err(LogError::bad_cosignature);
  cosignatures.push_back(cosignature);
  const bool newer = !cosigned_ || cosigned_->head.size <= head.size;
  if (newer) cosigned_ = *recent;
  if (head_->head == head) head_ = *recent;
  return {};
}

}  // namespace sotto::transparency_log
