#include "groups.h"

#include <fmt/format.h>

#include <map>

#include "client/conversations/commands.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "world.h"

namespace sotto::simulation {
namespace {

constexpr std::uint64_t kGroupWorlds = 4;
/// Beside each other: nobody hears of the others' before.
constexpr std::uint64_t kMostAtOnce = 6;
/// Of twelve things that are done most are said.
enum What : std::uint64_t { kBegin, kAdd, kRemove, kLeave, kPromote, kAll = 12 };

/// Whether it is allowed and makes sense is the group's concern.
bool act(client::Work& work, std::uint64_t what, const std::string& group, const std::string& person,
         std::uint64_t number) {
  switch (what) {
    case kAdd: return client::add_to_group(work, group, {person}).has_value();
    case kRemove: return client::remove_from_group(work, group, {person}).has_value();
    case kLeave: return client::leave_group(work, group).has_value();
    case kPromote: return client::set_group_role(work, group, person, groups::Role::admin).has_value();
    default: break;
  }
  v1::Content content;
  content.mutable_text()->set_body(fmt::format("{}{}", kInGroup, number));
  return client::send_entry(work, client::kGroupMark + group, content, {}).has_value();
}

void do_something(World& world) {
  DeviceMachine& device = world.any_device();
  const User& other = world.users()[world.dice().below(world.users().size())];
  const std::uint64_t what = world.dice().below(kAll);
  const std::uint64_t number = world.dice().below(1'000'000);
  if (!device.ready()) return;
  const auto known = client::group_records(device.database(), *device.core().self());
  const std::string group = known.empty() ? std::string() : known[number % known.size()].group();
  world.transcript().line(device.name(),
                          fmt::format("does {} in group {} with {}", what, group.substr(0, 8), other.handle));
  device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      if (group.empty() || what == kBegin) {
        return client::create_group(work, fmt::format("g{}", number), {other.handle}).has_value();
      }
      return act(work, what, group, other.handle, number);
    });
  });
}

}  // namespace

void do_in_a_group(World& world) {
  if (world.options().seed % kGroupWorlds != 1) return;
  world.oracle().forgive(v1::Problem::MESSAGES_MISSING);
  for (std::uint64_t left = 1 + world.dice().below(kMostAtOnce); left > 0; --left) do_something(world);
}

std::string group_disagreement(World& world) {
  std::map<std::string, std::pair<std::string, std::string>> seen;  // what the first one sees of each
  for (DeviceMachine* device : world.devices()) {
    for (const auto& group : client::group_records(device->database(), *device->core().self())) {
      if (!group.member()) continue;
      std::string face = fmt::format("{} {} {}", group.operations(), group.roster(), group.name());
      for (const auto& guest : group.guests()) face += " " + guest.number() + guest.sponsor_account();
      const auto [first, fresh] = seen.try_emplace(group.group(), face, device->name());
      if (!fresh && first->second.first != face) {
        return fmt::format("{}: {} sees \"{}\", {} \"{}\"", group.group().substr(0, 8), first->second.second,
                           first->second.first, device->name(), face);
      }
    }
  }
  return {};
}

}  // namespace sotto::simulation
