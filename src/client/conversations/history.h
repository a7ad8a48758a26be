// Windows into a conversation's entries, for readers that scroll. Reads only: any process of the profile may.
#pragma once

#include "client/accounts/self.h"
#include "client/conversations/conversation.h"
#include "client/conversations/error.h"
#include "client/store/database.h"
#include "clock/clock.h"
#include "result/result.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client {

inline constexpr std::uint32_t kDefaultPage = 50;
/// Entries in one answer; a screen shows fewer, a program asks again.
inline constexpr std::uint32_t kMaxPage = 500;

/// Entries in timeline order as the request's `before`, `after` or `around` says, by default the newest. What
/// has expired by `now` does not count. Costs what is shown, and counting what comes before it. Errors:
/// no_message (none has the id that is named in full).
Result<v1::MessagePage, ComposeError> message_page(store::Database& database, const Self& self,
                                                   ConversationRow conversation,
                                                   const v1::HistoryRequest& request, UnixMs now);

}  // namespace sotto::client
