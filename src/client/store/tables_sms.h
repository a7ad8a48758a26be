// Tables of text messages to and from telephone numbers (docs/specs/gateway.md 8), and of what messages
// demand.
#pragma once

namespace sotto::client::store {

inline constexpr const char* kSmsTables = R"sql(
CREATE TABLE sms_peer (           -- a telephone number, and the conversation with it
  number TEXT PRIMARY KEY,        -- E.164
  conversation INTEGER NOT NULL UNIQUE REFERENCES conversation(id),
  subject BLOB NOT NULL UNIQUE,   -- client/sms/numbers.h
  sender BLOB NOT NULL            -- stands where an account would
) STRICT, WITHOUT ROWID;

CREATE TABLE requirement (        -- what its sender demands of a message that is not sent yet
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  pq_level INTEGER NOT NULL,      -- of every device's session, in PQ3's terms: 2 or 3; 0: any
  verified INTEGER NOT NULL       -- 1: of the contact
) STRICT;
)sql";

}  // namespace sotto::client::store
