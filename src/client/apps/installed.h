// Programs of others that the user connected to this device: which there are, what they may do, and what lets
// them in (docs/specs/apps.md 1, 2). Not concerned with what they are told (exchange.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/apps/error.h"
#include "client/core/work.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client {

/// What one person has use for; each is asked about with every message that begins with "/".
inline constexpr std::int64_t kMaxApps = 20;
/// Where others may ask one app.
inline constexpr std::size_t kMaxHears = 100;

/// An app's row; never that of another, also after it was removed.
using AppRow = std::int64_t;

/// The answer alone has the token. Errors: bad_name, taken, too_many, and those of change_app_grants.
AppResult<v1::ConnectedApp> add_app(Work& work, const v1::AppRequest& wish);
/// With everything that was still to be told to it. Errors: no_app.
AppResult<void> remove_app(Work& work, std::string_view name);
/// Errors: no_app, no_conversation, too_many_places.
AppResult<v1::ConnectedApp> change_app_grants(Work& work, const v1::AppRequest& wish);

std::optional<AppRow> find_app(store::Database& database, std::string_view name);
std::vector<v1::ConnectedApp> app_records(store::Database& database, const Self& self);
/// Whom this lets in.
std::optional<AppRow> app_with_token(store::Database& database, std::string_view token);

}  // namespace sotto::client
