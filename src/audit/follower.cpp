#include "audit/follower.h"

#include <algorithm>
#include <utility>

#include "audit/head_check.h"
#include "audit/history_record.h"
#include "result/check.h"
#include "sotto/v1/stream.pb.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::audit {
namespace {

using transparency::TransparencyError;

constexpr std::uint32_t kProtocolVersion = 1;

const transparency::Hash& empty_list() {
  static const transparency::Hash kHash = transparency::hash_of({}).value();
  return kHash;
}

/// The same request may succeed later.
bool passes(v1::Error::Code code) {
  return code == v1::Error::RATE_LIMITED || code == v1::Error::OVERLOADED ||
         code == v1::Error::STORAGE_UNAVAILABLE || code == v1::Error::LOG_NOT_READY ||
         code == v1::Error::INTERNAL;
}

}  // namespace

Follower::Follower(FollowerStart start, FollowerOptions options, LeafReader leaves,
                   crypto::RandomSource& random)
    : options_(options),
      leaves_(std::move(leaves)),
      random_(random),
      pinned_(std::move(start.pinned)),
      auditor_(std::move(start.auditor)),
      known_(std::move(start.known)) {
  SOTTO_CHECK(pinned_.has_value() == auditor_.has_value());
}

Effects Follower::connected(const std::optional<identity::SpkiHash>& tls_key, UnixMs now) {
  Effects effects;
  disconnected();
  if (finished_) return effects;
  phase_ = Phase::greeting;
  tls_key_ = tls_key;
  v1::ClientFrame frame;
  frame.mutable_hello()->set_protocol_version(kProtocolVersion);
  frame.mutable_hello()->set_client_nonce(wire::field(random_.array<32>()));
  send(Kind::hello, std::move(frame), effects, now);
  return effects;
}

void Follower::disconnected() {
  phase_ = Phase::offline;
  in_flight_.clear();
  pause_ = {};
  polled_.reset();
  target_.reset();
  doubtful_.reset();
  queue_.clear();
  to_submit_.reset();
  submitting_ = options_.witness != nullptr;
  resubmitted_ = false;
  found_right_ = false;
}

Effects Follower::receive(ByteView message, UnixMs now) {
  Effects effects;
  if (finished_ || phase_ == Phase::offline) return effects;
  v1::ServerFrame frame;
  if (!wire::decode(message, wire::kMaxFrameBytes, frame)) {
    fail(AuditError::malformed_answer, effects);
    return effects;
  }
  heard_ = now;
  if (frame.request_id() == 0) {
    // Pushes are for devices; of an error without a request the connection dies.
    if (frame.has_error()) on_error({Kind::hello}, frame.error(), effects, now);
    return effects;
  }
  const auto asked = in_flight_.find(frame.request_id());
  if (asked == in_flight_.end()) {
    fail(AuditError::malformed_answer, effects);
    return effects;
  }
  const Request request = asked->second;
  in_flight_.erase(asked);
  answer(request, frame, effects, now);
  advance(effects, now);
  return effects;
}

Effects Follower::tick(UnixMs now) {
  Effects effects;
  if (finished_ || phase_ == Phase::offline) return effects;
  if (!in_flight_.empty() && has_passed(kAnswerPatience, heard_, now)) {
    fail(AuditError::no_answer, effects);
    return effects;
  }
  advance(effects, now);
  return effects;
}

std::optional<UnixMs> Follower::next_tick() const {
  if (finished_ || phase_ == Phase::offline) return std::nullopt;
  const bool paused = pause_ > DurationMs{};
  const UnixMs ask = paused ? paused_ + pause_ : polled_.value_or(UnixMs{}) + options_.poll_interval;
  if (in_flight_.empty()) return ask;
  const UnixMs give_up = heard_ + kAnswerPatience;
  return paused ? std::min(ask, give_up) : give_up;
}

void Follower::send(Kind kind, v1::ClientFrame frame, Effects& effects, UnixMs now, std::uint64_t epoch) {
  if (in_flight_.empty()) heard_ = now;
  frame.set_request_id(next_id_);
  in_flight_.emplace(next_id_++, Request{kind, epoch});
  effects.frames.push_back(wire::encode(frame));
}

void Follower::fail(AuditError error, Effects& effects) {
  disconnected();
  effects.disconnect = noted(error);
}

void Follower::answer(const Request& request, const v1::ServerFrame& frame, Effects& effects, UnixMs now) {
  if (frame.has_error()) return on_error(request, frame.error(), effects, now);
  using Body = v1::ServerFrame::BodyCase;
  const Body body = frame.body_case();
  if (request.kind == Kind::hello && body == Body::kWelcome) return on_welcome(frame, effects, now);
  if (request.kind == Kind::head && body == Body::kTreeHead) return on_head(frame.tree_head(), effects, now);
  if (request.kind == Kind::path && body == Body::kConsistency) {
    return on_path(frame.consistency(), effects, now);
  }
  if (request.kind == Kind::entries && body == Body::kEntries)
    return on_entries(frame.entries(), effects, now);
  if (request.kind == Kind::mutations && body == Body::kMutations) {
    return on_mutations(request.epoch, frame.mutations(), effects, now);
  }
  if (request.kind == Kind::cosignature && body == Body::kDone) {
    ++counts_.cosignatures_taken;
    return;
  }
  fail(AuditError::malformed_answer, effects);
}

