#include "client/pictures/records.h"

#include "client/attachments/transfers.h"
#include "client/families/records.h"
#include "client/requests/standing.h"

namespace sotto::client {
namespace {

using v1::AttachedFile;

/// The second octet of media/quarantine.h's record says how often.
bool failed_before(const Bytes& quarantine) { return quarantine.size() > 1 && quarantine[1] > 0; }

std::optional<identity::AccountId> sender_of(store::Database& database, std::int64_t message) {
  store::Rows rows = database.query("SELECT sender_account FROM message WHERE id = ?1", message);
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return rows.id<identity::AccountId>(0);
}

bool is_from_known(store::Database& database, const Self& self, std::int64_t message) {
  const auto sender = sender_of(database, message);
  return sender && (*sender == self.account_id() || is_known(database, *sender));
}

/// Pictures of others, where the guardian says so.
bool must_hide(store::Database& database, const Self& self, std::int64_t message) {
  return must_blur_all_pictures(database, self) && sender_of(database, message) != self.account_id();
}

}  // namespace

void await_look(Work& work, const FileKey& key) {
  work.db.run(
      "INSERT OR IGNORE INTO attachment_media (message, position, state, quarantine, next_ms, failure, mime,"
      " thumbnail) VALUES (?1, ?2, ?3, x'', 0, '', '', x'')",
      key.message, key.position, AttachedFile::UNCHECKED);
}

std::optional<UncheckedFile> next_unchecked(store::Database& database, const Self& self, UnixMs now) {
  std::optional<FileKey> key;
  Bytes quarantine;
  {
    store::Rows rows = database.query(
        "SELECT message, position, quarantine FROM attachment_media WHERE state = 1 AND next_ms <= ?1"
        " ORDER BY next_ms, message, position LIMIT 1",
        now);
    if (!rows.next()) return std::nullopt;
    key = FileKey{rows.integer(0), rows.integer(1)};
    quarantine = rows.octets(2);
  }
  auto file = load_file(database, *key);
  if (!file) return std::nullopt;
  const bool known = is_from_known(database, self, key->message);
  const bool hidden = must_hide(database, self, key->message);
  return UncheckedFile{*std::move(file), std::move(quarantine), known, hidden};
}

void note_looked(Work& work, const FileKey& key, const Looked& looked) {
  // The policy came while it was looked at: it stays unchecked, and somebody looks again.
  if (looked.state == AttachedFile::CLEAN && must_hide(work.db, work.self, key.message)) return;
  work.db.run(
      "UPDATE attachment_media SET state = ?3, quarantine = ?4, next_ms = ?5, failure = ?6, thumbnail = ?7"
      " WHERE message = ?1 AND position = ?2 AND state = ?8",
      key.message, key.position, looked.state, looked.quarantine, looked.next,
      std::string_view(looked.failure), looked.thumbnail, AttachedFile::UNCHECKED);
  if (work.db.changes() == 0) return;
  if (looked.clean) {
    work.db.run(
        "UPDATE attachment_media SET mime = ?3, key = ?4, file_id = ?5, size = ?6, tags_hash = ?7"
        " WHERE message = ?1 AND position = ?2",
        key.message, key.position, std::string_view(looked.clean->mime), looked.clean->keys.key,
        looked.clean->keys.file_id, looked.clean->shape.file, looked.clean->tags_hash);
  }
  announce_file(work, key);
}

bool release_picture(Work& work, const FileKey& key) {
  work.db.run(
      "UPDATE attachment_media SET state = ?3, quarantine = x'', next_ms = 0, failure = '' WHERE message = ?1"
      " AND position = ?2 AND state = ?4",
      key.message, key.position, AttachedFile::UNCHECKED, AttachedFile::QUARANTINED);
  if (work.db.changes() == 0) return false;
  announce_file(work, key);
  return true;
}

std::vector<FileKey> quarantined_files(store::Database& database) {
  std::vector<FileKey> out;
  store::Rows rows = database.query(
      "SELECT message, position FROM attachment_media WHERE state = ?1 ORDER BY message, position",
      AttachedFile::QUARANTINED);
  while (rows.next()) out.push_back({rows.integer(0), rows.integer(1)});
  return out;
}

std::optional<CleanFile> load_clean(store::Database& database, const FileKey& key) {
  store::Rows rows = database.query(
      "SELECT key, file_id, size, tags_hash, mime FROM attachment_media WHERE message = ?1 AND position = ?2"
      " AND file_id IS NOT NULL",
      key.message, key.position);
  if (!rows.next()) return std::nullopt;
  auto secret = rows.secret_array<attachments::AttachmentKey>(0);
  const auto shape = attachments::Shape::of(rows.count(2));
  if (!secret || !shape) {
    database.report_damage();
    return std::nullopt;
  }
  return CleanFile{{*std::move(secret), rows.array<32>(1)}, *shape, rows.array<48>(3), rows.text(4)};
}

void add_media(store::Database& database, const FileKey& key, AttachedFile& record) {
  store::Rows rows = database.query(
      "SELECT state, failure, mime, thumbnail, coalesce(size, 0), quarantine FROM attachment_media WHERE "
      "message = ?1 AND"
      " position = ?2",
      key.message, key.position);
  if (!rows.next()) return;
  record.set_media(static_cast<MediaState>(rows.integer(0)));
  if (record.media() == AttachedFile::UNCHECKED && failed_before(rows.octets(5))) {
    record.set_media(AttachedFile::SUSPECT);
  }
  record.set_media_failure(rows.text(1));
  record.set_clean_mime(rows.text(2));
  record.set_clean_thumbnail(std::string(as_chars(rows.octets(3))));
  record.set_clean_size(rows.count(4));
}

std::string load_classifier(store::Database& database) {
  store::Rows rows = database.query("SELECT classifier FROM media_setting");
  return rows.next() ? rows.text(0) : std::string();
}

Result<void, ComposeError> set_classifier(Work& work, std::string_view path) {
  const std::string present = load_classifier(work.db);
  if (present == path) return {};
  if (!present.empty() && must_blur_pictures(work.db, work.self)) return err(ComposeError::family_classifier);
  work.db.run("INSERT OR REPLACE INTO media_setting (id, classifier) VALUES (1, ?1)", path);
  return {};
}

}  // namespace sotto::client
