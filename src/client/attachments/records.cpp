#include "client/attachments/records.h"

#include "client/pictures/records.h"
#include "wire/decode.h"

namespace sotto::client {

void insert_outgoing_file(store::Database& database, const FileKey& key, const NewFile& file,
                          ByteView thumbnail) {
  database.run(
      "INSERT INTO attachment (message, position, state, key, file_id, size, tags_hash, mime, name, "
      "thumbnail,"
      " transferred, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, '')",
      key.message, key.position, v1::AttachedFile::UPLOADING, file.keys.key, file.keys.file_id,
      file.shape.file, file.tags_hash, std::string_view(file.mime), std::string_view(file.name), thumbnail);
}

void insert_incoming_file(store::Database& database, const FileKey& key, const attachments::Descriptor& file,
                          FileState state) {
  database.run(
      "INSERT INTO attachment (message, position, state, capability, key, file_id, size, tags_hash, mime, "
      "name,"
      " thumbnail, transferred, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, '')",
      key.message, key.position, state, file.capability, file.keys.key, file.keys.file_id, file.shape.file,
      file.tags_hash, std::string_view(file.mime), std::string_view(file.name), file.thumbnail);
}

std::optional<FileRow> load_file(store::Database& database, const FileKey& key) {
  store::Rows rows = database.query(
      "SELECT state, capability, upload_token, key, file_id, size, tags_hash, mime, name, transferred FROM"
      " attachment WHERE message = ?1 AND position = ?2",
      key.message, key.position);
  if (!rows.next()) return std::nullopt;
  auto secret = rows.secret_array<attachments::AttachmentKey>(3);
  const auto shape = attachments::Shape::of(rows.count(5));
  if (!secret || !shape) {
    database.report_damage();
    return std::nullopt;
  }
  FileRow out{.key = key,
              .state = static_cast<FileState>(rows.integer(0)),
              .capability = {},
              .token = {},
              .keys = {*std::move(secret), rows.array<32>(4)},
              .shape = *shape,
              .tags_hash = rows.array<48>(6),
              .mime = rows.text(7),
              .name = rows.text(8),
              .transferred = rows.count(9)};
  if (!rows.is_null(1)) out.capability = rows.array<32>(1);
  if (!rows.is_null(2)) out.token = rows.array<32>(2);
  return out;
}

std::vector<FileKey> files_of(store::Database& database, std::int64_t message) {
  std::vector<FileKey> out;
  store::Rows rows =
      database.query("SELECT position FROM attachment WHERE message = ?1 ORDER BY position", message);
  while (rows.next()) out.push_back({message, rows.integer(0)});
  return out;
}

std::vector<FileKey> moving_files(store::Database& database, std::size_t limit) {
  std::vector<FileKey> out;
  store::Rows rows = database.query(
      "SELECT message, position FROM attachment WHERE state IN (1, 4) AND capability IS NOT NULL"
      " ORDER BY message, position LIMIT ?1",
      limit);
  while (rows.next()) out.push_back({rows.integer(0), rows.integer(1)});
  return out;
}

std::optional<v1::Attachment> wire_form(store::Database& database, const FileKey& key) {
  store::Rows rows = database.query(
      "SELECT capability, key, file_id, size, tags_hash, mime, name, thumbnail FROM attachment WHERE message "
      "="
      " ?1 AND position = ?2 AND capability IS NOT NULL",
      key.message, key.position);
  if (!rows.next()) return std::nullopt;
  const auto shape = attachments::Shape::of(rows.count(3));
  if (!shape) {
    database.report_damage();
    return std::nullopt;
  }
  v1::Attachment out;
  out.set_capability(wire::field(rows.octets(0)));
  out.set_key(wire::field(rows.octets(1)));
  out.set_file_id(wire::field(rows.octets(2)));
  out.set_size(shape->file);
  out.set_stored_size(shape->stored);
  out.set_tags_hash(wire::field(rows.octets(4)));
  out.set_mime(rows.text(5));
  out.set_name(rows.text(6));
  out.set_thumbnail(wire::field(rows.octets(7)));
  return out;
}

std::optional<v1::AttachedFile> file_record(store::Database& database, const FileKey& key) {
  store::Rows rows = database.query(
      "SELECT state, size, mime, name, thumbnail, transferred, failure FROM attachment WHERE message = ?1 AND"
      " position = ?2",
      key.message, key.position);
  if (!rows.next()) return std::nullopt;
  const auto shape = attachments::Shape::of(rows.count(1));
  if (!shape) {
    database.report_damage();
    return std::nullopt;
  }
  v1::AttachedFile out;
  out.set_position(static_cast<std::uint32_t>(key.position));
  out.set_state(static_cast<FileState>(rows.integer(0)));
  out.set_size(shape->file);
  out.set_stored_size(shape->stored);
  out.set_mime(rows.text(2));
  out.set_name(rows.text(3));
  out.set_thumbnail(wire::field(rows.octets(4)));
  out.set_transferred(rows.count(5));
  out.set_failure(rows.text(6));
  add_media(database, key, out);
  return out;
}

}  // namespace sotto::client
