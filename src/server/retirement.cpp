// The part of Core that turns an account off for good (docs/specs/directory.md 7).
#include "server/core.h"

namespace sotto::server {

void Core::retire_account(Connection& connection, const v1::ClientFrame& frame) {
  const AccountId account = connection.device->account;
  std::vector<storage::Batch> erasures;
  for (auto&& erasure :
       {passwords_.erasure(account), notices_.erasure(account), recovery_slots_.erasure(account)}) {
    if (!erasure) return refuse(connection, frame.request_id(), erasure.error());
    if (!erasure->writes.empty()) erasures.push_back(*erasure);
  }
  const Request owed = begin(connection, frame);
  directory_.retire_account(
      account, frame.retire_account(), std::move(erasures), now_,
      [this, account, owed](const directory::DirectoryResult<directory::Retired>& retired) {
        const Connection* asker = finish(owed);
        if (asker != nullptr && !retired) refuse(*asker, owed.id, retired.error());
        if (asker != nullptr && retired) done(*asker, owed.id);
        if (retired) account_gone(account, retired->devices);
      });
}

void Core::account_gone(const AccountId& account, std::span<const DeviceId> devices) {
  for (const DeviceId& device : devices) revoke({account, device});
  // What was written while the epoch was.
  passwords_.forget(account);
  notices_.forget(account);
  recovery_slots_.forget(account);
  blobs_.forget(account);
  text_messages_.forget(account);
}

}  // namespace sotto::server
