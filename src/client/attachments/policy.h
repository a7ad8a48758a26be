// What files are fetched without being asked for. The same for all conversations; not told to other devices,
// whose networks differ.
#pragma once

#include <cstdint>

#include "client/conversations/conversation.h"
#include "client/store/database.h"

namespace sotto::client {

enum class FetchFrom : std::uint8_t {
  nobody = 0,
  known = 1,  ///< own devices, and conversations in which the user said something
  everybody = 2,
};

struct DownloadPolicy {
  std::uint64_t max_octets = std::uint64_t{10} << 20;  ///< of one file: a photo, not a film
  FetchFrom senders = FetchFrom::known;
  bool metered = false;  ///< the connection costs by volume: nothing is fetched

  friend bool operator==(const DownloadPolicy&, const DownloadPolicy&) = default;
};

DownloadPolicy load_policy(store::Database& database);
void save_policy(store::Database& database, const DownloadPolicy& policy);
bool fetches(store::Database& database, const DownloadPolicy& policy, ConversationRow conversation,
             bool from_self, std::uint64_t size);

}  // namespace sotto::client
