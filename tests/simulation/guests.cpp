#include "guests.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>

#include "client/conversations/commands.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/groups/guests.h"
#include "client/sms/texts.h"
#include "groups.h"
#include "world.h"

namespace sotto::simulation {
namespace {

constexpr std::uint64_t kGuestWorlds = 8;
constexpr std::array<const char*, 2> kTelephones{"+46701112233", "+46701112244"};
/// Beside each other, before anybody else hears of them.
constexpr std::uint64_t kMostAtOnce = 12;
enum class What : std::uint8_t { open, remove, forbid, stop, answer, withhold, bring_in, say };
/// Most is said; while nobody is a guest, somebody is brought in.
constexpr std::array kUsual{What::open,     What::remove,   What::forbid, What::stop,
                            What::answer,   What::answer,   What::answer, What::withhold,
                            What::withhold, What::bring_in, What::say,    What::say,
                            What::say,      What::say,      What::say,    What::say};

struct Chosen {
  What what;
  std::uint64_t number;
  std::string telephone;
  std::string group;
};

bool say(client::Work& work, const Chosen& chosen, std::string_view kind) {
  v1::Content content;
  content.mutable_text()->set_body(fmt::format("{}{}{}", kInGroup, kind, chosen.number));
  return client::send_entry(work, client::kGroupMark + chosen.group, content,
                            {.reply_to = {}, .lifetime = {}, .without_guests = kind == kWithheld})
      .has_value();
}

/// Whether it is allowed and makes sense is the group's concern.
bool act(client::Work& work, const Chosen& chosen) {
  switch (chosen.what) {
    case What::open:
      return client::set_in_group(work, chosen.group, groups::Setting::guests, chosen.number % 4 == 0 ? 0 : 1)
          .has_value();
    case What::remove: return client::remove_guest(work, chosen.group, chosen.telephone).has_value();
    case What::forbid: return client::set_sms_permission(work, chosen.telephone, false).has_value();
    case What::bring_in:
      static_cast<void>(client::set_in_group(work, chosen.group, groups::Setting::guests, 1));
      return client::set_sms_permission(work, chosen.telephone, true) &&
             client::add_guest(work, chosen.group, chosen.telephone, "Erin");
    case What::withhold: return say(work, chosen, kWithheld);
    default: return say(work, chosen, kClear);
  }
}

/// Of the groups that the device is in, one.
std::optional<v1::Group> any_group(DeviceMachine& device, std::uint64_t number) {
  auto known = client::group_records(device.database(), *device.core().self());
  std::erase_if(known, [](const v1::Group& group) { return !group.member(); });
  if (known.empty()) return std::nullopt;
  return std::move(known[number % known.size()]);
}

void speak_from_telephone(World& world, const Chosen& chosen) {
  const char* command = chosen.number % 2 == 0 ? "STOP" : "START";
  world.telephones().answer(
      chosen.telephone, chosen.what == What::stop ? command : fmt::format("{}{}", kGuestSays, chosen.number));
}

void do_something(World& world) {
  DeviceMachine& device = world.any_device();
  const User& other = world.users()[world.dice().below(world.users().size())];
  const bool usual = world.dice().chance(500);
  Chosen chosen{.what = kUsual.at(world.dice().below(kUsual.size())),
                .number = world.telephones().next(),
                .telephone = kTelephones.at(world.dice().below(kTelephones.size())),
                .group = {}};
  if (!device.ready()) return;
  if (chosen.what == What::stop || chosen.what == What::answer) return speak_from_telephone(world, chosen);
  const auto group = any_group(device, chosen.number);
  if (group) chosen.group = group->group();
  if (group && group->guests().empty() && usual) chosen.what = What::bring_in;
  world.transcript().line(device.name(),
                          fmt::format("does {} with guest {} in group {}", static_cast<int>(chosen.what),
                                      chosen.telephone, chosen.group.substr(0, 8)));
  device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      if (group) return act(work, chosen);
      return client::create_group(work, fmt::format("g{}", chosen.number), {other.handle}).has_value();
    });
  });
}

}  // namespace

void do_with_guests(World& world) {
  const std::uint64_t count = world.dice().between(2, kMostAtOnce);
  if (world.options().seed % kGuestWorlds != 1) return;
  // Who was out for a while misses what was said; who said STOP gets nothing, which is told.
  world.oracle().forgive(v1::Problem::MESSAGES_MISSING);
  world.oracle().forgive(v1::Problem::SMS_REFUSED);
  for (std::uint64_t i = 0; i < count; ++i) do_something(world);
}

bool is_text_message(const v1::Message& message) {
  return message.has_guest() || message.conversation().starts_with(client::kSmsPrefix);
}

}  // namespace sotto::simulation
