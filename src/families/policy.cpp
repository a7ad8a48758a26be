#include "families/policy.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "families/labels.h"

namespace sotto::families {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDaysPerWeek = 7;
/// 1 January 1970 was a Thursday.
constexpr std::int64_t kFirstDay = 3;

enum Flag : std::uint8_t { kEnded = 1, kBlur = 2, kHold = 4, kHours = 8, kBlurAll = 16, kAllFlags = 31 };

std::uint8_t flags_of(const Policy& policy) {
  return static_cast<std::uint8_t>((policy.ended ? kEnded : 0) | (policy.blur_pictures ? kBlur : 0) |
                                   (policy.hold_strangers ? kHold : 0) | (policy.limited_hours ? kHours : 0) |
                                   (policy.blur_all_pictures ? kBlurAll : 0));
}

void append(Encoder& out, const Person& person) { out.raw(person.account.view()).raw(person.key.octets()); }

crypto::Fingerprint read_fingerprint(Decoder& in) {
  return crypto::Fingerprint::from_octets(in.array<crypto::Fingerprint::kSize>());
}
Person read_person(Decoder& in) {
  const identity::AccountId account(in.array<identity::AccountId::kSize>());
  return {account, read_fingerprint(in)};
}

bool is_sound(const std::vector<Window>& hours) {
  for (std::size_t i = 0; i < hours.size(); ++i) {
    const Window& window = hours[i];
    if (window.day >= kDaysPerWeek || window.from_min >= window.until_min ||
        window.until_min > kMinutesOfDay) {
      return false;
    }
    if (i == 0) continue;
    const Window& before = hours[i - 1];
    if (before.day > window.day || (before.day == window.day && before.until_min > window.from_min)) {
      return false;
    }
  }
  return hours.size() <= kMaxWindows;
}

bool is_sound(const Policy& policy) {
  const auto unordered = [](const Person& a, const Person& b) { return !(a.account < b.account); };
  return policy.version > 0 && policy.child.account != policy.guardian.account &&
         policy.utc_offset_min >= kLeastOffset && policy.utc_offset_min <= kGreatestOffset &&
         (policy.limited_hours || policy.hours.empty()) && is_sound(policy.hours) &&
         policy.allowed.size() <= kMaxAllowed &&
         std::ranges::adjacent_find(policy.allowed, unordered) == policy.allowed.end();
}

}  // namespace

Bytes encode(const Policy& policy) {
  Encoder out(512);
  out.label(label::kPolicy).u8(kVersion);
  append(out, policy.child);
  append(out, policy.guardian);
  out.raw(policy.device.octets()).u64(policy.version).u64(policy.time.value).u8(flags_of(policy));
  out.u16(static_cast<std::uint16_t>(policy.utc_offset_min - kLeastOffset));
  out.u8(static_cast<std::uint8_t>(policy.hours.size()));
  for (const Window& window : policy.hours) out.u8(window.day).u16(window.from_min).u16(window.until_min);
  out.u16(static_cast<std::uint16_t>(policy.allowed.size()));
  for (const Person& person : policy.allowed) append(out, person);
  return std::move(out).take();
}

PolicyResult<Policy> parse_policy(ByteView p) {
  Decoder in(p);
  in.label(label::kPolicy);
  if (in.u8() != kVersion) return err(PolicyError::malformed);
  Policy out;
  out.child = read_person(in);
  out.guardian = read_person(in);
  out.device = read_fingerprint(in);
  out.version = in.u64();
  out.time = {in.u64()};
  const std::uint8_t flags = in.u8();
  out.ended = (flags & kEnded) != 0;
  out.blur_pictures = (flags & kBlur) != 0;
  out.hold_strangers = (flags & kHold) != 0;
  out.limited_hours = (flags & kHours) != 0;
  out.blur_all_pictures = (flags & kBlurAll) != 0;
  out.utc_offset_min = static_cast<int>(in.u16()) + kLeastOffset;
  const std::size_t windows = in.u8();
  for (std::size_t i = 0; i < windows && !in.failed(); ++i) {
    Window& window = out.hours.emplace_back();
    window.day = in.u8();
    window.from_min = in.u16();
    window.until_min = in.u16();
  }
  const std::size_t people = in.u16();
  for (std::size_t i = 0; i < people && !in.failed(); ++i) out.allowed.push_back(read_person(in));
  if (!in.finished() || flags > kAllFlags || !is_sound(out)) return err(PolicyError::malformed);
  return out;
}

bool allows(const Policy& policy, const Person& person) {
  return policy.ended || person == policy.guardian ||
         std::ranges::find(policy.allowed, person) != policy.allowed.end();
}

bool is_open(const Policy& policy, UnixMs now) {
  if (policy.ended || !policy.limited_hours) return true;
  const std::int64_t minutes = static_cast<std::int64_t>(now.value) / kMinuteMs + policy.utc_offset_min;
  const std::int64_t day = minutes / kMinutesOfDay;
  const std::int64_t weekday = (day + kFirstDay) % kDaysPerWeek;
  const std::int64_t minute = minutes % kMinutesOfDay;
  return std::ranges::any_of(policy.hours, [&](const Window& window) {
    return window.day == weekday && minute >= window.from_min && minute < window.until_min;
  });
}

}  // namespace sotto::families
