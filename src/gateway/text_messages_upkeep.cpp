// The half of TextMessages that runs between requests: what a start finds, what is tried again, what ends.
#include <algorithm>

#include "gateway/sms_limits.h"
#include "gateway/text_messages.h"

namespace sotto::gateway {
namespace {

constexpr std::size_t kErasedAtOnce = 1'000;
/// An account whose mailboxes take nothing until a day after the end is not told any more.
constexpr DurationMs kToldWithin{kTextKept.value + days(1).value};

/// Calls `take` for every entry from `from` on whose key begins with the same octet.
template <typename Take>
SmsResult<void> for_each(storage::Store& store, const Bytes& from, Take take) {
  const Bytes end{static_cast<std::uint8_t>(from[0] + 1)};
  Bytes next = from;
  for (bool more = true; more;) {
    const auto page = store.scan(sms_partition(), next, ByteView(end), {});
    if (!page) return err(sms_error_of(page.error()));
    for (const storage::Entry& entry : page->entries) {
      if (!take(entry)) return err(SmsError::corrupt);
      next = entry.key;
      next.push_back(0);
    }
    more = page->more;
  }
  return {};
}

}  // namespace

SmsResult<void> TextMessages::ready(UnixMs now) {
  if (loaded_) return {};
  return load(now);
}

SmsResult<void> TextMessages::load_texts() {
  return for_each(store_, first_text_key(), [&](const storage::Entry& entry) {
    const auto ref = ref_of(entry.key);
    auto record = decode_text(entry.value);
    if (!ref || !record) return false;
    add(*ref, {.record = *std::move(record), .writing = false});
    return true;
  });
}

SmsResult<void> TextMessages::load_routes() {
  return for_each(store_, first_route_key(), [&](const storage::Entry& entry) {
    const auto route = decode_route(entry.value);
    if (route) routes_.put(*route);
    return route.has_value();
  });
}

SmsResult<void> TextMessages::load(UnixMs now) {
  texts_.clear();
  by_id_.clear();
  ends_.clear();
  SOTTO_CHECK_OK(load_routes());
  SOTTO_CHECK_OK(load_texts());
  std::vector<const TextRecord*> by_time;
  for (const auto& [ref, text] : texts_) {
    by_time.push_back(&text.record);
    if (text.record.state == SmsState::waiting) due_.emplace(now, ref);
    if (text.record.owed) restless_.insert(ref);
  }
  std::ranges::sort(by_time, {}, &TextRecord::accepted);
  for (const TextRecord* text : by_time) budget_.charge(text->account, text->parts, text->accepted);
  loaded_ = true;
  return {};
}

void TextMessages::tick(UnixMs now) {
  if (rules_.numbers.empty() || !ready(now)) return;
  budget_.tick(now);
  hand_over(now);
  if (now >= next_look_) look_after(now);
  end(now);
}

void TextMessages::look_after(UnixMs now) {
  next_look_ = now + kSmsRetry;
  const std::vector<SmsRef> restless(restless_.begin(), restless_.end());
  for (const SmsRef& ref : restless) {
    const Text& text = texts_.at(ref);
    if (text.unsaved) {
      save(ref, [](const auto&) {});
    } else if (text.record.owed) {
      tell(ref);
    } else {
      restless_.erase(ref);
    }
  }
  std::vector<Bytes> expired;
  for (const RouteRecord& route : routes_.take_expired(now)) {
    expired.push_back(route_key(route.number, route.peer));
  }
  erase(expired);
}

void TextMessages::erase(const std::vector<Bytes>& keys) {
  for (std::size_t first = 0; first < keys.size(); first += kErasedAtOnce) {
    storage::Batch batch(sms_partition());
    const std::size_t end = std::min(keys.size(), first + kErasedAtOnce);
    for (std::size_t i = first; i < end; ++i) batch.erase(keys[i]);
    // What a failure leaves behind is found at the next start.
    commits_.commit(std::move(batch), [](const auto&) {});
  }
}

void TextMessages::end(UnixMs now) {
  while (!ends_.empty() && ends_.begin()->first <= now) {
    const SmsRef ref = ends_.begin()->second;
    ends_.erase(ends_.begin());
    const auto found = texts_.find(ref);
    if (found == texts_.end()) continue;
    const Text& text = found->second;
    if (!is_final(text.record.state)) become(ref, SmsState::no_report, now, [](const auto&) {});
    const bool hopeless = has_passed(kToldWithin, text.record.accepted, now);
    if (text.writing || ((text.unsaved || text.record.owed) && !hopeless)) {
      ends_.emplace(now + kSmsRetry, ref);
      continue;
    }
    drop(ref);
    erase({text_key(ref)});
  }
}

void TextMessages::forget(const identity::AccountId& account) {
  std::vector<Bytes> keys;
  for (const RouteRecord& route : routes_.of(account)) {
    keys.push_back(route_key(route.number, route.peer));
    routes_.erase(route);
  }
  std::vector<SmsRef> own;
  for (auto at = by_id_.lower_bound({account, {}}); at != by_id_.end() && at->first.first == account; ++at) {
    own.push_back(at->second);
  }
  for (const SmsRef& ref : own) {
    keys.push_back(text_key(ref));
    drop(ref);
  }
  erase(keys);
}

}  // namespace sotto::gateway
