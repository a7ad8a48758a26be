// Tables of the photos of groups (docs/specs/groups.md 10).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kPhotoTables = R"sql(
CREATE TABLE group_photo (        -- lines that brought a photo which may still be the group's; the file is the line's
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  renewed_ms INTEGER NOT NULL     -- when the server was last asked to keep it
) STRICT;
CREATE INDEX group_photo_renewed ON group_photo (renewed_ms);

CREATE TABLE group_photo_draft (  -- one that is being sent and then becomes the group's
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  group_id BLOB NOT NULL
) STRICT;
)sql";

}  // namespace sotto::client::store
