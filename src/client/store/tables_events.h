// Tables of what happened, for programs that read on where they stopped (docs/specs/agent.md 5).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kEventTables = R"sql(
CREATE TABLE event_log (          -- what changed, never what it said; the newest ones
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  kind INTEGER NOT NULL,          -- client_api.proto Event, number of the field
  row INTEGER NOT NULL,           -- events/event_key.h: which one, with the next
  detail BLOB NOT NULL
) STRICT;

CREATE TABLE event_reading (      -- somebody reads the log on this device: events are kept; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  since_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE event_consumer (     -- how far a program has read
  name TEXT PRIMARY KEY,
  acknowledged INTEGER NOT NULL,  -- a sequence
  seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook (            -- programs that are told
  name TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  secret BLOB NOT NULL,           -- 32 octets: key of the signatures
  acknowledged INTEGER NOT NULL,  -- a sequence
  failures INTEGER NOT NULL,      -- in a row
  last_failure TEXT NOT NULL,
  next_ms INTEGER NOT NULL        -- not before that
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace sotto::client::store
