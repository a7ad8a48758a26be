#include "actions.h"

#include <fmt/format.h>

#include <array>

#include "apps.h"
#include "client/devices/aftermath.h"
#include "client/devices/manage.h"
#include "files.h"
#include "groups.h"
#include "guests.h"
#include "recoveries.h"
#include "removals.h"
#include "speech.h"
#include "world.h"

namespace sotto::simulation {
namespace {

/// Texts stay below the 16 KiB that travel as messages.
constexpr std::uint64_t kLongestText = 12'000;
constexpr DurationMs kLongestAbsence = hours(12);
constexpr DurationMs kLongestRestart = minutes(2);

/// The clock is set by somebody who is wrong about the year at most.
constexpr std::uint64_t kLargestClockErrorMs = days(365).value;
/// A clock so far ahead may make a device forget what it sent: it keeps that for seven days, and days may
/// pass.
constexpr std::int64_t kForgetsMs = std::int64_t{2} * 24 * 3600 * 1000;

User& any_user(World& world) { return world.users()[world.dice().below(world.users().size())]; }

void send(World& world) {
  User& from = any_user(world);
  DeviceMachine& device = *from.devices[world.dice().below(from.devices.size())];
  world.send_text(from, device, world.another_user(from), world.dice().spread({kLongestText}).value);
}

void burst(World& world) {
  User& from = any_user(world);
  User& to = world.another_user(from);
  DeviceMachine& device = *from.devices[world.dice().below(from.devices.size())];
  const std::uint64_t count = world.dice().between(2, 12);
  for (std::uint64_t i = 0; i < count; ++i) world.send_text(from, device, to, 40);
}

void everyone_at_once(World& world) {
  for (User& from : world.users()) {
    for (DeviceMachine* device : from.devices) world.send_text(from, *device, world.another_user(from), 40);
  }
}

void absence(World& world) {
  DeviceMachine& device = world.any_device();
  device.go_offline();
  world.later(world.dice().spread(kLongestAbsence), [&device] { device.go_online(); });
}

void cut_connection(World& world) {
  if (const auto connection = world.any_device().connection()) world.network().cut(*connection);
}

void corrupt_connection(World& world) {
  if (const auto connection = world.any_device().connection()) world.network().corrupt(*connection);
}

void partition(World& world) {
  const std::string host = world.any_device().name();
  world.network().isolate(host);
  world.later(world.dice().spread(hours(1)), [&world, host] { world.network().heal(host); });
}

void kill_device(World& world) { world.any_device().kill(world.dice().spread(kLongestRestart)); }

void kill_device_at_effects(World& world) {
  DeviceMachine& device = world.any_device();
  if (device.running())
    device.kill_after_inputs(world.dice().below(12), world.dice().spread(kLongestRestart));
}

void kill_server(World& world) { world.server().kill(world.dice().spread(kLongestRestart)); }

void kill_server_at_effects(World& world) {
  if (!world.server().running()) return;
  world.server().kill_after_sends(world.dice().below(30), world.dice().spread(kLongestRestart));
}

void slow_disk(World& world) {
  world.transcript().line(kServerActor, "has a slow disk");
  world.server().slow_disk_until(world.schedule().now() + world.dice().spread(minutes(10)));
}

void failing_disk(World& world) {
  if (world.dice().chance(300)) return world.server().fail_next_reads(world.dice().between(1, 5));
  const auto error =
      world.dice().chance(500) ? storage::StorageError::no_space : storage::StorageError::io_error;
  world.server().fail_next_commits(world.dice().between(1, 20), error);
}

void new_user(World& world) { world.add_user(); }
void new_device(World& world) { world.add_device(any_user(world), Linking::by_files); }
void new_device_by_code(World& world) { world.add_device(any_user(world), Linking::by_code); }

void remove_device(World& world) {
  User& user = any_user(world);
  if (user.devices.size() < 2) return;
  DeviceMachine& leaving = *user.devices[world.dice().below(user.devices.size())];
  DeviceMachine& by = *user.devices[world.dice().below(user.devices.size())];
  remove(world, user, by, leaving);
}

/// Somebody has it, and goes on as if nothing had happened.
void removed_device_speaks(World& world) {
  User& user = any_user(world);
  if (user.removed.empty()) return;
  DeviceMachine& device = *user.removed[world.dice().below(user.removed.size())].machine;
  if (device.ready()) world.send_text(user, device, world.another_user(user), 40);
}

void rename_device(World& world) {
  User& user = any_user(world);
  DeviceMachine& device = *user.devices[world.dice().below(user.devices.size())];
  const std::string name = fmt::format("name {}", world.dice().below(1000));
  device.command([&](client::Core& core) {
    return core.command(device.now(),
                        [&](client::Work& work) { return client::rename_device(work, {}, name); });
  });
}

void renew_keys(World& world) {
  DeviceMachine& device = world.any_device();
  device.command([&](client::Core& core) {
    return core.command(device.now(), [](client::Work& work) {
      client::renew_all_keys(work);
      return true;
    });
  });
}

void make_recovery_key(World& world) {
  User& user = any_user(world);
  set_up_recovery(world, user, *user.devices[world.dice().below(user.devices.size())]);
}
void recover_account(World& world) { recover(world, any_user(world), world.dice().chance(500)); }

void hours_pass(World& world) { world.pass(world.take_jump(world.dice().between(hours(1), hours(8)))); }
void days_pass(World& world) { world.pass(world.take_jump(world.dice().between(days(1), days(5)))); }

void back_up(World& world) {
  DeviceMachine& device = world.any_device();
  if (device.ready()) device.take_snapshot();
}

void roll_back(World& world) {
  DeviceMachine& device = world.any_device();
  if (device.running() && device.has_snapshot()) world.roll_back(device);
}

void device_disk_fails(World& world) {
  DeviceMachine& device = world.any_device();
  const bool full = world.dice().chance(500);
  world.transcript().line(device.name(), full ? "has a full disk" : "has a disk that takes no writes");
  device.set_disk_fault(full ? DiskFault::full : DiskFault::read_only);
  world.later(world.dice().spread(minutes(10)), [&device] { device.set_disk_fault(DiskFault::none); });
}

void wrong_clock(World& world) {
  DeviceMachine& device = world.any_device();
  const auto size = static_cast<std::int64_t>(world.dice().spread({kLargestClockErrorMs}).value);
  const std::int64_t error = world.dice().chance(500) ? size : -size;
  world.transcript().line(device.name(), fmt::format("has a clock that is {} s off", error / 1000));
  if (error > kForgetsMs) world.oracle().forgive_arrival(&device);
  device.set_clock_error(world.usual_clock_error(device) + error);
  world.later(world.dice().spread(hours(12)),
              [&world, &device] { device.set_clock_error(world.usual_clock_error(device)); });
}

void skip_a_year(World& world) { world.skip_a_year(); }

constexpr std::array kActions{
    Action{"send", 40, send},
    Action{"burst", 8, burst},
    Action{"everyone_at_once", 3, everyone_at_once},
    Action{"say_about_something", 16, say_about_something},
    Action{"set_something", 4, set_something},
    Action{"say_briefly", 4, say_briefly},
    Action{"do_in_a_group", 8, do_in_a_group},
    Action{"do_with_guests", 12, do_with_guests},
    Action{"do_with_apps", 12, do_with_apps},
    Action{"send_files", 8, send_files},
    Action{"fetch_files", 3, fetch_files},
    Action{"absence", 8, absence},
    Action{"new_user", 2, new_user},
    Action{"new_device", 4, new_device},
    Action{"new_device_by_code", 4, new_device_by_code},
    Action{"remove_device", 3, remove_device},
    Action{"removed_device_speaks", 2, removed_device_speaks},
    Action{"rename_device", 2, rename_device},
    Action{"renew_keys", 2, renew_keys},
    Action{"make_recovery_key", 3, make_recovery_key},
    Action{"recover_account", 3, recover_account},
    Action{"hours_pass", 2, hours_pass},
    Action{"days_pass", 1, days_pass},
    Action{"cut_connection", 8, cut_connection, Fault::network},
    Action{"corrupt_connection", 3, corrupt_connection, Fault::network},
    Action{"lose_requests", 4, lose_requests, Fault::network},
    Action{"partition", 3, partition, Fault::network},
    Action{"kill_device", 4, kill_device, Fault::crashes},
    Action{"kill_device_at_effects", 8, kill_device_at_effects, Fault::crashes},
    Action{"kill_server", 2, kill_server, Fault::crashes},
    Action{"kill_server_at_effects", 4, kill_server_at_effects, Fault::crashes},
    Action{"slow_disk", 2, slow_disk, Fault::server_disk},
    Action{"failing_disk", 2, failing_disk, Fault::server_disk},
    Action{"device_disk_fails", 4, device_disk_fails, Fault::device_disk},
    Action{"back_up", 4, back_up, Fault::rollback},
    Action{"roll_back", 4, roll_back, Fault::rollback},
    Action{"wrong_clock", 4, wrong_clock, Fault::clocks},
    Action{"skip_a_year", 2, skip_a_year, Fault::years},
};

bool may_happen(const Action& action, const Faults& faults) {
  return !action.fault || faults.has(*action.fault);
}

}  // namespace

const Action& any_action(Dice& dice, const Faults& faults) {
  std::uint64_t all = 0;
  for (const Action& action : kActions) all += may_happen(action, faults) ? action.weight : 0;
  std::uint64_t at = dice.below(all);
  for (const Action& action : kActions) {
    if (!may_happen(action, faults)) continue;
    if (at < action.weight) return action;
    at -= action.weight;
  }
  return kActions.front();
}

}  // namespace sotto::simulation
