// What the user does with the devices of the account: giving them names, removing them. Adding one is
// linking.h's concern.
#pragma once

#include <string_view>

#include "client/core/work.h"

namespace sotto::client {

enum class DeviceError : std::uint8_t {
  not_registered,
  no_such_device,
  ambiguous,    ///< several devices have this name, or an id that begins like this
  bad_name,     ///< empty, longer than identity::kMaxDeviceName, or with characters that do not show
  last_device,  ///< an account without devices could never be used again
  publishing,   ///< another change of the device list is still on its way to the server
};
std::string_view describe(DeviceError error);

/// The device of this account with that name or with an id that begins so; empty: this device. A name counts
/// before an id, and an id needs four digits. Reads only.
Result<identity::DeviceId, DeviceError> find_own_device(store::Database& database, const Self& self,
                                                        std::string_view which);

/// Both put the change into the next manifest; it is done when the newest manifest shows it.
Result<identity::DeviceId, DeviceError> rename_device(Work& work, std::string_view which,
                                                      std::string_view name);
Result<identity::DeviceId, DeviceError> remove_device(Work& work, std::string_view which);

}  // namespace sotto::client
