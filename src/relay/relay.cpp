#include "relay/relay.h"

#include <algorithm>
#include <utility>

#include "result/check.h"

namespace sotto::relay {
namespace {

/// What a stale sender needs to know. An empty pair of lists: every addressed device is in the manifest.
TargetResult compare(const Target& target, const CurrentManifest& current) {
  TargetResult result;
  for (const DeviceId& device : current.devices) {
    if (std::ranges::find(target.devices, device, &DeviceEnvelopes::device) == target.devices.end()) {
      result.missing_devices.push_back(device);
    }
  }
  for (const DeviceEnvelopes& addressed : target.devices) {
    if (std::ranges::find(current.devices, addressed.device) == current.devices.end()) {
      result.extra_devices.push_back(addressed.device);
    }
  }
  return result;
}

DurationMs retry_after(Refusal refusal) {
  switch (refusal) {
    case Refusal::none:
    case Refusal::envelope_too_large: return {};
    case Refusal::mailbox_full: return kRetryMailboxFull;
    case Refusal::storage_unavailable: return kRetryStorage;
    case Refusal::overloaded: return kRetryOverloaded;
  }
  return {};
}

std::vector<Stored> copies(const Mailbox::Append& append, const Mailbox::Content& content, UnixMs now) {
  std::vector<Stored> out;
  out.reserve(append.accepted);
  Point point = append.end;
  for (std::size_t i = append.accepted; i-- > 0;) {
    out.push_back(
        {{point.sequence, now, to_bytes(content.envelopes[i]), to_bytes(content.shared_body), content.origin},
         point.totals});
    point = {{point.sequence.value - 1},
             {point.totals.envelopes - 1, point.totals.octets - out.back().octets()}};
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace

Relay::Relay(storage::Store& store, const Limits& limits, Output& output)
    : store_(store), limits_(limits), output_(output), mailboxes_(store, limits.idle_mailboxes) {}

Relay::~Relay() = default;

void Relay::submit(SubmissionId id, std::span<const Target> targets, UnixMs now) {
  auto owned = std::make_unique<Submission>(Submission{id, {}, 1});
  Submission& submission = *owned;
  submissions_.emplace(&submission, std::move(owned));
  submission.results.reserve(targets.size());
  for (const Target& target : targets) submit_target(submission, target, now);
  --submission.outstanding;
  finish_if_done(submission);
}

void Relay::submit_target(Submission& submission, const Target& target, UnixMs now) {
  TargetResult& result = submission.results.emplace_back();
  if (!target.current) {
    result.status = target.retired ? TargetStatus::retired : TargetStatus::no_such_account;
    return;
  }
  TargetResult comparison = compare(target, *target.current);
  if (target.manifest_version != target.current->version || !comparison.extra_devices.empty()) {
    result = std::move(comparison);
    result.status = TargetStatus::stale_manifest;
    result.current_version = target.current->version;
    ++counts_.stale_targets;
    return;
  }
  result.devices.resize(target.devices.size());
  for (std::size_t i = 0; i < target.devices.size(); ++i) {
    result.devices[i] = submit_device(submission, target, i, now);
  }
}

DeviceResult Relay::submit_device(Submission& submission, const Target& target, std::size_t device,
                                  UnixMs now) {
  const DeviceEnvelopes& list = target.devices[device];
  if (list.envelopes.empty()) return {};
  const auto box = mailboxes_.open({target.account, list.device});
  if (!box) return refusal(0, Refusal::storage_unavailable);
  return append(PinnedBox(mailboxes_, **box), submission, target, device, now);
}

DeviceResult Relay::append(PinnedBox box, Submission& submission, const Target& target, std::size_t device,
                           UnixMs now) {
  const Mailbox::Content content{target.devices[device].envelopes, target.shared_body, target.origin};
  index_day(*box, now);
  Mailbox::Append plan = box->mailbox.plan_append(content, now, limits_);
  if (plan.refusal == Refusal::mailbox_full) {
    // A mailbox that cannot be read stays full; whoever reads it next reports the failure.
    (void)expire(*box, now);
    plan = box->mailbox.plan_append(content, now, limits_);
  }
  if (plan.accepted == 0) return refusal(0, plan.refusal);

  AppendInFlight in_flight{&*box,  plan.end,     {}, &submission, submission.results.size() - 1,
                           device, plan.accepted};
  if (box->delivery && box->delivery->caught_up()) {
    in_flight.kept = copies(plan, content, now);
  }
  const auto queued = commit(std::move(plan.batch), std::move(in_flight));
  if (!queued) {
    const bool full = queued.error() == storage::StorageError::overloaded;
    return refusal(0, full ? Refusal::overloaded : Refusal::storage_unavailable);
  }
  mailboxes_.pin(*box);
  ++submission.outstanding;
  box->mailbox.append_queued(plan);
  // The completion fills in how many became durable; what is refused is known now.
  return plan.refusal == Refusal::none ? DeviceResult{} : refusal(0, plan.refusal);
}

void Relay::finish_if_done(Submission& submission) {
  if (submission.outstanding > 0) return;
  const auto node = submissions_.extract(&submission);
  output_.submitted(submission.id, std::move(submission.results));
}

DeviceResult Relay::refusal(std::uint32_t accepted, Refusal reason) {
  switch (reason) {
    case Refusal::none: break;
    case Refusal::mailbox_full: ++counts_.refused_full; break;
    case Refusal::envelope_too_large: ++counts_.refused_too_large; break;
    case Refusal::storage_unavailable: ++counts_.refused_storage; break;
    case Refusal::overloaded: ++counts_.refused_overloaded; break;
  }
  return {accepted, reason, retry_after(reason)};
}

RelayResult<MailboxStatus> Relay::attach(const DeviceAddress& device, UnixMs now) {
  SOTTO_TRY(Box * opened, mailboxes_.open(device));
  const PinnedBox box(mailboxes_, *opened);
  SOTTO_CHECK_OK(expire(*box, now));
  SOTTO_TRY(const MailboxStatus status, status_of(*box));
  if (!box->delivery) {
    mailboxes_.pin(*box);
    ++attached_;
  }
  box->delivery = std::make_unique<Delivery>(box->mailbox);
  schedule_delivery(*box);
  return status;
}

void Relay::detach(const DeviceAddress& device) {
  Box* box = mailboxes_.find(device);
  if (box == nullptr || !box->delivery) return;
  box->delivery.reset();
  --attached_;
  mailboxes_.unpin(*box);
}

void Relay::acknowledge(const DeviceAddress& device, Sequence sequence) {
  Box* box = mailboxes_.find(device);
  if (box == nullptr || !box->delivery) return;
  Mailbox& mailbox = box->mailbox;
  if (sequence <= mailbox.acknowledged().sequence) return;
  const Sequence bounded = std::min(sequence, mailbox.durable().sequence);
  auto point = box->delivery->point_at(bounded);
  if (!point) {
    // Pushed on an earlier connection. If the store cannot be read now, the envelopes are pushed once more.
    const auto read = mailbox.point_at(store_, bounded);
    if (!read) return;
    point = *read;
  }
  const std::uint64_t before = mailbox.acknowledged().totals.envelopes;
  advance(*box, *point);
  counts_.acknowledged += mailbox.acknowledged().totals.envelopes - before;
}

RelayResult<void> Relay::remove(const DeviceAddress& device) {
  detach(device);
  SOTTO_TRY(Box * opened, mailboxes_.open(device));
  const PinnedBox box(mailboxes_, *opened);
  box->mailbox.empty();
  if (!commit_trim(*box)) schedule_trim(*box);
  return {};
}

RelayResult<MailboxStatus> Relay::status(const DeviceAddress& device) {
  SOTTO_TRY(Box * opened, mailboxes_.open(device));
  const PinnedBox box(mailboxes_, *opened);
  return status_of(*box);
}

RelayResult<MailboxStatus> Relay::status_of(const Box& box) {
  const Totals held = box.mailbox.held();
  MailboxStatus status{held.envelopes, held.octets, {}};
  SOTTO_TRY(const StoredPage first,
            box.mailbox.read_after(store_, box.mailbox.acknowledged().sequence, {1, 1}));
  if (!first.envelopes.empty()) status.oldest = first.envelopes.front().envelope.received;
  return status;
}

RelayCounts Relay::counts() const {
  RelayCounts counts = counts_;
  counts.loads = mailboxes_.loads();
  counts.mailboxes = mailboxes_.size();
  counts.attached = attached_;
  return counts;
}

}  // namespace sotto::relay
