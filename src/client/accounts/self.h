// Who this device is: the profile row with its keys. Not concerned with the server (server_record.h).
#pragma once

#include <optional>
#include <string>

#include "client/store/database.h"
#include "identity/private_identity.h"
#include "session/device.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

struct Self {
  v1::Status::Stage stage = v1::Status::STAGE_UNSPECIFIED;
  std::string handle;  ///< normalised; empty while unknown
  std::string invite;
  std::string device_name;
  identity::DeviceIdentity device;
  std::optional<identity::AccountIdentity> account;  ///< absent while waiting for a link
  std::optional<identity::SyncKey> sync_key;
  std::uint64_t sync_key_version = 0;  ///< of the manifest that it came with; 0: the first one, or not known
  bool manifest_confirmed = false;

  [[nodiscard]] bool ready() const { return stage == v1::Status::READY; }
  /// Precondition: account.
  [[nodiscard]] identity::AccountId account_id() const { return account->id; }
  [[nodiscard]] bool is(const identity::DeviceAddress& other) const {
    return account && other.account == account->id && other.device == device.id;
  }
  /// Borrows this object's key. Precondition: account.
  [[nodiscard]] session::LocalDevice local() const {
    return {account->id, device.id, account->key.public_key().fingerprint(), device.key};
  }
};

/// Empty when the profile was never set up. Errors: database_corrupt.
store::StoreResult<std::optional<Self>> load_self(store::Database& database);
/// Inside a transaction.
void save_self(store::Database& database, const Self& self);

}  // namespace sotto::client
