// How families look; the rest of output.h is in output.cpp.
#include <fmt/core.h>

#include <array>

#include "output.h"

namespace sotto::cli {
namespace {

constexpr std::array<const char*, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::string clock(std::uint32_t minutes) { return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60); }

void print_hours(const v1::FamilyPolicy& policy) {
  if (!policy.limited_hours()) return fmt::print("  at any hour\n");
  const int offset = policy.utc_offset_min();
  const auto size = static_cast<std::uint32_t>(offset < 0 ? -offset : offset);
  fmt::print("  at these hours (UTC{}{}):\n", offset < 0 ? '-' : '+', clock(size));
  for (const auto& hours : policy.hours()) {
    fmt::print("    {} {}-{}\n", hours.day() < kDays.size() ? kDays.at(hours.day()) : "?",
               clock(hours.from_min()), clock(hours.until_min()));
  }
}

}  // namespace

void Output::family(const v1::Family& family) const {
  if (json_) return json(family);
  const bool guardian = family.role() == v1::Family::GUARDIAN;
  fmt::print("{}: {}{}\n", guardian ? "your guardian" : "your child", harmless(family.name()),
             family.accepted() ? "" : "  (offered, not accepted)");
  fmt::print("  key:  {}\n", family.fingerprint());
  for (const auto& device : family.devices()) {
    fmt::print("  device {}, since {}\n", device.device(), local_time(device.added_ms()));
  }
  if (!family.accepted() && !guardian) {
    fmt::print("  On their device: sotto family accept YOUR-NAME; there they compare your key:\n  {}\n",
               family.own_fingerprint());
  }
  if (!family.has_policy()) return;
  const auto& policy = family.policy();
  fmt::print("  writing with {}", guardian ? "your guardian" : "you");
  for (const auto& person : policy.allowed()) fmt::print(", {}", harmless(person.name()));
  fmt::print("\n");
  print_hours(policy);
  fmt::print("  what others say {}\n",
             policy.hold_strangers() ? "waits for the guardian's word" : "is dropped");
  if (policy.blur_all_pictures()) {
    fmt::print("  all pictures of others are blurred\n");
  } else if (policy.blur_pictures()) {
    fmt::print("  pictures that the classifier marks are blurred\n");
  }
}

void Output::family_request(const v1::FamilyRequest& request) const {
  if (json_) return json(request);
  fmt::print("{}  asks to write with {}{}\n", harmless(request.child_name()), harmless(request.handle()),
             request.note().empty() ? "" : ": " + harmless(request.note()));
}

}  // namespace sotto::cli
