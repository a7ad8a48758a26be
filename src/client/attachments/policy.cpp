#include "client/attachments/policy.h"

namespace sotto::client {

DownloadPolicy load_policy(store::Database& database) {
  DownloadPolicy out;
  store::Rows rows = database.query("SELECT max_octets, senders, metered FROM download_policy");
  if (!rows.next()) return out;
  out.max_octets = rows.count(0);
  out.senders = static_cast<FetchFrom>(rows.integer(1));
  out.metered = rows.flag(2);
  return out;
}

void save_policy(store::Database& database, const DownloadPolicy& policy) {
  database.run(
      "INSERT OR REPLACE INTO download_policy (id, max_octets, senders, metered) VALUES (1, ?1, ?2, ?3)",
      policy.max_octets, policy.senders, policy.metered);
}

bool fetches(store::Database& database, const DownloadPolicy& policy, ConversationRow conversation,
             bool from_self, std::uint64_t size) {
  if (policy.metered || size > policy.max_octets || policy.senders == FetchFrom::nobody) return false;
  if (policy.senders == FetchFrom::everybody || from_self) return true;
  store::Rows rows = database.query(
      "SELECT 1 FROM message WHERE conversation = ?1 AND outgoing = 1 AND system = 0 LIMIT 1", conversation);
  return rows.next();
}

}  // namespace sotto::client
