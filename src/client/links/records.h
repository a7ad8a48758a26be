// Links of messages: which the user let become ones, and which hosts the user had to do with before.
#pragma once

#include <cstdint>
#include <string_view>

#include "client/conversations/conversation.h"
#include "client/conversations/error.h"
#include "client/core/work.h"
#include "result/result.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// Hosts kept, the newest: what a person has before the eyes.
inline constexpr std::int64_t kMaxKnownHosts = 500;

/// The links of a text. Of others' messages they are inert until they are revealed, and again after an edit.
void add_links(store::Database& database, std::int64_t message, v1::Message& record);
/// The user looked at where the links of a message lead, and wants them. Gives the message's row. Errors:
/// those of named_message, no_links.
Result<std::int64_t, ComposeError> reveal_links(Work& work, std::string_view conversation,
                                                std::string_view which);
/// The user wrote them.
void remember_hosts(Work& work, std::string_view text);

}  // namespace sotto::client
