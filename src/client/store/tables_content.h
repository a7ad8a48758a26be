// Tables of what is said about messages and of what is still to be said (docs/specs/content.md).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kContentTables = R"sql(
CREATE TABLE message_action (     -- what was said about a message, which may come later or be gone
  conversation INTEGER NOT NULL REFERENCES conversation(id),
  target_account BLOB NOT NULL,   -- whose message
  target_message BLOB NOT NULL,   -- its msg_id
  kind INTEGER NOT NULL,          -- conversations/actions.h
  actor BLOB NOT NULL,            -- account that said it
  slot BLOB NOT NULL,             -- of an edit its msg_id; empty where only one of each actor counts
  time_ms INTEGER NOT NULL,       -- rank: the sender's time, then the stamp
  stamp BLOB NOT NULL,            -- msg_id of the content that said it
  text TEXT NOT NULL,
  detail BLOB,
  received_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,    -- of the message; 0: never
  pending INTEGER NOT NULL,       -- the message is not here
  PRIMARY KEY (conversation, target_message, target_account, kind, actor, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_action_pending ON message_action (conversation, received_ms) WHERE pending = 1;
CREATE INDEX message_action_expiry ON message_action (expires_ms) WHERE expires_ms > 0;

CREATE TABLE composed (           -- written here and not signed yet: whom it is for is still to be learned
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation INTEGER NOT NULL REFERENCES conversation(id),
  message INTEGER REFERENCES message(id) ON DELETE CASCADE,  -- NULL: no entry of the conversation
  msg_id BLOB NOT NULL,
  sent_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,      -- worthless after that; 0: never
  content BLOB NOT NULL           -- content.proto Content, to be numbered
) STRICT;
CREATE INDEX composed_conversation ON composed (conversation, id);
CREATE INDEX composed_message ON composed (message) WHERE message IS NOT NULL;

CREATE TABLE scheduled (          -- to be composed at that time
  msg_id BLOB PRIMARY KEY,
  conversation INTEGER NOT NULL REFERENCES conversation(id),
  due_ms INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_due ON scheduled (due_ms);

CREATE TABLE register (           -- what own devices agree on: the newest write of each
  kind INTEGER NOT NULL,          -- content.proto SyncEvent.Write.Kind
  subject BLOB NOT NULL,          -- account, or group id
  number INTEGER NOT NULL,
  text TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  stamp BLOB NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace sotto::client::store
