// The record of client_api.proto about the ways back into the account, read from the store.
#pragma once

#include "client/accounts/self.h"
#include "clock/clock.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// A contact that said so in this time still has its share.
inline constexpr DurationMs kConfirmationCounts = days(90);

/// Requests for shares that contacts told of and that nobody refused.
std::uint32_t requests_for_shares(store::Database& database);
/// Contacts that said since then that they have their share.
std::uint32_t confirmed_contacts(store::Database& database, UnixMs since);
/// Precondition: self has an account.
v1::RecoveryStatus recovery_status(store::Database& database, const Self& self, UnixMs now);

}  // namespace sotto::client
