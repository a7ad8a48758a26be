#include "apps.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>

#include "client/apps/exchange.h"
#include "client/conversations/commands.h"
#include "client/groups/conversations.h"
#include "world.h"

namespace sotto::simulation {
namespace {

constexpr std::array<const char*, 2> kApps{"calc", "weather"};
constexpr std::uint64_t kMostAtOnce = 12;
enum class What : std::uint8_t { add, remove, grant, answer, say };
constexpr std::array kUsual{What::add,    What::remove, What::grant,  What::grant,  What::grant,
                            What::answer, What::answer, What::answer, What::answer, What::say,
                            What::say,    What::say,    What::say,    What::say};

struct Chosen {
  What what;
  std::string app;
  std::string place;  ///< a conversation
  bool yes;
};

bool is_world_of_apps(const World& world) {
  const std::uint64_t seed = world.options().seed;
  return seed % 4 == 2 || seed % 8 == 5;
}

/// Of the groups that the device is in one, or with that person.
std::string any_place(World& world, DeviceMachine& device, const std::string& person) {
  const bool group = world.dice().chance(400);
  for (const auto& known : client::group_records(device.database(), *device.core().self())) {
    if (group && known.member()) return client::kGroupMark + known.group();
  }
  return person;
}

void change(World& world, DeviceMachine& device, const Chosen& chosen) {
  v1::AppRequest wish;
  wish.set_name(chosen.app);
  if (chosen.what == What::grant) wish.set_may_send(chosen.yes);
  if (chosen.what == What::grant) *(chosen.yes ? wish.add_hear() : wish.add_not_hear()) = chosen.place;
  const auto done = device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      return chosen.what == What::add ? client::add_app(work, wish) : client::change_app_grants(work, wish);
    });
  });
  if (done && *done && chosen.what == What::add)
    world.oracle().apps().add(device, chosen.app, world.schedule().now());
}

void remove(World& world, DeviceMachine& device, const Chosen& chosen) {
  const auto row = client::find_app(device.database(), chosen.app);
  if (!row) return;
  const auto done = device.command([&](client::Core& core) {
    return core.command(device.now(),
                        [&](client::Work& work) { return client::remove_app(work, chosen.app).has_value(); });
  });
  if (!done || !device.running()) return;
  const bool gone =
      *done && !client::messages_for_app(device.database(), *device.core().self(), *row, 1, device.now());
  if (!gone) world.oracle().violation(device.name(), "goes on to tell an app that was removed");
}

void answer(World& world, DeviceMachine& device, const Chosen& chosen) {
  const auto row = client::find_app(device.database(), chosen.app);
  if (!row) return;
  const auto page = client::messages_for_app(device.database(), *device.core().self(), *row,
                                             client::kMaxAppPage, device.now());
  if (!page || page->messages().empty()) return;
  const auto& asked =
      page->messages(static_cast<int>(world.dice().below(static_cast<std::uint64_t>(page->messages_size()))));
  const std::string words = world.oracle().apps().answer(device, *row);
  world.transcript().line(device.name(),
                          fmt::format("lets app {} answer \"{}\" of {} by \"{}\"", chosen.app, asked.text(),
                                      asked.by_user() ? "its user" : "somebody else", words));
  device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      const bool said = client::answer_as_app(work, *row, asked.message_id(), words).has_value();
      return client::acknowledge_for_app(work, *row, asked.sequence()).has_value() && said;
    });
  });
}

void say(World& world, DeviceMachine& device, const Chosen& chosen) {
  AppWatch& apps = world.oracle().apps();
  const std::string words = apps.address(chosen.app, device, chosen.place, world.schedule().now());
  v1::Content content;
  content.mutable_text()->set_body(words);
  const auto said = device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      return client::send_entry(work, chosen.place, content, {}).has_value();
    });
  });
  if (said && *said && device.ready() && !apps.would_tell(device, chosen.app, words))
    world.oracle().violation(device.name(), "does not tell an app what its user says to it");
}

/// The device whose app it is about, and the app.
struct Focus {
  DeviceMachine& device;
  std::string handle;
  std::string app;
};

/// Most is done on that device, or said to its user.
void do_something(World& world, const Focus& focus) {
  const What what = kUsual.at(world.dice().below(kUsual.size()));
  const bool there = what != What::say || world.dice().chance(400);
  DeviceMachine& device = there ? focus.device : world.any_device();
  const User& other = world.users()[world.dice().below(world.users().size())];
  Chosen chosen{.what = what, .app = focus.app, .place = {}, .yes = world.dice().chance(800)};
  if (!device.ready()) return;
  // What nobody has cannot be spoken to.
  if (there && !client::find_app(device.database(), chosen.app)) chosen.what = What::add;
  chosen.place = any_place(world, device, there ? other.handle : focus.handle);
  world.transcript().line(device.name(),
                          fmt::format("does {} with app {} and {}", static_cast<int>(chosen.what), chosen.app,
                                      chosen.place.substr(0, 9)));
  switch (chosen.what) {
    case What::add:
    case What::grant: return change(world, device, chosen);
    case What::remove: return remove(world, device, chosen);
    case What::answer: return answer(world, device, chosen);
    case What::say: return say(world, device, chosen);
  }
}

}  // namespace

void do_with_apps(World& world) {
  const std::uint64_t count = world.dice().between(2, kMostAtOnce);
  if (!is_world_of_apps(world)) return;
  DeviceMachine& device = world.any_device();
  const std::string app = kApps.at(world.dice().below(kApps.size()));
  if (!device.ready()) return;
  const Focus focus{.device = device, .handle = device.core().self()->handle, .app = app};
  for (std::uint64_t i = 0; i < count; ++i) do_something(world, focus);
  for (DeviceMachine* each : world.devices()) world.oracle().look_at_apps(*each);
}

}  // namespace sotto::simulation