void Follower::on_welcome(const v1::ServerFrame& frame, Effects& effects, UnixMs now) {
  auto said = check_welcome(frame.welcome(), pinned_, tls_key_, now);
  if (!said) return fail(said.error(), effects);
  phase_ = Phase::watching;
  if (pinned_) return;
  auditor_.emplace(said->keys);
  pinned_ = *std::move(said);
  effects.pin = pinned_;
}

void Follower::pause(DurationMs length, UnixMs now) {
  paused_ = now;
  pause_ = std::min(length, kLongestPause);
}

void Follower::on_error(const Request& request, const v1::Error& error, Effects& effects, UnixMs now) {
  const std::string detail = error.detail().substr(0, kMaxShownDetail);
  if (request.kind == Kind::cosignature && error.code() == v1::Error::COSIGNATURE_REJECTED) {
    submitting_ = false;
    ++counts_.cosignatures_refused;
    effects.notices.push_back("the server takes no cosignatures of this witness: " + detail);
    return;
  }
  // A head that the server does not remember any more; there will be newer ones.
  if (request.kind == Kind::cosignature && error.code() == v1::Error::LOG_NOT_READY) return;
  if (!passes(error.code()) || request.kind == Kind::hello) {
    effects.notices.push_back("the server refuses: " + v1::Error::Code_Name(error.code()) + ": " + detail);
    return fail(AuditError::refused, effects);
  }
  pause(error.retry_after_ms() == 0 ? kRetryPause : DurationMs{error.retry_after_ms()}, now);
  if (request.kind == Kind::mutations) queue_[request.epoch - auditor_->size()].asked = false;
  if (request.kind == Kind::cosignature) to_submit_ = known_;
}

void Follower::on_head(const v1::TreeHeadAnswer& answer, Effects& effects, UnixMs now) {
  const auto head = transparency::from_wire(answer.head());
  const auto path =
      transparency::path_from(wire::octets(answer.consistency()), transparency::kMaxConsistencyPath);
  if (!head || !path) return fail(AuditError::malformed_answer, effects);
  polled_ = now;
  const bool seen = known_ && known_->head == head->head && known_->signature == head->signature;
  if (!seen && !transparency::verify(pinned_->keys, *head)) return fail(AuditError::bad_head, effects);
  if (elapsed(now, head->head.time) > transparency::kMaxHeadAge) {
    effects.notices.emplace_back(transparency::describe(TransparencyError::head_from_future));
    return;
  }
  const auto verdict = check_head({pinned_->keys, auditor_->size(), leaves_, known_}, *head, *path);
  if (!verdict) {
    Finding finding = found(verdict.error().kind, verdict.error().rule, now);
    finding.head = *head;
    finding.evidence = verdict.error().evidence;
    return finish(std::move(finding), effects);
  }
  if (*verdict == HeadVerdict::behind) return;
  target_ = transparency::SignedTreeHead{head->head, head->signature, {}};
  const bool doubtful =
      known_ && needs_another_path(known_->head, head->head) &&
      !crypto::consistent(known_->head.size, known_->head.root, head->head.size, head->head.root, *path);
  if (doubtful) doubtful_ = *path;
}

void Follower::on_path(const v1::ConsistencyAnswer& answer, Effects& effects, UnixMs now) {
  const auto path = transparency::path_from(wire::octets(answer.path()), transparency::kMaxConsistencyPath);
  if (!path) return fail(AuditError::malformed_answer, effects);
  const auto doubtful = std::exchange(doubtful_, std::nullopt);
  if (!doubtful || !target_ || !known_) return;
  auto evidence = contradiction(pinned_->keys, *known_, *target_, *doubtful, *path);
  if (!evidence) return;  // the entries will show what it is
  Finding finding = found(FindingKind::head, TransparencyError::forked, now);
  finding.head = target_;
  finding.evidence = std::move(evidence);
  finish(std::move(finding), effects);
}

void Follower::on_entries(const v1::EntriesAnswer& answer, Effects& effects, UnixMs now) {
  if (!target_ || !queue_.empty()) return;
  const std::uint64_t wanted = target_->head.size - auditor_->size();
  if (answer.entries_size() == 0) {
    // The log signed more than it shows: nothing can be said about it before it does.
    pause(options_.poll_interval, now);
    effects.notices.emplace_back("the log signed more entries than it shows; asking again");
    return;
  }
  for (const std::string& octets : answer.entries()) {
    if (queue_.size() == wanted) break;
    const auto entry = transparency::Entry::parse(wire::octets(octets));
    if (!entry) return fail(AuditError::malformed_answer, effects);
    queue_.push_back({.entry = *entry, .mutations = {}, .complete = entry->mutations == empty_list()});
  }
}

void Follower::on_mutations(std::uint64_t epoch, const v1::MutationsAnswer& answer, Effects& effects,
                            UnixMs) {
  if (epoch < auditor_->size() || epoch - auditor_->size() >= queue_.size()) return;
  Pending& pending = queue_[epoch - auditor_->size()];
  const auto page = transparency::parse_mutations(wire::octets(answer.mutations()));
  if (!page || (page->empty() && answer.more())) return fail(AuditError::malformed_answer, effects);
  pending.mutations.insert(pending.mutations.end(), page->begin(), page->end());
  pending.asked = false;
  ++pending.page;
  // A list that is too long is not fetched to its end: it is wrong already.
  pending.complete = !answer.more() || pending.mutations.size() > transparency::kMaxMutations;
}

}  // namespace sotto::audit
