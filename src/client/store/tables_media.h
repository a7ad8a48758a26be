// Tables of pictures that went through the sandbox (docs/specs/media-sandbox.md 8).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kMediaTables = R"sql(
CREATE TABLE attachment_media (   -- what is known of a file that is here; no row: nobody looked yet
  message INTEGER NOT NULL,
  position INTEGER NOT NULL,
  state INTEGER NOT NULL,         -- client_api.proto AttachedFile.Media
  quarantine BLOB NOT NULL,       -- media/quarantine.h
  next_ms INTEGER NOT NULL,       -- with UNCHECKED: not before
  failure TEXT NOT NULL,          -- why there is no clean picture
  mime TEXT NOT NULL,             -- of the clean file
  thumbnail BLOB NOT NULL,        -- of the sandbox's making
  key BLOB,                       -- of the clean file, which lies in the folder like every file; NULL: none
  file_id BLOB,
  size INTEGER,
  tags_hash BLOB,
  PRIMARY KEY (message, position),
  FOREIGN KEY (message, position) REFERENCES attachment (message, position) ON DELETE CASCADE
) STRICT;
CREATE INDEX attachment_media_file ON attachment_media (file_id) WHERE file_id IS NOT NULL;
CREATE INDEX attachment_media_waiting ON attachment_media (next_ms) WHERE state = 1;

CREATE TABLE media_setting (      -- one row, or none: no classifier
  id INTEGER PRIMARY KEY CHECK (id = 1),
  classifier TEXT NOT NULL        -- absolute path of a library; empty: nobody is asked
) STRICT;
)sql";

}  // namespace sotto::client::store
