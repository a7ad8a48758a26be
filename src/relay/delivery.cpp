#include "relay/delivery.h"

#include <algorithm>
#include <iterator>

namespace sotto::relay {
namespace {

/// Erases the first `count` items; gives the memory back once nothing is left, so that an idle device holds
/// none.
template <typename T>
void drop_front(std::vector<T>& items, std::size_t count) {
  if (count == items.size()) {
    std::vector<T>().swap(items);
  } else {
    items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

std::uint64_t left(std::uint64_t bound, std::uint64_t used) { return bound > used ? bound - used : 0; }

}  // namespace

void Delivery::committed(std::vector<Stored> fresh) {
  if (!caught_up_) return;
  for (const Stored& stored : fresh) tail_octets_ += stored.octets();
  const bool fits = tail_.size() + fresh.size() <= kMaxTailEnvelopes && tail_octets_ <= kMaxTailOctets;
  if (fresh.empty() || !fits) {
    caught_up_ = false;
    tail_octets_ = 0;
    drop_front(tail_, tail_.size());
    return;
  }
  std::ranges::move(fresh, std::back_inserter(tail_));
}

void Delivery::advance_to(const Point& point) {
  const auto above = std::ranges::upper_bound(window_, point.sequence, {}, &Point::sequence);
  drop_front(window_, static_cast<std::size_t>(above - window_.begin()));
  if (point.sequence <= pushed_.sequence) return;
  pushed_ = point;
  std::size_t gone = 0;
  while (gone < tail_.size() && tail_[gone].envelope.sequence <= point.sequence) {
    tail_octets_ -= tail_[gone++].octets();
  }
  drop_front(tail_, gone);
}

std::optional<Point> Delivery::point_at(Sequence sequence) const {
  if (sequence > pushed_.sequence) return std::nullopt;
  const auto above = std::ranges::upper_bound(window_, sequence, {}, &Point::sequence);
  if (above == window_.begin()) return std::nullopt;
  return *std::prev(above);
}

Totals Delivery::room(const Mailbox& mailbox, const Limits& limits) const {
  const Totals& acknowledged = mailbox.acknowledged().totals;
  return {left(limits.window_envelopes, pushed_.totals.envelopes - acknowledged.envelopes),
          left(limits.window_octets, pushed_.totals.octets - acknowledged.octets)};
}

bool Delivery::ready(const Mailbox& mailbox, const Limits& limits) const {
  if (pushed_.sequence >= mailbox.durable().sequence) return false;
  const Totals free = room(mailbox, limits);
  return free.envelopes > 0 && free.octets > 0;
}

RelayResult<std::vector<Envelope>> Delivery::take(const Mailbox& mailbox, storage::Store& store,
                                                  const Limits& limits) {
  const Totals free = room(mailbox, limits);
  if (caught_up_) return take_tail(free);
  return read_page(mailbox, store, free);
}

RelayResult<std::vector<Envelope>> Delivery::read_page(const Mailbox& mailbox, storage::Store& store,
                                                       Totals room) {
  SOTTO_TRY(StoredPage page, mailbox.read_after(store, pushed_.sequence, {room.envelopes, room.octets}));
  std::vector<Envelope> out;
  out.reserve(page.envelopes.size());
  for (Stored& stored : page.envelopes) push(std::move(stored), out);
  caught_up_ = !page.more;
  return out;
}

std::vector<Envelope> Delivery::take_tail(Totals room) {
  std::vector<Envelope> out;
  std::size_t count = 0;
  std::uint64_t octets = 0;
  while (count < tail_.size() && count < room.envelopes && (count == 0 || octets < room.octets)) {
    octets += tail_[count].octets();
    tail_octets_ -= tail_[count].octets();
    push(std::move(tail_[count++]), out);
  }
  drop_front(tail_, count);
  return out;
}

void Delivery::push(Stored stored, std::vector<Envelope>& out) {
  pushed_ = stored.point();
  window_.push_back(pushed_);
  out.push_back(std::move(stored.envelope));
}

}  // namespace sotto::relay
