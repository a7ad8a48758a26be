// To which guests of a group a message goes in clear. The message itself says so, signed by its sender:
// guests whom it does not name get nothing of it (docs/specs/groups.md 11).
#pragma once

#include "client/core/work.h"
#include "groups/history.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Names all guests of the group in something composed, but for `except`; none in what disappears, which no
/// telephone erases, and in what has no meaning there.
void name_guests(const groups::GroupState& state, v1::Content& content, std::string_view except = {});
/// Whoever is no guest any more is not named.
void keep_named_guests(const groups::GroupState& state, v1::Content& content);

/// Keeps with a message to whom it goes in clear: those whom it names and who are guests in `state`.
void note_clear_copies(Work& work, std::int64_t message, const groups::GroupState& state,
                       const v1::Content& content);
/// Keeps with a message which guest said it.
void note_speaker(Work& work, std::int64_t message, const groups::Guest& guest);

/// What is kept with a message, and what follows for its security.
void add_clear_copies(store::Database& database, const Self& self, std::int64_t message, v1::Message& record);

}  // namespace sotto::client
