// Tables of what comes from strangers, and of links (docs/specs/requests.md).
#pragma once

namespace sotto::client::store {

inline constexpr const char* kRequestTables = R"sql(
CREATE TABLE receipt_held (       -- to be sent when the conversation is accepted, if it ever is
  account BLOB NOT NULL,
  msg_id BLOB NOT NULL,
  content_hash BLOB NOT NULL,
  subject BLOB NOT NULL,          -- of the conversation, as in `register`
  held_ms INTEGER NOT NULL,
  PRIMARY KEY (account, msg_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_held_subject ON receipt_held (subject);

CREATE TABLE introduction (       -- what to show to whom this account has a contact link of
  handle TEXT PRIMARY KEY,
  token BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE link_reveal (        -- messages whose links are links, on this device
  message INTEGER PRIMARY KEY REFERENCES message(id) ON DELETE CASCADE,
  body_hash BLOB NOT NULL         -- of the text that the user looked at
) STRICT;

CREATE TABLE known_host (         -- hosts of links that the user wrote or revealed
  host TEXT PRIMARY KEY,
  seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE first_contact_pass ( -- what the server gave for accounts that were written to before
  account BLOB PRIMARY KEY,
  pass BLOB NOT NULL              -- 16 octets
) STRICT, WITHOUT ROWID;

CREATE TABLE report_due (         -- about somebody, on its way to the operator
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account BLOB NOT NULL UNIQUE,
  request BLOB NOT NULL,          -- stream.proto ReportAccount
  made_ms INTEGER NOT NULL,
  refused TEXT NOT NULL           -- why the server did not take it; empty: it waits
) STRICT;
)sql";

}  // namespace sotto::client::store
