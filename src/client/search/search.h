// Finding messages of any conversation by their words and by what they are. Reads only: any process of the
// profile may.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/accounts/self.h"
#include "client/conversations/conversation.h"
#include "client/store/database.h"
#include "clock/clock.h"
#include "identity/ids.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// Everything that is set must hold.
struct SearchFilter {
  std::optional<ConversationRow> conversation;
  std::optional<identity::AccountId> sender;
  UnixMs since;                          ///< as the sender says
  UnixMs until{kLatestSearchedMs};       ///< not itself
  std::vector<v1::Message::Kind> kinds;  ///< empty: any
  bool has_files = false;

  static constexpr std::uint64_t kLatestSearchedMs = std::uint64_t{1} << 53;
};

/// The newest `limit` messages, the newest first, that hold all words typed (client/store/search_words.h) and
/// pass the filter. No words: whatever passes it. What has expired by `now` or was taken back is not found.
std::vector<v1::Message> search(store::Database& database, const Self& self, std::string_view typed,
                                const SearchFilter& filter, std::uint32_t limit, UnixMs now);

}  // namespace sotto::client
