#include "removals.h"

#include <fmt/format.h>

#include <algorithm>

#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "client/devices/manage.h"
#include "result/check.h"
#include "world.h"

namespace sotto::simulation {
namespace {

constexpr DurationMs kAskAgain = seconds(3);

/// True once a list that shows the removal is in the store of `at`: not one from before the device was added.
/// Not known while it is off.
bool knows_removed(DeviceMachine& at, const RemovedDevice& removed) {
  if (!at.running() || at.core().self() == nullptr || !at.core().self()->account) return false;
  const auto manifest = client::load_manifest(at.database(), removed.address.account);
  return manifest && manifest->version() > removed.listed &&
         manifest->find(removed.address.device) == nullptr;
}

struct Removal {
  std::size_t user;
  DeviceMachine* by;
  RemovedDevice leaving;
};

void go_on(World& world, const Removal& removal) {
  User& user = world.users()[removal.user];
  const bool shown = std::ranges::any_of(
      user.devices, [&](DeviceMachine* device) { return knows_removed(*device, removal.leaving); });
  if (shown) {
    world.transcript().line(removal.leaving.machine->name(), "is removed");
    --user.leaving;
    return;
  }
  // Whoever asked may be restored from a backup that knows nothing of it, or be removed itself meanwhile.
  const bool there = std::ranges::find(user.devices, removal.by) != user.devices.end();
  DeviceMachine& by = there || removal.by == removal.leaving.machine ? *removal.by : *user.devices.front();
  if (by.ready()) {
    by.command([&](client::Core& core) {
      return core.command(by.now(), [&](client::Work& work) {
        return client::remove_device(work, to_hex(removal.leaving.address.device.view()));
      });
    });
  }
  world.schedule().after(kAskAgain, [&world, removal] { go_on(world, removal); });
}

}  // namespace

RemovedDevice as_removed(DeviceMachine& device) {
  const auto& self = *device.core().self();
  const identity::DeviceAddress address{self.account_id(), self.device.id};
  const auto manifest = client::load_manifest(device.database(), address.account);
  SOTTO_CHECK(manifest && manifest->find(address.device) != nullptr);
  return {.machine = &device, .address = address, .listed = manifest->version()};
}

void remove(World& world, User& user, DeviceMachine& by, DeviceMachine& leaving) {
  if (!by.ready() || !leaving.ready()) return;
  world.transcript().line(leaving.name(), fmt::format("is to be removed by {}", by.name()));
  const Removal removal{.user = static_cast<std::size_t>(&user - world.users().data()),
                        .by = &by,
                        .leaving = as_removed(leaving)};
  world.oracle().on_removed(leaving);
  std::erase(user.devices, &leaving);
  user.removed.push_back(removal.leaving);
  ++user.leaving;
  go_on(world, removal);
}

void note_removals(Route& route, const User& from, const User& to) {
  for (const User* user : {&from, &to}) {
    for (const RemovedDevice& removed : user->removed) {
      if (removed.machine != &route.from) {
        if (knows_removed(route.from, removed)) route.must_not_reach.push_back(removed.machine);
        continue;
      }
      for (const User* side : {&from, &to}) {
        for (DeviceMachine* reader : side->devices) {
          if (knows_removed(*reader, removed)) route.must_not_reach.push_back(reader);
        }
      }
    }
  }
}

}  // namespace sotto::simulation
