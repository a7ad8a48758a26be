#include "relay/mailbox.h"

#include <algorithm>

#include "result/check.h"

namespace sotto::relay {
namespace {

Totals difference(const Totals& later, const Totals& earlier) {
  return {later.envelopes - earlier.envelopes, later.octets - earlier.octets};
}

Sequence next(Sequence sequence) { return {sequence.value + 1}; }

RelayResult<Stored> decode_entry(const storage::Entry& entry) {
  const auto sequence = parse_envelope_key(entry.key);
  if (!sequence) return err(RelayError::corrupt);
  SOTTO_TRY(const EnvelopeRecord record, decode_envelope(entry.value));
  return Stored{
      {*sequence, record.received, to_bytes(record.payload), to_bytes(record.shared_body), record.origin},
      record.totals};
}

RelayResult<Point> decode_point(const storage::Entry& entry) {
  const auto sequence = parse_envelope_key(entry.key);
  if (!sequence) return err(RelayError::corrupt);
  SOTTO_TRY(const EnvelopeRecord record, decode_envelope(entry.value));
  return Point{*sequence, record.totals};
}

RelayError map_error(storage::StorageError error) {
  return error == storage::StorageError::corrupt ? RelayError::corrupt : RelayError::storage_unavailable;
}

RelayResult<storage::Page> scan(storage::Store& store, const DeviceAddress& address, Sequence from,
                                Sequence to, storage::ScanLimits limits) {
  const Bytes end = envelope_key(to);
  auto page = store.scan(mailbox_partition(address), envelope_key(from), ByteView(end), limits);
  if (!page) return err(map_error(page.error()));
  return std::move(*page);
}

constexpr Sequence kEndOfQueue{~std::uint64_t{0}};

}  // namespace

RelayResult<Mailbox> Mailbox::load(storage::Store& store, const DeviceAddress& address) {
  Mailbox mailbox(address);
  const auto stored = store.get(mailbox_partition(address), checkpoint_key());
  if (!stored) return err(map_error(stored.error()));
  if (*stored) {
    SOTTO_TRY(const Checkpoint checkpoint, decode_checkpoint(**stored));
    mailbox.acknowledged_ = checkpoint.acknowledged;
    mailbox.durable_ = mailbox.checkpointed_ = checkpoint.last;
    mailbox.trimmed_ = checkpoint.acknowledged;
    mailbox.indexed_day_ = checkpoint.indexed_day;
  }
  bool more = true;
  while (more) {  // kCheckpointEnvelopes at most, unless checkpoints failed to be written
    SOTTO_TRY(const storage::Page page,
              scan(store, address, next(mailbox.durable_.sequence), kEndOfQueue, {}));
    if (!page.entries.empty()) {
      SOTTO_TRY(mailbox.durable_, decode_point(page.entries.back()));
    }
    more = page.more;
  }
  mailbox.assigned_ = mailbox.durable_;
  return mailbox;
}

Mailbox::Append Mailbox::plan_append(const Content& content, UnixMs now, const Limits& limits) const {
  Append append{storage::Batch(mailbox_partition(address_)), assigned_};
  Totals held_now = held();
  for (const ByteView payload : content.envelopes) {
    const std::uint64_t octets = payload.size() + content.shared_body.size();
    if (payload.size() > limits.max_envelope_octets ||
        content.shared_body.size() > limits.max_shared_body_octets) {
      append.refusal = Refusal::envelope_too_large;
      break;
    }
    if (held_now.envelopes >= limits.mailbox_envelopes || held_now.octets + octets > limits.mailbox_octets) {
      append.refusal = Refusal::mailbox_full;
      break;
    }
    held_now = {held_now.envelopes + 1, held_now.octets + octets};
    append.end.sequence = next(append.end.sequence);
    append.end.totals = {append.end.totals.envelopes + 1, append.end.totals.octets + octets};
    append.batch.put(
        envelope_key(append.end.sequence),
        encode(EnvelopeRecord{now, append.end.totals, payload, content.shared_body, content.origin}));
    ++append.accepted;
  }
  const Totals since = difference(append.end.totals, checkpointed_.totals);
  append.checkpoint = append.accepted > 0 && (checkpoint_wanted_ || since.envelopes >= kCheckpointEnvelopes ||
                                              since.octets >= kCheckpointOctets);
  if (append.checkpoint) add_checkpoint(append.batch, append.end);
  return append;
}

void Mailbox::append_queued(const Append& append) {
  assigned_ = append.end;
  ++appends_in_flight_;
  if (!append.checkpoint) return;
  checkpointed_ = append.end;
  trimmed_ = acknowledged_;
  checkpoint_wanted_ = false;
}

void Mailbox::append_done(Point end, bool durable) {
  SOTTO_CHECK(appends_in_flight_ > 0);
  --appends_in_flight_;
  if (durable) {
    if (durable_.sequence < end.sequence) durable_ = end;
  } else {
    // The lost batch may have carried a checkpoint and a trim.
    checkpoint_wanted_ = true;
    trimmed_ = {};
  }
  // The totals of batches that failed since then held nothing. Their sequences stay used: a failed batch may
  // still be found after a crash.
  if (appends_in_flight_ == 0) assigned_.totals = durable_.totals;
}

void Mailbox::advance_to(const Point& point) {
  if (point.sequence <= acknowledged_.sequence) return;
  acknowledged_ = point;
  if (durable_.sequence < point.sequence) durable_ = point;
  if (assigned_.sequence < point.sequence) assigned_ = point;
}

std::optional<storage::Batch> Mailbox::plan_trim() const {
  if (!trim_wanted()) return std::nullopt;
  storage::Batch batch(mailbox_partition(address_));
  add_checkpoint(batch, durable_);
  return batch;
}

Totals Mailbox::untrimmed() const {
  if (!trim_wanted()) return {};
  return difference(acknowledged_.totals, trimmed_.totals);
}

void Mailbox::add_checkpoint(storage::Batch& batch, const Point& last) const {
  batch.put(checkpoint_key(), encode(Checkpoint{acknowledged_, last, indexed_day_}));
  if (trim_wanted()) batch.trim_up_to(envelope_key(acknowledged_.sequence));
}

RelayResult<StoredPage> Mailbox::read_after(storage::Store& store, Sequence after,
                                            storage::ScanLimits limits) const {
  StoredPage out;
  if (after >= durable_.sequence) return out;
  SOTTO_TRY(const storage::Page page, scan(store, address_, next(after), next(durable_.sequence), limits));
  out.more = page.more;
  out.envelopes.reserve(page.entries.size());
  for (const storage::Entry& entry : page.entries) {
    SOTTO_TRY(Stored stored, decode_entry(entry));
    out.envelopes.push_back(std::move(stored));
  }
  return out;
}

RelayResult<Point> Mailbox::point_at(storage::Store& store, Sequence sequence) const {
  SOTTO_CHECK(sequence <= durable_.sequence);
  if (sequence <= acknowledged_.sequence) return acknowledged_;
  SOTTO_TRY(const storage::Page page, scan(store, address_, sequence, next(durable_.sequence), {1, 1}));
  if (page.entries.empty()) return durable_;
  const auto found = parse_envelope_key(page.entries.front().key);
  if (!found) return err(RelayError::corrupt);
  SOTTO_TRY(const EnvelopeRecord record, decode_envelope(page.entries.front().value));
  return *found == sequence ? Point{sequence, record.totals} : record.before(*found);
}

RelayResult<void> Mailbox::expire(storage::Store& store, UnixMs horizon) {
  if (durable_.sequence <= acknowledged_.sequence) return {};
  SOTTO_TRY(const storage::Page page,
            scan(store, address_, next(acknowledged_.sequence), next(durable_.sequence),
                 {kMaxExpiryScan, storage::kMaxPageOctets}));
  Point last_expired;
  for (const storage::Entry& entry : page.entries) {
    SOTTO_TRY(const EnvelopeRecord record, decode_envelope(entry.value));
    if (record.received > horizon) {
      advance_to(last_expired);
      return {};
    }
    SOTTO_TRY(last_expired, decode_point(entry));
  }
  advance_to(page.more ? last_expired : durable_);
  return {};
}

Totals Mailbox::held() const { return difference(assigned_.totals, acknowledged_.totals); }

void Mailbox::set_indexed_day(std::uint32_t day) {
  indexed_day_ = day;
  checkpoint_wanted_ = true;
}

}  // namespace sotto::relay
