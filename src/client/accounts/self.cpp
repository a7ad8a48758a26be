#include "client/accounts/self.h"

namespace sotto::client {

store::StoreResult<std::optional<Self>> load_self(store::Database& database) {
  store::Rows rows = database.query(
      "SELECT stage, handle, invite, device_name, device_identity, account_identity, sync_key, "
      "manifest_confirmed, sync_key_version FROM profile");
  if (!rows.next()) {
    if (const auto failure = database.failure()) return err(*failure);
    return std::nullopt;
  }
  auto device = identity::SecretCodec::decode_device(rows.secret(4));
  if (!device) return err(store::StoreError::database_corrupt);
  Self self{.stage = static_cast<v1::Status::Stage>(rows.integer(0)),
            .handle = rows.text(1),
            .invite = rows.text(2),
            .device_name = rows.text(3),
            .device = *std::move(device),
            .account = std::nullopt,
            .sync_key = std::nullopt,
            .sync_key_version = rows.count(8),
            .manifest_confirmed = rows.flag(7)};
  if (!rows.is_null(5)) {
    auto account = identity::SecretCodec::decode_account(rows.secret(5));
    if (!account) return err(store::StoreError::database_corrupt);
    self.account = *std::move(account);
    self.sync_key = rows.secret_array<identity::SyncKey>(6);
    if (!self.sync_key) return err(store::StoreError::database_corrupt);
  }
  return std::optional<Self>(std::move(self));
}

void save_self(store::Database& database, const Self& self) {
  database.run(
      "INSERT INTO profile (id, stage, account, handle, invite, device_identity, account_identity, sync_key,"
      " device_name, manifest_confirmed, sync_key_version, upkeep_ms) VALUES (1, ?1, ?2, ?3, ?4, "
      "?5, ?6, ?7, ?8, ?9, ?10, 0)"
      " ON CONFLICT (id) DO UPDATE SET stage = ?1, account = ?2, handle = ?3, invite = ?4, device_identity = "
      "?5,"
      " account_identity = ?6, sync_key = ?7, device_name = ?8, manifest_confirmed = ?9, sync_key_version = "
      "?10",
      self.stage, self.account ? std::optional(self.account->id) : std::nullopt,
      std::string_view(self.handle), std::string_view(self.invite),
      identity::SecretCodec::encode(self.device),
      self.account ? std::optional(identity::SecretCodec::encode(*self.account)) : std::nullopt,
      self.sync_key, std::string_view(self.device_name), self.manifest_confirmed, self.sync_key_version);
}

}  // namespace sotto::client
