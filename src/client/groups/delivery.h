// What became of a message of this account at each member of its group. One who cannot be reached holds up
// nobody.
#pragma once

#include "client/core/work.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// A member is to get it, or, with `failure`, cannot.
void expect_delivery(Work& work, std::int64_t message, const identity::AccountId& account,
                     std::string_view failure);
/// A member's account has it durably, or, with `failure`, will not get it. False: it is no message of a
/// group.
bool note_member(Work& work, std::int64_t message, const identity::AccountId& account,
                 std::string_view failure);
/// Nobody is to get it, or all of them failed: then it is over.
void settle_delivery(Work& work, std::int64_t message);

void add_member_deliveries(store::Database& database, std::int64_t message, v1::Message& record);

}  // namespace sotto::client
