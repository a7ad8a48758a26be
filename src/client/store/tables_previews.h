// Table of the pictures in previews of links (docs/specs/content.md 2).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kPreviewTables = R"sql(
CREATE TABLE preview_picture (
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  octets BLOB NOT NULL,
  clean INTEGER NOT NULL          -- 0: as it came, to be shown by nothing; 1: the sandbox made it
) STRICT;
CREATE INDEX preview_picture_waiting ON preview_picture (message) WHERE clean = 0;

CREATE TRIGGER preview_picture_edited AFTER UPDATE OF edited_ms ON message WHEN NEW.edited_ms > 0 BEGIN
  DELETE FROM preview_picture WHERE message = NEW.id;
END;
CREATE TRIGGER preview_picture_unsent AFTER UPDATE OF unsent ON message WHEN NEW.unsent = 1 BEGIN
  DELETE FROM preview_picture WHERE message = NEW.id;
END;
)sql";

}  // namespace sotto::client::store
