// The half of Relay that runs between requests: completions, pushes, trims, expiry.
#include <algorithm>
#include <utility>

#include "relay/relay.h"
#include "result/check.h"

namespace sotto::relay {

storage::StorageResult<void> Relay::commit(storage::Batch batch, InFlight what) {
  const std::uint64_t ticket = ++last_ticket_;
  SOTTO_CHECK_OK(store_.commit(std::move(batch), {ticket}));
  in_flight_.emplace(ticket, std::move(what));
  return {};
}

void Relay::on_completion(const storage::Completion& completion) {
  auto node = in_flight_.extract(completion.ticket.value);
  SOTTO_CHECK(!node.empty());
  std::visit([&](auto& what) { complete(what, completion.result.has_value()); }, node.mapped());
}

void Relay::complete(AppendInFlight& append, bool durable) {
  Box& box = *append.box;
  box.mailbox.append_done(append.end, durable);
  DeviceResult& result = append.submission->results[append.target].devices[append.device];
  if (durable) {
    result.accepted = append.accepted;
    counts_.accepted += append.accepted;
    if (box.delivery && append.end.sequence > box.mailbox.acknowledged().sequence) {
      box.delivery->committed(std::move(append.kept));
      schedule_delivery(box);
    }
  } else {
    result = refusal(0, Refusal::storage_unavailable);
    if (box.mailbox.trim_wanted()) schedule_trim(box);
  }
  --append.submission->outstanding;
  finish_if_done(*append.submission);
  mailboxes_.unpin(box);
}

void Relay::complete(TrimInFlight& trim, bool durable) {
  if (!durable) {
    trim.box->mailbox.trim_failed();
    schedule_trim(*trim.box);
  }
  mailboxes_.unpin(*trim.box);
}

void Relay::complete(IndexInFlight& index, bool durable) {
  if (index.box == nullptr) return;
  if (!durable) index.box->mailbox.set_indexed_day(0);
  mailboxes_.unpin(*index.box);
}

void Relay::advance(Box& box, const Point& point) {
  box.mailbox.advance_to(point);
  if (box.delivery) {
    box.delivery->advance_to(point);
    schedule_delivery(box);
  }
  const Totals untrimmed = box.mailbox.untrimmed();
  const bool many = untrimmed.envelopes >= kTrimEnvelopes || untrimmed.octets >= kTrimOctets;
  if (!many || !commit_trim(box)) schedule_trim(box);
}

void Relay::schedule_delivery(Box& box) {
  if (box.delivery_due || !box.delivery) return;
  box.delivery_due = true;
  mailboxes_.pin(box);
  delivery_due_.push_back(&box);
}

void Relay::schedule_trim(Box& box) {
  if (box.trim_due) return;
  box.trim_due = true;
  mailboxes_.pin(box);
  trim_due_.push_back(&box);
}

bool Relay::commit_trim(Box& box) {
  auto batch = box.mailbox.plan_trim();
  if (!batch) return true;
  if (!commit(std::move(*batch), TrimInFlight{&box})) return false;
  mailboxes_.pin(box);
  box.mailbox.trim_queued();
  return true;
}

void Relay::commit_trims(std::size_t max) {
  const std::size_t count = std::min(max, trim_due_.size());
  for (std::size_t i = 0; i < count; ++i) {
    Box& box = *trim_due_.front();
    if (!commit_trim(box)) return;  // the store is overloaded: the rest would be refused as well
    trim_due_.pop_front();
    box.trim_due = false;
    mailboxes_.unpin(box);
  }
}

bool Relay::turn_end() {
  std::size_t pages_left = kMaxPagesPerTurn;
  std::vector<Box*> due = std::exchange(delivery_due_, {});
  for (Box* box : due) {
    if (pages_left == 0) {
      delivery_due_.push_back(box);
      continue;
    }
    box->delivery_due = false;
    pages_left -= deliver(*box, pages_left);
    mailboxes_.unpin(*box);
  }
  return !delivery_due_.empty() && pages_left == 0;
}

std::size_t Relay::deliver(Box& box, std::size_t max_pages) {
  std::size_t pages = 0;
  while (box.delivery && box.delivery->ready(box.mailbox, limits_)) {
    if (box.delivery->must_read() && pages++ == max_pages) {
      schedule_delivery(box);
      return max_pages;
    }
    const auto envelopes = box.delivery->take(box.mailbox, store_, limits_);
    if (!envelopes) {
      schedule_delivery(box);  // the next turn tries again
      break;
    }
    if (envelopes->empty()) break;
    counts_.pushed += envelopes->size();
    output_.deliver(box.mailbox.address(), *envelopes);
  }
  return pages;
}

void Relay::tick(UnixMs now) {
  commit_trims(kMaxTrimsPerTick);
  sweep_expired(now);
}

void Relay::flush() { commit_trims(trim_due_.size()); }

void Relay::index_day(Box& box, UnixMs now) {
  const std::uint32_t today = day_of(now);
  if (box.mailbox.indexed_day() == today) return;
  storage::Batch batch(expiry_partition());
  batch.put(expiry_key(today, box.mailbox.address()), {});
  if (!commit(std::move(batch), IndexInFlight{&box})) return;
  mailboxes_.pin(box);
  box.mailbox.set_indexed_day(today);
}

RelayResult<bool> Relay::expire(Box& box, UnixMs now) {
  if (now.value <= limits_.ttl.value) return false;
  const Point before = box.mailbox.acknowledged();
  SOTTO_CHECK_OK(box.mailbox.expire(store_, {now.value - limits_.ttl.value}));
  const Point after = box.mailbox.acknowledged();
  if (before == after) return false;
  counts_.expired += after.totals.envelopes - before.totals.envelopes;
  advance(box, after);
  return true;
}

void Relay::sweep_expired(UnixMs now) {
  if (now.value <= limits_.ttl.value) return;
  // Every envelope of the days before this one is older than the TTL.
  const Bytes end = expiry_bound(day_of({now.value - limits_.ttl.value}));
  const auto page = store_.scan(expiry_partition(), sweep_cursor_, ByteView(end),
                                {kMaxExpiriesPerTick, storage::kMaxPageOctets});
  if (!page) return;
  for (const storage::Entry& entry : page->entries) {
    const auto indexed = parse_expiry_key(entry.key);
    if (!indexed) continue;
    const auto opened = mailboxes_.open(indexed->second);
    if (!opened) continue;
    const PinnedBox box(mailboxes_, **opened);
    const auto dropped = expire(*box, now);
    if (!dropped || *dropped) continue;  // the entry stays for the next round, until nothing is left
    storage::Batch batch(expiry_partition());
    batch.erase(entry.key);
    (void)commit(std::move(batch), IndexInFlight{nullptr});  // refused: the entry stays for the next round
  }
  sweep_cursor_ = page->more ? page->entries.back().key : Bytes{};
  if (page->more) sweep_cursor_.push_back(0);
}

}  // namespace sotto::relay
