// Tables of families (docs/specs/families.md 4).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kFamilyTables = R"sql(
CREATE TABLE family_policy (      -- the newest verified one: of this account, if it is a child, and of its children
  child BLOB PRIMARY KEY,
  version INTEGER NOT NULL,
  octets BLOB NOT NULL            -- V(p) || signature
) STRICT, WITHOUT ROWID;

CREATE TABLE family_offer (       -- who offers to be this account's guardian
  guardian BLOB PRIMARY KEY,
  key BLOB NOT NULL,              -- fp(AIK)
  received_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE family_request (     -- with whom children of this account ask to be allowed to write
  child BLOB NOT NULL,
  account BLOB NOT NULL,
  key BLOB NOT NULL,              -- fp(AIK), as the child knows it
  handle TEXT NOT NULL,
  note TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (child, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE family_held (        -- what people said with whom the guardian has not allowed to write; verified
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account BLOB NOT NULL,          -- author, with the next three
  device BLOB NOT NULL,
  account_key BLOB NOT NULL,
  device_key BLOB NOT NULL,
  conversation_id BLOB NOT NULL,
  group_id BLOB,                  -- NULL: in a direct conversation
  msg_id BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  sent_ms INTEGER NOT NULL,
  heads BLOB NOT NULL,            -- 48 octets each
  content BLOB NOT NULL,          -- content.proto Content
  content_hash BLOB NOT NULL,
  pq_level INTEGER NOT NULL,
  last_rekey_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX family_held_author ON family_held (account, id);
)sql";

}  // namespace sotto::client::store
