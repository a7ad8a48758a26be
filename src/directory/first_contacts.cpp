#include "directory/first_contacts.h"

#include <algorithm>
#include <string_view>

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "result/check.h"

namespace sotto::directory {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kContactsKey = 'C';
constexpr std::size_t kDayKeys = 2;
constexpr DurationMs kHour = hours(1);
constexpr DurationMs kDay = hours(24);
/// Forgetting need not be punctual: what is over counts for nothing.
constexpr DurationMs kSweepInterval = minutes(1);

std::uint64_t day_of(UnixMs time) { return time.value / kDay.value; }

Bytes keys_key() { return {'K'}; }

/// Of both accounts, in this order: who begins counts.
ByteArray<48> keyed(const ByteArray<48>& octets, std::string_view label, const AccountId& asker,
                    const AccountId& target) {
  const auto key = crypto::SecretArray<48, struct FirstContactKeyTag>::copy_of(octets);
  Encoder subject;
  subject.label(label).raw(asker.view()).raw(target.view());
  return crypto::hmac_sha384(key, {subject.view()});
}

std::uint64_t tag_under(const ByteArray<48>& key, const AccountId& asker, const AccountId& target) {
  const auto digest = keyed(key, "first-contact", asker, target);
  return Decoder(digest).u64();
}

/// Also of what a clock that was wrong dated far ahead; set back a little it forgives nothing.
bool is_over(const FirstContact& contact, UnixMs now) {
  return elapsed(contact.time, now) >= kDay || elapsed(now, contact.time) >= kDay;
}

/// When fewer than `limit` of them will be younger than `window`.
DurationMs wait_for(const std::vector<FirstContact>& begun, std::size_t limit, DurationMs window,
                    UnixMs now) {
  if (begun.size() < limit) return {};
  const DurationMs age = elapsed(begun[begun.size() - limit].time, now);
  return {window.value > age.value ? window.value - age.value : 0};
}

}  // namespace

DurationMs first_contact_wait(const std::vector<FirstContact>& begun, const RateLimits& limits, UnixMs now) {
  return std::max(wait_for(begun, limits.first_contacts_per_hour, kHour, now),
                  wait_for(begun, limits.first_contacts_per_day, kDay, now));
}

storage::Partition first_contact_partition() {
  const auto created = storage::Partition::create(as_bytes("first-contacts"));
  SOTTO_CHECK(created);
  return *created;
}

Bytes first_contact_key(const AccountId& asker) {
  Encoder key;
  key.u8(kContactsKey).raw(asker.view());
  return std::move(key).take();
}

Bytes encode(const std::vector<FirstContact>& begun) {
  Encoder out;
  out.u8(kFormat);
  for (const FirstContact& contact : begun) out.u64(contact.time.value).u64(contact.tag);
  return std::move(out).take();
}

std::optional<std::vector<FirstContact>> decode_first_contacts(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat || in.remaining() / 16 > kMaxFirstContacts) return std::nullopt;
  std::vector<FirstContact> out;
  while (!in.failed() && in.remaining() > 0) {
    const UnixMs time{in.u64()};
    out.push_back({time, in.u64()});
  }
  if (!in.finished()) return std::nullopt;
  return out;
}

FirstContacts::FirstContacts(storage::Store& store, storage::Commits& commits, crypto::RandomSource& random,
                             const RateLimits& limits)
    : store_(store), commits_(commits), random_(random), limits_(limits) {}

Bytes FirstContacts::encoded_keys() const {
  Encoder out;
  out.u8(kFormat).raw(keys_->pass);
  for (const DayKey& day : keys_->days) out.u64(day.day).raw(day.key);
  return std::move(out).take();
}

std::optional<FirstContacts::Keys> FirstContacts::decode_keys(ByteView octets) {
  Decoder in(octets);
  if (in.u8() != kFormat) return std::nullopt;
  Keys out{.pass = in.array<48>(), .days = {}};
  while (!in.failed() && in.remaining() > 0 && out.days.size() < kDayKeys) {
    const std::uint64_t day = in.u64();
    out.days.push_back({day, in.array<48>()});
  }
  if (!in.finished()) return std::nullopt;
  return out;
}

DirectoryResult<void> FirstContacts::renew_keys(UnixMs now) {
  if (!keys_) {
    const auto value = store_.get(first_contact_partition(), keys_key());
    if (!value) return err(failure_of(value.error()));
    keys_ = *value ? decode_keys(**value) : Keys{.pass = random_.array<48>(), .days = {}, .changes = 1};
    if (!keys_) return err(Failure{DirectoryError::corrupt});
  }
  // A clock that went back keeps the key that it has.
  const std::uint64_t today = day_of(now);
  const auto gone = std::erase_if(
      keys_->days, [&](const DayKey& key) { return key.day + 1 < today || key.day > today + 1; });
  if (keys_->days.empty() || keys_->days.back().day < today) {
    keys_->days.push_back({today, random_.array<48>()});
    ++keys_->changes;
  }
  if (gone > 0) ++keys_->changes;
  return {};
}

