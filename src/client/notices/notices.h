// Notices: what concerns the safety of the account and is shown on every own device until somebody has seen
// it. Stored, so that one whose reader died is shown by the next. Not concerned with what is worth a notice.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "client/core/work.h"
#include "client/store/database.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

using NoticeId = std::int64_t;

/// Keeps the notice and adds its event.
void give_notice(Work& work, v1::Notice notice);
/// About something that happened now and here.
void give_notice(Work& work, v1::Notice::Kind kind, std::string_view detail);

/// Notices that nobody has seen, oldest first. Any process of the profile may ask.
std::vector<v1::Notice> unseen_notices(store::Database& database);
std::optional<v1::Notice> find_notice(store::Database& database, NoticeId id);
/// Somebody has seen it, or had before. Atomic by itself.
void dismiss_notice(store::Database& database, NoticeId id);

}  // namespace sotto::client
