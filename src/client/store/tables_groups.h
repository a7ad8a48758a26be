// Tables of groups (docs/specs/groups.md 10).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kGroupTables = R"sql(
CREATE TABLE group_operation (    -- histories: what was admitted
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- in this order
  group_id BLOB NOT NULL,
  hash BLOB NOT NULL,
  octets BLOB NOT NULL,           -- V(o) || signature
  UNIQUE (group_id, hash)
) STRICT;
CREATE INDEX group_operation_order ON group_operation (group_id, id);

CREATE TABLE group_waiting (      -- operations whose author's manifest, or what they build on, is not here
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id BLOB NOT NULL,
  hash BLOB NOT NULL,
  octets BLOB NOT NULL,
  author BLOB NOT NULL,           -- account
  manifest_version INTEGER NOT NULL,  -- that it names
  verified INTEGER NOT NULL,      -- its signature was
  received_ms INTEGER NOT NULL,
  UNIQUE (group_id, hash)
) STRICT;
CREATE INDEX group_waiting_author ON group_waiting (author) WHERE verified = 0;

CREATE TABLE group_author (       -- an account's manifests from version 1 on, of which operations name one
  account BLOB NOT NULL,
  version INTEGER NOT NULL,
  octets BLOB NOT NULL,
  PRIMARY KEY (account, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_held (         -- messages that name operations that are not here
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id BLOB NOT NULL,
  account BLOB NOT NULL,          -- author
  device BLOB NOT NULL,
  content BLOB NOT NULL,          -- session::UnverifiedContent
  shared_body BLOB NOT NULL,
  received_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX group_held_order ON group_held (group_id, id);

CREATE TABLE group_request (      -- who asked to be let in by a link
  group_id BLOB NOT NULL,
  account BLOB NOT NULL,
  tag BLOB NOT NULL,
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (group_id, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_delivery (     -- what became of a message of ours at each member
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  account BLOB NOT NULL,
  state INTEGER NOT NULL,         -- client_api.proto Message.State
  failure TEXT NOT NULL,
  PRIMARY KEY (message, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox_body (        -- encrypted once for many deliveries
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  octets BLOB NOT NULL
) STRICT;
ALTER TABLE outbox_item ADD COLUMN body INTEGER REFERENCES outbox_body(id);
CREATE INDEX outbox_item_body ON outbox_item (body) WHERE body IS NOT NULL AND done = 0;
CREATE INDEX outbox_item_of_body ON outbox_item (body) WHERE body IS NOT NULL;
ALTER TABLE held_envelope ADD COLUMN shared_body BLOB NOT NULL DEFAULT x'';
)sql";

}  // namespace sotto::client::store
