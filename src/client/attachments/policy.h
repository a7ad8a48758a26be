// What files are fetched without being asked for. The same for all conversations; not told to other devices,
// whose networks differ.
#pragma once

#include <cstdint>

#include "client/conversations/conversation.h"
#include "client/store/database.h"

namespace sotto::client {

enum class FetchFrom : std::uint8_t {
  nobody = 0,
  known = 1,      ///< own devices, and conversations that the user had to do with
  everybody = 2,  ///< who is no request
};

struct DownloadPolicy {
  std::uint64_t max_octets = std::uint64_t{10} << 20;  ///< of one file: a photo, not a film
  FetchFrom senders = FetchFrom::known;
  bool metered = false;  ///< the connection costs by volume: nothing is fetched

  friend bool operator==(const DownloadPolicy&, const DownloadPolicy&) = default;
};

DownloadPolicy load_policy(store::Database& database);
void save_policy(store::Database& database, const DownloadPolicy& policy);
/// Never from a request.
bool fetches(store::Database& database, const Self& self, const DownloadPolicy& policy,
             ConversationRow conversation, bool from_self, std::uint64_t size);

}  // namespace sotto::client
