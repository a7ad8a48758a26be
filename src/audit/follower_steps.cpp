// What a follower does with what it has, and what it asks for next.
#include <algorithm>
#include <utility>

#include "audit/follower.h"
#include "audit/history_record.h"
#include "sotto/v1/stream.pb.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::audit {

using transparency::TransparencyError;

void Follower::advance(Effects& effects, UnixMs now) {
  if (phase_ != Phase::watching || finished_) return;
  while (!queue_.empty() && queue_.front().complete) {
    if (!follow_next(effects, now)) return;
  }
  if (target_ && auditor_->size() == target_->head.size) admit_target(effects, now);
  if (finished_) return;
  take_snapshot(effects);
  ask(effects, now);
}

bool Follower::follow_next(Effects& effects, UnixMs now) {
  Pending& next = queue_.front();
  if (const auto followed = auditor_->follow(next.entry, next.mutations); !followed) {
    Finding finding = found(FindingKind::entry, followed.error(), now);
    finding.head = target_;
    finding.entry = next.entry;
    next.mutations.resize(std::min(next.mutations.size(), transparency::kMaxMutations));
    finding.mutations = std::move(next.mutations);
    finish(std::move(finding), effects);
    return false;
  }
  const Bytes record = encode(next.entry, next.mutations);
  effects.history.insert(effects.history.end(), record.begin(), record.end());
  history_since_snapshot_ += record.size();
  queue_.pop_front();
  return keeps_promise(effects, now);
}

/// After files were lost the log is followed again. Where the known head was, the root has to be the same.
bool Follower::keeps_promise(Effects& effects, UnixMs now) {
  if (!known_ || known_->head.size != auditor_->size() || known_->head.root == auditor_->root()) return true;
  Finding finding = found(FindingKind::head, TransparencyError::wrong_root, now);
  finding.head = target_;
  finish(std::move(finding), effects);
  return false;
}

void Follower::admit_target(Effects& effects, UnixMs now) {
  const transparency::SignedTreeHead head = *std::exchange(target_, std::nullopt);
  const auto admitted = auditor_->admit(head, now);
  if (!admitted && auditor_->violation()) {
    Finding finding = found(FindingKind::head, admitted.error(), now);
    finding.head = head;
    return finish(std::move(finding), effects);
  }
  if (!admitted) return fail(AuditError::bad_head, effects);
  found_right_ = true;
  if (known_ && known_->head == head.head && known_->signature == head.signature) {
    // Found right before; after a reconnect the server may not have its cosignature yet.
    if (!std::exchange(resubmitted_, true)) to_submit_ = known_;
    return;
  }
  ++counts_.heads;
  known_ = head;
  if (options_.witness != nullptr) {
    known_->cosignatures = {transparency::cosign(head.head, *options_.witness, random_)};
    to_submit_ = known_;
  }
  resubmitted_ = true;
  effects.head = known_;
}

void Follower::ask(Effects& effects, UnixMs now) {
  if (!has_passed(pause_, paused_, now)) return;
  pause_ = {};
  if (to_submit_ && submitting_ && !to_submit_->cosignatures.empty()) {
    v1::ClientFrame frame;
    frame.mutable_submit_cosignature()->set_head(wire::field(to_submit_->head.encoded()));
    transparency::to_wire(to_submit_->cosignatures.front(),
                          *frame.mutable_submit_cosignature()->mutable_cosignature());
    send(Kind::cosignature, std::move(frame), effects, now);
  }
  to_submit_.reset();
  if (doubtful_) {
    if (is_asking(Kind::path)) return;
    v1::ClientFrame frame;
    frame.mutable_fetch_consistency()->set_first_size(known_->head.size + 1);
    frame.mutable_fetch_consistency()->set_second_size(target_->head.size);
    return send(Kind::path, std::move(frame), effects, now);
  }
  if (target_) return ask_for_lists(effects, now);
  if (is_asking(Kind::head) || (polled_ && !has_passed(options_.poll_interval, *polled_, now))) return;
  v1::ClientFrame frame;
  frame.mutable_fetch_tree_head()->set_known_size(known_ ? known_->head.size : 0);
  send(Kind::head, std::move(frame), effects, now);
}

void Follower::ask_for_lists(Effects& effects, UnixMs now) {
  if (queue_.empty()) {
    if (is_asking(Kind::entries)) return;
    v1::ClientFrame frame;
    frame.mutable_fetch_entries()->set_first_epoch(auditor_->size());
    return send(Kind::entries, std::move(frame), effects, now);
  }
  // Only the lists that are needed next, and later pages only of the very next one: so that a server that
  // keeps one back cannot fill our memory with the others.
  const std::size_t window = std::min(queue_.size(), kMaxListRequests);
  for (std::size_t i = 0; i < window; ++i) {
    Pending& pending = queue_[i];
    if (pending.complete || pending.asked || (i > 0 && pending.page > 0)) continue;
    pending.asked = true;
    v1::ClientFrame frame;
    frame.mutable_fetch_mutations()->set_epoch(auditor_->size() + i);
    frame.mutable_fetch_mutations()->set_page(pending.page);
    send(Kind::mutations, std::move(frame), effects, now, auditor_->size() + i);
  }
}

bool Follower::is_asking(Kind kind) const {
  return std::ranges::any_of(in_flight_, [kind](const auto& entry) { return entry.second.kind == kind; });
}

void Follower::take_snapshot(Effects& effects) {
  if (history_since_snapshot_ < std::max(kSnapshotAfter, snapshot_octets_)) return;
  effects.snapshot = snapshot();
}

std::optional<Bytes> Follower::snapshot() {
  if (!auditor_ || finished_ || auditor_->violation()) return std::nullopt;
  Bytes out = auditor_->saved();
  snapshot_octets_ = out.size();
  history_since_snapshot_ = 0;
  return out;
}

FollowerStatus Follower::status() const {
  FollowerStatus out = counts_;
  out.greeted = phase_ == Phase::watching;
  out.caught_up = out.greeted && found_right_ && !target_ && !to_submit_ && in_flight_.empty();
  out.followed = auditor_ ? auditor_->size() : 0;
  out.leaves = auditor_ ? auditor_->leaves() : 0;
  out.target = target_ ? target_->head.size : 0;
  return out;
}

Finding Follower::found(FindingKind kind, TransparencyError rule, UnixMs now) const {
  return {.kind = kind,
          .rule = rule,
          .keys = pinned_->keys,
          .followed = auditor_->size(),
          .found = now,
          .known = known_,
          .head = {},
          .entry = {},
          .mutations = {},
          .evidence = {}};
}

void Follower::finish(Finding finding, Effects& effects) {
  disconnected();
  finished_ = true;
  effects.finding = std::move(finding);
}

}  // namespace sotto::audit
