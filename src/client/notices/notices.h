// Notices: what concerns the safety of the account and is shown once on every own device. Stored, so that one
// whose reader died is shown by the next. Not concerned with what is worth a notice.
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
void give_notice(Work& work, const v1::Notice& notice);
/// About something that happened now and here.
void give_notice(Work& work, v1::Notice::Kind kind, std::string_view detail);

/// Notices that no reader has shown, oldest first. Any process of the profile may ask.
std::vector<std::pair<NoticeId, v1::Notice>> unshown_notices(store::Database& database);
std::optional<v1::Notice> find_notice(store::Database& database, NoticeId id);
/// Inside a transaction: a reader has shown this one and all before it.
void mark_notices_shown(store::Database& database, NoticeId newest);

}  // namespace sotto::client
