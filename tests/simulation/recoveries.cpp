#include "recoveries.h"

#include <algorithm>

#include "client/recovery/attempt.h"
#include "client/recovery/commands.h"
#include "client/recovery/upkeep.h"
#include "removals.h"
#include "world.h"

namespace sotto::simulation {
namespace {

constexpr DurationMs kLookAgain = seconds(3);

recovery::RecoverySeed paper_of(const World& world, const User& user) {
  return crypto::random_secret<recovery::RecoverySeed>(
      Dice(world.options().seed).child(user.handle).child("recovery key").source());
}

/// As one of its devices knows: its list names the key, and the server has the slot.
bool is_kept(const User& user) {
  return std::ranges::any_of(user.devices, [](DeviceMachine* device) {
    return device->ready() &&
           client::recovery_is_kept(device->database(), device->core().self()->account_id());
  });
}

void lose_devices(World& world, User& user, DeviceMachine& instead) {
  for (DeviceMachine* device : std::exchange(user.devices, {&instead})) {
    world.oracle().on_removed(*device);
    user.removed.push_back(as_removed(*device));
  }
}

void wait(World& world, std::size_t index, DeviceMachine& device) {
  // What the other devices agreed on may be gone with them.
  if (!device.ready() || !world.let_everybody_write(device)) {
    world.schedule().after(kLookAgain, [&world, index, &device] { wait(world, index, device); });
    return;
  }
  User& user = world.users()[index];
  world.transcript().line(device.name(), "has come back into its account");
  if (user.coming == nullptr) return world.take_in(user, device);
  user.coming = nullptr;
  user.linking = false;
}

}  // namespace

void set_up_recovery(World& world, User& user, DeviceMachine& device) {
  if (user.has_paper || !device.ready()) return;
  const auto made = device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      return client::set_up_recovery(work, paper_of(world, user));
    });
  });
  if (!made) return;
  if (!*made) return world.oracle().violation(device.name(), "cannot make a recovery key");
  user.has_paper = true;
}

void recover(World& world, User& user, bool keep_devices) {
  if (!user.has_paper || user.linking || user.leaving > 0 || !is_kept(user)) return;
  const bool full = user.devices.size() >= world.options().devices;
  const bool known = std::ranges::all_of(user.devices, [](DeviceMachine* device) { return device->ready(); });
  if (keep_devices ? full : !known) return;
  DeviceMachine& device = world.new_machine(user);
  const auto begun = device.command([&](client::Core& core) {
    return core.command(device.now(), [&](client::Work& work) {
      return client::recover_with_key(work, {.handle = user.handle, .keep_devices = keep_devices},
                                      paper_of(world, user));
    });
  });
  if (!begun || !*begun) return world.oracle().violation(device.name(), "cannot begin to recover");
  world.transcript().line(device.name(), keep_devices ? "comes back with the recovery key, beside the others"
                                                      : "comes back with the recovery key, alone");
  user.linking = true;
  if (!keep_devices) {
    user.coming = &device;
    lose_devices(world, user, device);
  }
  device.go_online();
  wait(world, static_cast<std::size_t>(&user - world.users().data()), device);
}

}  // namespace sotto::simulation
