// Tables of programs that the user connected to this device (docs/specs/apps.md).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kAppTables = R"sql(
CREATE TABLE app (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: what asked for a removed app finds none
  name TEXT NOT NULL UNIQUE,
  token_hash BLOB NOT NULL UNIQUE,  -- of what lets it in
  secret BLOB NOT NULL,           -- 48 octets: its ids are made under this, and go with it
  added_ms INTEGER NOT NULL,
  may_send INTEGER NOT NULL,      -- 1: its answers go where it was asked
  told INTEGER NOT NULL,          -- messages so far: the last sequence
  lost INTEGER NOT NULL,          -- of those, not taken in time
  minute_ms INTEGER NOT NULL,     -- its answers are counted from here on
  answers INTEGER NOT NULL        -- in that minute
) STRICT;

CREATE TABLE app_hears (          -- where others may ask it
  app INTEGER NOT NULL REFERENCES app(id) ON DELETE CASCADE,
  subject BLOB NOT NULL,          -- of the conversation, as in `register`
  PRIMARY KEY (app, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE app_message (        -- for whom a message was, never what it said
  app INTEGER NOT NULL REFERENCES app(id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  pseudonym BLOB NOT NULL,        -- what the app calls it
  given_ms INTEGER NOT NULL,
  taken INTEGER NOT NULL,         -- the app acknowledged it
  answers INTEGER NOT NULL,       -- of the app to it
  PRIMARY KEY (app, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_message_id ON app_message (app, pseudonym);
CREATE INDEX app_message_row ON app_message (message);
)sql";

}  // namespace sotto::client::store