DirectoryResult<std::vector<FirstContact>> FirstContacts::read(const AccountId& asker, UnixMs now) {
  std::vector<FirstContact> begun;
  if (const auto unsaved = unsaved_.find(asker); unsaved != unsaved_.end()) {
    begun = unsaved->second.begun;
  } else {
    const auto value = store_.get(first_contact_partition(), first_contact_key(asker));
    if (!value) return err(failure_of(value.error()));
    auto stored = *value ? decode_first_contacts(**value) : std::vector<FirstContact>();
    if (!stored) return err(Failure{DirectoryError::corrupt});
    begun = *std::move(stored);
  }
  std::erase_if(begun, [&](const FirstContact& contact) { return is_over(contact, now); });
  return begun;
}

void FirstContacts::admit(const AccountId& asker, const AccountId& target, ByteView pass, UnixMs now,
                          Reply<ContactPass> reply) {
  if (const auto renewed = renew_keys(now); !renewed) return reply(err(renewed.error()));
  const auto own = to_array<16>(ByteView(keyed(keys_->pass, "contact-pass", asker, target)).first(16));
  if (crypto::constant_time_equal(own, pass)) return reply(own);
  auto begun = read(asker, now);
  if (!begun) return reply(err(begun.error()));
  for (const DayKey& day : keys_->days) {
    const std::uint64_t tag = tag_under(day.key, asker, target);
    if (std::ranges::any_of(*begun, [&](const FirstContact& contact) { return contact.tag == tag; })) {
      return reply(own);
    }
  }
  const DurationMs wait = first_contact_wait(*begun, limits_, now);
  if (wait != DurationMs{}) {
    ++refused_;
    return reply(err(Failure{DirectoryError::first_contact_limited, wait}));
  }
  const UnixMs time = begun->empty() ? now : std::max(now, begun->back().time);
  begun->push_back({time, tag_under(keys_->days.back().key, asker, target)});
  write(asker, *std::move(begun), own, std::move(reply));
}

void FirstContacts::write(const AccountId& asker, std::vector<FirstContact> begun, ContactPass pass,
                          Reply<ContactPass> reply) {
  storage::Batch batch(first_contact_partition());
  save_keys(batch);
  batch.put(first_contact_key(asker), encode(begun));
  Unsaved& unsaved = unsaved_[asker];
  unsaved.begun = std::move(begun);
  ++unsaved.commits;
  commits_.commit(std::move(batch), [this, asker, pass, keys = keys_->changes,
                                     reply = std::move(reply)](const auto& result) mutable {
    if (const auto found = unsaved_.find(asker); --found->second.commits == 0) unsaved_.erase(found);
    if (!result) return reply(err(failure_of(result.error())));
    keys_->saved = std::max(keys_->saved, keys);
    reply(pass);
  });
}

void FirstContacts::save_keys(storage::Batch& batch) {
  if (keys_->saved < keys_->changes) batch.put(keys_key(), encoded_keys());
}

DirectoryResult<std::size_t> FirstContacts::count(const AccountId& asker, UnixMs now) {
  SOTTO_TRY(const auto begun, read(asker, now));
  return begun.size();
}

void FirstContacts::tick(UnixMs now) {
  if (!has_passed(kSweepInterval, swept_, now)) return;
  swept_ = now;
  sweep(now);
}

void FirstContacts::sweep(UnixMs now) {
  const storage::Partition partition = first_contact_partition();
  const Bytes end = {kContactsKey + 1};
  if (sweep_from_.empty()) sweep_from_ = {kContactsKey};
  const auto page =
      store_.scan(partition, sweep_from_, ByteView(end), {.max_entries = kFirstContactsPerSweep});
  // The next tick tries again; where nobody ever wrote to anybody there is nothing to forget.
  if (!page || page->version == storage::PartitionVersion{} || !renew_keys(now)) return;
  storage::Batch batch(partition);
  for (const storage::Entry& entry : page->entries) {
    const auto begun = decode_first_contacts(entry.value);
    const auto asker = AccountId::from(ByteView(entry.key).subspan(1));
    // What is still to be written is newer.
    if (!begun || !asker || unsaved_.contains(*asker)) continue;
    const auto over = [&](const FirstContact& contact) { return is_over(contact, now); };
    if (std::ranges::all_of(*begun, over)) batch.erase(entry.key);
  }
  save_keys(batch);
  if (!batch.writes.empty()) {
    commits_.commit(std::move(batch), [this, keys = keys_->changes](const auto& result) {
      if (result) keys_->saved = std::max(keys_->saved, keys);
    });
  }
  sweep_from_.clear();
  if (page->more) {
    sweep_from_ = page->entries.back().key;
    sweep_from_.push_back(0);
  }
}

}  // namespace sotto::directory
