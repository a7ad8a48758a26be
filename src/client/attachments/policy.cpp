#include "client/attachments/policy.h"

#include "client/requests/standing.h"

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

bool fetches(store::Database& database, const Self& self, const DownloadPolicy& policy,
             ConversationRow conversation, bool from_self, std::uint64_t size) {
  if (policy.metered || size > policy.max_octets || policy.senders == FetchFrom::nobody) return false;
  if (from_self) return true;
  const auto record = load_conversation(database, conversation);
  if (!record || is_request(database, self, *record)) return false;
  return policy.senders == FetchFrom::everybody || is_known_conversation(database, *record);
}

}  // namespace sotto::client
