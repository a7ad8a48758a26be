// Tables of guests: who outside of a group got what in clear, or said it (docs/specs/groups.md 11).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kGuestTables = R"sql(
CREATE TABLE message_guest (
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  number TEXT NOT NULL,           -- E.164
  name TEXT NOT NULL,             -- as the group called them then
  sponsor BLOB NOT NULL,          -- account that brought them in
  said INTEGER NOT NULL,          -- 1: the guest said it; 0: it goes to them in clear
  text_id BLOB UNIQUE,            -- of the text by which it goes, where this account sends it; NULL: another one
  state INTEGER NOT NULL,         -- of that text: client_api.proto Message.State; 0: not known here
  failure TEXT NOT NULL,
  PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_guest_due ON message_guest (message) WHERE state = 1;
)sql";

}  // namespace sotto::client::store
