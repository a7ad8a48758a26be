#include "client/devices/manage.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "client/devices/device_name.h"
#include "client/devices/own_devices.h"
#include "client/devices/sync_key.h"
#include "identity/author.h"
#include "identity/device_name.h"

namespace sotto::client {
namespace {

/// Fewer digits of an id are most likely a name mistyped.
constexpr std::size_t kFewestDigits = 4;

using Found = Result<identity::DeviceId, DeviceError>;

Found only(const std::vector<identity::DeviceId>& found) {
  if (found.empty()) return err(DeviceError::no_such_device);
  if (found.size() > 1) return err(DeviceError::ambiguous);
  return found.front();
}

/// A draft that follows the newest list, which this device must be in.
Result<identity::Manifest, DeviceError> start_draft(Work& work) {
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own) return err(DeviceError::not_registered);
  if (pending_manifest(work.db)) return err(DeviceError::publishing);
  return identity::draft_successor(*own, work.self.device.id, work.now);
}

}  // namespace

std::string_view describe(DeviceError error) {
  switch (error) {
    case DeviceError::not_registered: return "this profile has no account; run `sotto register`";
    case DeviceError::no_such_device:
      return "no device of this account has this name or an id that begins so; see `sotto devices`";
    case DeviceError::ambiguous:
      return "several devices fit; give the first digits of the id that `sotto devices` shows";
    case DeviceError::bad_name: return "a device name has 1 to 64 octets of visible characters";
    case DeviceError::last_device:
      return "this is the account's only device; to turn the account off: sotto deregister --account";
    case DeviceError::publishing:
      return "another change of the device list is on its way to the server; try again";
  }
  return "unknown error";
}

Found find_own_device(store::Database& database, const Self& self, std::string_view which) {
  if (!self.ready()) return err(DeviceError::not_registered);
  if (which.empty()) return self.device.id;
  const auto own = load_manifest(database, self.account_id());
  if (!own) return err(DeviceError::not_registered);
  std::vector<identity::DeviceId> by_name;
  std::vector<identity::DeviceId> by_id;
  for (const auto& device : own->manifest().devices) {
    if (own_device_name(database, self, device) == which) by_name.push_back(device.id);
    if (which.size() >= kFewestDigits && to_hex(device.id.view()).starts_with(which)) {
      by_id.push_back(device.id);
    }
  }
  return only(by_name.empty() ? by_id : by_name);
}

Found rename_device(Work& work, std::string_view which, std::string_view name) {
  SOTTO_TRY(const auto device, find_own_device(work.db, work.self, which));
  if (name.empty() || identity::clean_device_name(name) != name) return err(DeviceError::bad_name);
  SOTTO_TRY(auto draft, start_draft(work));
  const auto listed = std::ranges::find(draft.devices, device, &identity::ManifestDevice::id);
  if (own_device_name(work.db, work.self, *listed) != name) {
    listed->sealed_name = seal_device_name(name, *work.self.sync_key, work.random);
    publish(work, draft);
  }
  if (device == work.self.device.id) {
    work.self.device_name = name;
    save_self(work.db, work.self);
  }
  return device;
}

Found remove_device(Work& work, std::string_view which) {
  SOTTO_TRY(const auto device, find_own_device(work.db, work.self, which));
  SOTTO_TRY(auto draft, start_draft(work));
  if (!identity::remove_device(draft, device)) return err(DeviceError::last_device);
  publish(work, draft);
  return device;
}

}  // namespace sotto::client
