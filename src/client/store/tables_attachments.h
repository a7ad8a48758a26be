// Tables of files beside messages (docs/specs/content.md, attachments).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kAttachmentTables = R"sql(
CREATE TABLE attachment (         -- a file beside a message; its encrypted octets lie in the profile's folder
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,      -- among the message's files, from 0
  state INTEGER NOT NULL,         -- client_api.proto AttachedFile.State
  capability BLOB,                -- NULL: no blob was opened for it yet
  upload_token BLOB,              -- NULL: somebody else's, or another own device's
  key BLOB NOT NULL,              -- opens the octets, at the server and in the folder alike
  file_id BLOB NOT NULL,          -- names the file in the folder
  size INTEGER NOT NULL,
  tags_hash BLOB NOT NULL,
  mime TEXT NOT NULL,
  name TEXT NOT NULL,
  thumbnail BLOB NOT NULL,
  transferred INTEGER NOT NULL,   -- octets of what is stored that are durable at the other end
  failure TEXT NOT NULL,
  kept INTEGER NOT NULL DEFAULT 0,  -- 1: passed on; this account keeps a blob that was there already
  PRIMARY KEY (message, position)
) STRICT;
CREATE INDEX attachment_moving ON attachment (message, position) WHERE state IN (1, 4);
CREATE INDEX attachment_file ON attachment (file_id);
CREATE INDEX attachment_blob ON attachment (capability) WHERE capability IS NOT NULL;

CREATE TABLE attachment_draft (   -- a message that waits for its files to be at the server; then as in `composed`
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  conversation INTEGER NOT NULL REFERENCES conversation(id),
  msg_id BLOB NOT NULL,
  sent_ms INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;

CREATE TABLE blob_keep (          -- files to be passed on: this account is to keep their blobs before they leave
  message INTEGER NOT NULL,
  position INTEGER NOT NULL,
  capability BLOB NOT NULL,
  here INTEGER NOT NULL,          -- its octets are in the folder: it can be sent anew if the server has them no more
  PRIMARY KEY (message, position),
  FOREIGN KEY (message, position) REFERENCES attachment (message, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_release (       -- blobs that this account needs no more; the server is to be told
  capability BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE download_policy (    -- what is fetched without being asked for; one row, or none: the defaults
  id INTEGER PRIMARY KEY CHECK (id = 1),
  max_octets INTEGER NOT NULL,
  senders INTEGER NOT NULL,       -- attachments/policy.h
  metered INTEGER NOT NULL        -- the connection costs by volume: nothing is fetched
) STRICT;

CREATE TRIGGER attachment_unsent AFTER UPDATE OF unsent ON message WHEN NEW.unsent = 1 BEGIN
  INSERT OR IGNORE INTO blob_release SELECT capability FROM attachment
    WHERE message = NEW.id AND capability IS NOT NULL AND (upload_token IS NOT NULL OR kept = 1)
    AND NOT EXISTS (SELECT 1 FROM attachment o WHERE o.capability = attachment.capability AND o.message <> NEW.id
      AND (o.upload_token IS NOT NULL OR o.kept = 1))
    AND NOT EXISTS (SELECT 1 FROM blob_keep k WHERE k.capability = attachment.capability AND k.message <> NEW.id);
  DELETE FROM attachment WHERE message = NEW.id;
  DELETE FROM attachment_draft WHERE message = NEW.id;
END;
)sql";

}  // namespace sotto::client::store
