#include "client/store/schema.h"

#include <array>
#include <string>

#include "client/store/tables_apps.h"
#include "client/store/tables_attachments.h"
#include "client/store/tables_content.h"
#include "client/store/tables_events.h"
#include "client/store/tables_families.h"
#include "client/store/tables_groups.h"
#include "client/store/tables_guests.h"
#include "client/store/tables_media.h"
#include "client/store/tables_photos.h"
#include "client/store/tables_previews.h"
#include "client/store/tables_requests.h"
#include "client/store/tables_search.h"
#include "client/store/tables_sms.h"

namespace sotto::client::store {
namespace {

/// A released migration is never edited: a change is a new entry. Times are Unix milliseconds; accounts,
/// devices and message ids are 16 octets, fingerprints 32, digests 48.
constexpr std::array kMigrations = {
    R"sql(
CREATE TABLE profile (            -- who this device is; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  stage INTEGER NOT NULL,         -- client_api.proto Status.Stage
  account BLOB,                   -- NULL while a new device waits to be linked
  handle TEXT NOT NULL,
  invite TEXT NOT NULL,
  device_identity BLOB NOT NULL,
  account_identity BLOB,
  sync_key BLOB,
  sync_key_version INTEGER NOT NULL,  -- of the manifest that it came with; 0: the first one, or not known
  rotation_due INTEGER NOT NULL DEFAULT 0,  -- with this manifest a device left and no new sync key came; 0: none
  retiring INTEGER NOT NULL DEFAULT 0,  -- the user wants the account to end (accounts/retire.cpp); 0: no
  device_name TEXT NOT NULL,
  manifest_confirmed INTEGER NOT NULL,  -- the chain up to the own manifest was verified
  upkeep_ms INTEGER NOT NULL      -- last time that old sessions were cleared away
) STRICT;

CREATE TABLE link_request (       -- the one request of a device that waits to be linked
  id INTEGER PRIMARY KEY CHECK (id = 1),
  request BLOB NOT NULL,
  ec_key BLOB NOT NULL,
  kem_key BLOB NOT NULL
) STRICT;

CREATE TABLE pending_manifest (   -- signed here, not yet published; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  octets BLOB NOT NULL,
  sync_key BLOB,                  -- what its names are sealed under, if that is a new key
  refused INTEGER NOT NULL        -- it does not follow the newest one: to be built anew on that
) STRICT;

CREATE TABLE own_change (         -- what the pending manifest changes, to be changed again should it be too late
  kind INTEGER NOT NULL,          -- devices/own_changes.h
  device BLOB NOT NULL,           -- zeros where the kind concerns none
  name TEXT NOT NULL,
  octets BLOB NOT NULL,           -- DIK of a device to be added; fingerprint of a recovery key
  capabilities INTEGER NOT NULL
) STRICT;

CREATE TABLE own_device_name (    -- last names of own devices that could be opened
  device BLOB PRIMARY KEY,
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE offered_sync_key (   -- told by own devices, not yet seen in a manifest
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,       -- of the manifest that it came with
  key BLOB NOT NULL
) STRICT;

CREATE TABLE server (             -- where it connects and what it pinned; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  tls_pin BLOB,                   -- SHA-256 of the SPKI; NULL until the first contact
  name TEXT NOT NULL,
  identity BLOB,                  -- hybrid public key; NULL until the first contact
  statement BLOB,
  statement_signature BLOB,
  tls_group TEXT NOT NULL         -- of the newest connection
) STRICT;

CREATE TABLE manifest (           -- newest verified manifest of each account
  account BLOB PRIMARY KEY,
  version INTEGER NOT NULL,
  octets BLOB NOT NULL,           -- identity::VerifiedManifest::store_form
  hash BLOB NOT NULL,             -- H(m)[0:16]
  checked_ms INTEGER NOT NULL,    -- last time the server said that it is the newest
  stale INTEGER NOT NULL,         -- a newer version is known to exist
  logged INTEGER NOT NULL         -- it is the one that the transparency log shows (log_label)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_view (           -- the server's transparency log as this device knows it; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  octets BLOB NOT NULL,           -- transparency::LogView::encoded
  revision INTEGER NOT NULL       -- counts its changes, for other processes
) STRICT;

CREATE TABLE log_label (          -- what the log said last about a handle or an account
  subject ANY PRIMARY KEY,        -- TEXT: a handle; BLOB: an account
  map_key BLOB NOT NULL,          -- the next four: transparency::LabelState
  version INTEGER NOT NULL,
  leaf BLOB NOT NULL,
  value BLOB NOT NULL,
  size INTEGER NOT NULL,          -- of the head that proved it
  head_ms INTEGER NOT NULL,       -- that head's time
  proven_ms INTEGER NOT NULL,     -- when it was verified here
  answer BLOB NOT NULL,           -- v1.LookupAnswer: evidence, should a later one contradict it
  place INTEGER NOT NULL,         -- of the label in it
  refused INTEGER NOT NULL        -- a later answer did not hold: nothing is sent until one does
) STRICT, WITHOUT ROWID;

CREATE TABLE log_dispute (        -- accounts that claimed another log lately
  account BLOB PRIMARY KEY,
  told INTEGER NOT NULL,          -- the user knows
  heads_ms INTEGER NOT NULL       -- own head shown to it last
) STRICT, WITHOUT ROWID;

CREATE TABLE witness (            -- who shall vouch for the log
  fingerprint BLOB PRIMARY KEY,
  key BLOB NOT NULL,              -- hybrid public key
  added_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE log_upkeep (         -- one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  audited_ms INTEGER NOT NULL,    -- last self-audit
  witnesses_required INTEGER NOT NULL,
  vouched_by INTEGER NOT NULL,    -- witnesses under the newest vouched head
  vouched_ms INTEGER NOT NULL,    -- that head's time
  vouched_seen_ms INTEGER NOT NULL
) STRICT;
INSERT INTO log_upkeep VALUES (1, 0, 0, 0, 0, 0);

CREATE TABLE own_handle (         -- names of this account that this device knows of: watched in the log
  handle TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
  id INTEGER PRIMARY KEY,
  handle TEXT UNIQUE,             -- typed by the user or confirmed by the directory
  account BLOB UNIQUE,            -- NULL until the handle was resolved
  claimed_handle TEXT NOT NULL,   -- what its devices say; checked once, then cleared
  identity_fingerprint BLOB,      -- pinned fp(AIK); NULL until the first manifest
  changed_fingerprint BLOB,       -- another fp(AIK) that the server showed: sending stops
  known_key INTEGER NOT NULL DEFAULT 0,  -- contacts/contact_records.h KnownKey
  verified_by INTEGER NOT NULL DEFAULT 0,  -- content.proto ContactVerified.How; 0: never
  verified_ms INTEGER NOT NULL DEFAULT 0,
  verified_fingerprint BLOB,      -- fp(AIK) that it is about: void for any other
  heard INTEGER NOT NULL,         -- something of it was decrypted: it knows our handle
  wanted INTEGER NOT NULL,        -- look it up even with nothing to send
  retired_handle TEXT NOT NULL DEFAULT '',      -- a name it gave up
  account_retired INTEGER NOT NULL DEFAULT 0,   -- turned off for good
  added_ms INTEGER NOT NULL,
  CHECK (handle IS NOT NULL OR account IS NOT NULL)
) STRICT;
CREATE INDEX contact_claims ON contact (claimed_handle) WHERE claimed_handle <> '';
CREATE INDEX contact_wanted ON contact (id) WHERE wanted = 1;

CREATE TABLE peer_record (        -- sessions with one device, opaque (session::StoredRecord)
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (account, device, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE peer_session (       -- which device a session id belongs to
  session BLOB PRIMARY KEY,
  account BLOB NOT NULL,
  device BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE peer_device (
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  newest_batch_ms INTEGER,        -- creation of the newest prekey batch verified
  heard_ms INTEGER,               -- last time something of it was decrypted
  unanswered INTEGER NOT NULL,    -- messages of it since the last one to it
  pq_level INTEGER NOT NULL,      -- client_api.proto SecurityState
  last_rekey_ms INTEGER NOT NULL,
  PRIMARY KEY (account, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE verification_run (   -- comparing digits with a contact; one row for each
  account BLOB PRIMARY KEY,
  fingerprint BLOB NOT NULL,      -- fp(AIK) of the contact when it began
  stage INTEGER NOT NULL,         -- verification/digits.h
  run BLOB NOT NULL,
  nonce BLOB NOT NULL,            -- the own one; zeros while a commit waits for the user
  commitment BLOB,                -- the contact's; NULL where this side made it
  begun_ms INTEGER NOT NULL,
  digits TEXT NOT NULL,
  failure TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE departed_device (    -- left its account: its session ids stay known while envelopes may come
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (account, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE notice (             -- about the account's safety
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,          -- client_api.proto Notice.Kind
  time_ms INTEGER NOT NULL,
  detail TEXT NOT NULL,
  address TEXT NOT NULL,
  seen INTEGER NOT NULL           -- by somebody, on this device
) STRICT;

CREATE TABLE prekey_ring (        -- own private prekeys, opaque (session::PrekeyRing); one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  state BLOB NOT NULL
) STRICT;

CREATE TABLE prekey_upload (      -- a batch the server has not confirmed yet; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  request BLOB NOT NULL           -- UploadPrekeys
) STRICT;

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,          -- client_api.proto Conversation.Kind
  contact INTEGER UNIQUE REFERENCES contact(id),  -- of a direct one
  group_id BLOB UNIQUE,           -- of a group, 32 octets
  CHECK ((kind = 1) = (contact IS NOT NULL) AND (kind = 3) = (group_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX conversation_notes ON conversation (kind) WHERE kind = 2;

CREATE TABLE own_sequence (       -- this device's numbering in each conversation
  conversation_id BLOB PRIMARY KEY,
  last INTEGER NOT NULL,          -- sender_seq of the newest content
  last_content_hash BLOB NOT NULL -- its H(content)[0:16]
) STRICT, WITHOUT ROWID;

CREATE TABLE sender_progress (    -- which sender_seq of other devices were seen (session::SequenceSet)
  conversation_id BLOB NOT NULL,
  sender BLOB NOT NULL,           -- fp(DIK)
  seen BLOB NOT NULL,
  last_content_hash BLOB,         -- of the high-water mark
  PRIMARY KEY (conversation_id, sender)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival here
  conversation INTEGER NOT NULL REFERENCES conversation(id),
  msg_id BLOB NOT NULL,
  sender_account BLOB,            -- NULL: this account, not yet registered
  sender_device BLOB NOT NULL,
  sender_sequence INTEGER,        -- NULL: written here, not yet signed
  sent_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  sort_ms INTEGER NOT NULL,       -- timeline: sent_ms, but never against the sender's own order
  content_hash BLOB,              -- H(content)[0:16]
  body TEXT NOT NULL,
  outgoing INTEGER NOT NULL,
  state INTEGER NOT NULL,         -- client_api.proto Message.State
  failure TEXT NOT NULL,
  pq_level INTEGER NOT NULL,      -- client_api.proto SecurityState
  authentication INTEGER NOT NULL,
  verified INTEGER NOT NULL,
  last_rekey_ms INTEGER NOT NULL,
  system INTEGER NOT NULL DEFAULT 0,  -- client_api.proto SystemLine.Kind; 0: somebody's words
  system_devices BLOB,            -- ids, one after the other
  proof_size INTEGER NOT NULL DEFAULT 0,  -- of the log's head that proved the other account's keys; 0: none had
  kind INTEGER NOT NULL DEFAULT 0,  -- client_api.proto Message.Kind
  detail BLOB,                    -- content.proto Content: what a kind has besides its words; NULL: nothing
  target_account BLOB,            -- what it answers, with the next; NULL: nothing
  target_message BLOB,
  expires_ms INTEGER NOT NULL DEFAULT 0,  -- the row goes then; 0: never
  edited_ms INTEGER NOT NULL DEFAULT 0,   -- this and the next two: what message_action says
  unsent INTEGER NOT NULL DEFAULT 0,
  read INTEGER NOT NULL DEFAULT 0,  -- incoming: the user saw it; 1: on another own device, 2: on this one
  UNIQUE (msg_id, conversation, sender_device)  -- in this order: messages are looked for by the first two
) STRICT;
-- With what is asked of every row that is counted: a long conversation is counted from the index alone.
CREATE INDEX message_timeline ON message (conversation, sort_ms, id, expires_ms);
CREATE INDEX message_numbers ON message (conversation, sender_device, sender_sequence);
CREATE INDEX message_unread ON message (id, conversation) WHERE outgoing = 0 AND read < 2;
CREATE INDEX message_expiry ON message (expires_ms) WHERE expires_ms > 0;
CREATE INDEX message_written ON message (conversation) WHERE outgoing = 1 AND system = 0;
CREATE INDEX message_queued ON message (id) WHERE state = 1;

CREATE TABLE delivery (           -- which device said that it holds a message of ours
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  delivered_ms INTEGER NOT NULL,
  PRIMARY KEY (message, account, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox_item (        -- one content for the devices of one account; stays 7 days for re-sending
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account BLOB NOT NULL,
  device BLOB,                    -- only for this device; NULL: every device of the manifest
  message INTEGER REFERENCES message(id) ON DELETE CASCADE,  -- NULL: receipts, sync events, protocol parts
  content BLOB NOT NULL,          -- empty: protocol parts only
  proof BLOB NOT NULL,            -- ContentProof
  report BLOB,                    -- session.proto SessionError to ride along
  complete INTEGER NOT NULL DEFAULT 0,  -- every device that it was meant for was sent it once
  heads INTEGER NOT NULL DEFAULT 0,  -- a HeadExchange: leaves although its account claims another log
  expires_ms INTEGER NOT NULL DEFAULT 0,  -- the row goes then, delivered or not; 0: never
  created_ms INTEGER NOT NULL,
  fanned_out INTEGER NOT NULL,    -- manifest version whose devices have deliveries
  done INTEGER NOT NULL           -- nothing left to do
) STRICT;
-- The next ones are asked with every input, however much is queued: what they cover is never read from the rows.
CREATE INDEX outbox_open ON outbox_item (account, id, fanned_out, message, done) WHERE done = 0;
CREATE INDEX outbox_message ON outbox_item (message) WHERE message IS NOT NULL;
CREATE INDEX outbox_expiry ON outbox_item (expires_ms) WHERE expires_ms > 0;

CREATE TABLE outbox_delivery (    -- one item for one device
  item INTEGER NOT NULL REFERENCES outbox_item(id) ON DELETE CASCADE,
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  wire BLOB,                      -- NULL: to be encrypted, or already accepted
  wire_hash BLOB,
  session BLOB,
  accepted INTEGER NOT NULL,      -- durable at the server
  resent INTEGER NOT NULL,        -- how often it was asked for again
  PRIMARY KEY (item, account, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_pending ON outbox_delivery (item, accepted) WHERE accepted = 0;
CREATE INDEX outbox_unsealed ON outbox_delivery (account, device, item, accepted, wire)
  WHERE accepted = 0 AND wire IS NULL;
CREATE INDEX outbox_sealed ON outbox_delivery (account, device, item) WHERE accepted = 0 AND wire IS NOT NULL;
CREATE INDEX outbox_wire ON outbox_delivery (account, device, wire_hash);

CREATE TABLE recovery_setup (     -- the ways back into this account, the same on all its devices; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  time_ms INTEGER NOT NULL,       -- of the last change: the latest counts
  recovery_key BLOB,              -- public octets; NULL: none
  slot BLOB NOT NULL,             -- the key's own, with the hash of its access
  access_hash BLOB NOT NULL,
  set_id BLOB,                    -- of the shares that contacts hold; NULL: none, and with it the rest
  threshold INTEGER NOT NULL,
  delay_ms INTEGER NOT NULL,
  contacts_access_hash BLOB,
  contacts_slot BLOB,             -- sealed octets of their slot
  drilled_ms INTEGER NOT NULL,    -- when the key was last typed and opened its slot; 0: never
  unnamed INTEGER NOT NULL,       -- this device has to name the key, or that there is none, in a manifest
  stale INTEGER NOT NULL          -- the server has older slots than these
) STRICT;

CREATE TABLE recovery_contact (   -- who holds a share of this account's
  position INTEGER PRIMARY KEY,   -- index of the share
  account BLOB NOT NULL UNIQUE,
  share_hash BLOB,                -- known where the shares were made
  confirmed_ms INTEGER NOT NULL,  -- when the contact last said that it has it; 0: never
  item INTEGER                    -- of the outbox, with the share, until the server has it
) STRICT;

CREATE TABLE recovery_share (     -- what this account keeps for others
  owner BLOB PRIMARY KEY,
  owner_key BLOB NOT NULL,        -- fp(AIK)
  set_id BLOB NOT NULL,
  slot BLOB NOT NULL,
  threshold INTEGER NOT NULL,
  share_index INTEGER NOT NULL,
  share BLOB NOT NULL,            -- value and digests
  delay_ms INTEGER NOT NULL,
  received_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_release (   -- who asked this account for a share, or was vetoed to
  owner BLOB NOT NULL,
  request_hash BLOB NOT NULL,
  set_id BLOB NOT NULL,
  requested_ms INTEGER NOT NULL,  -- 0: a veto came first
  item INTEGER,                   -- of the outbox, that tells the owner
  vetoed INTEGER NOT NULL,
  PRIMARY KEY (owner, request_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_alarm (     -- contacts that were asked for a share of this account
  contact BLOB NOT NULL,
  request_hash BLOB NOT NULL,
  set_id BLOB NOT NULL,
  time_ms INTEGER NOT NULL,
  release_ms INTEGER NOT NULL,
  vetoed INTEGER NOT NULL,
  PRIMARY KEY (contact, request_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_run (       -- on a new device: the account that it is to come back into; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  handle TEXT NOT NULL,
  keep_devices INTEGER NOT NULL,
  seed BLOB,                      -- typed, or found in the contacts' slot
  opener BLOB,                    -- what shares gave: opens that slot
  account BLOB,                   -- as the shares name it, with the next two
  account_key BLOB,
  set_id BLOB,
  request BLOB,                   -- to contacts, with its private halves
  ec_key BLOB,
  kem_key BLOB
) STRICT;

CREATE TABLE held_envelope (      -- received and acknowledged, waiting for the manifest of who claims to write
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account BLOB NOT NULL,
  received_ms INTEGER NOT NULL,
  payload BLOB NOT NULL
) STRICT;
CREATE INDEX held_by_account ON held_envelope (account, id);

CREATE TABLE unread_envelope (    -- one that its sender may have to be told of yet
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  report BLOB NOT NULL,           -- session.proto SessionError
  session BLOB NOT NULL,
  received_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE link_attempts (      -- failed links by code or QR code; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  record BLOB NOT NULL            -- linking::LinkAttempts
) STRICT;

CREATE TABLE account_notice (     -- how far the server's notices were seen; one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  number INTEGER NOT NULL
) STRICT;

CREATE TABLE receipt_due (        -- to be batched into one Receipt
  account BLOB NOT NULL,
  msg_id BLOB NOT NULL,
  content_hash BLOB NOT NULL,
  due_ms INTEGER NOT NULL,
  PRIMARY KEY (account, msg_id)
) STRICT, WITHOUT ROWID;
)sql",        kContentTables, kGroupTables,   kSearchTables, kAttachmentTables, kSmsTables,     kGuestTables,
    kFamilyTables, kEventTables,   kRequestTables, kMediaTables,  kAppTables,        kPreviewTables, kPhotoTables,
};

StoreResult<std::int64_t> stored_version(Database& database) {
  std::int64_t version = 0;
  {
    Rows rows = database.query("PRAGMA user_version");
    if (rows.next()) version = rows.integer(0);
  }
  if (const auto failure = database.take_failure()) return err(*failure);
  return version;
}

}  // namespace

const std::int64_t kSchemaVersion = static_cast<std::int64_t>(kMigrations.size());

StoreResult<void> migrate(Database& database) {
  SOTTO_TRY(std::int64_t version, stored_version(database));
  if (version > kSchemaVersion) return err(StoreError::schema_newer);
  while (version < kSchemaVersion) {
    SOTTO_TRY(auto transaction, Transaction::begin(database));
    // Another process may have migrated since the version was read.
    SOTTO_TRY(const std::int64_t locked_version, stored_version(database));
    if (locked_version == version) {
      database.run_script(kMigrations[static_cast<std::size_t>(version)]);
      database.run_script("PRAGMA user_version = " + std::to_string(version + 1));
    }
    SOTTO_CHECK_OK(transaction.commit());
    ++version;
  }
  return {};
}

}  // namespace sotto::client::store
