#include "client/attachments/transfers.h"

#include <algorithm>
#include <string>

#include "bytes/encoder.h"
#include "client/attachments/policy.h"
#include "client/conversations/records.h"
#include "client/conversations/timeline.h"
#include "client/groups/photo.h"
#include "client/pictures/records.h"
#include "client/requests/standing.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Blobs opened, or released, in one input.
constexpr std::size_t kMaxBlobRequests = 4;
constexpr DurationMs kBlobPause = seconds(2);
/// Of all thumbnails of a message, and the picture in a preview: with the longest text and ten files they fit
/// an envelope. Pictures beyond it go without.
constexpr std::size_t kMaxThumbnails = std::size_t{24} * 1024;
/// Larger than any content that fits an envelope.
constexpr std::size_t kMaxContent = std::size_t{64} * 1024;

RequestKey about(RequestKind kind, const FileKey& key) {
  Encoder subject;
  subject.u64(static_cast<std::uint64_t>(key.message)).u64(static_cast<std::uint64_t>(key.position));
  return {kind, std::move(subject).take()};
}
RequestKey opening(const FileKey& key) { return about(RequestKind::blob, key); }

FileKey file_of(const Request& request) {
  Decoder in(request.key.subject);
  const auto message = static_cast<std::int64_t>(in.u64());
  return {message, static_cast<std::int64_t>(in.u64())};
}

void set_state(Work& work, const FileKey& key, FileState state, std::string_view failure = {}) {
  work.db.run("UPDATE attachment SET state = ?3, failure = ?4 WHERE message = ?1 AND position = ?2",
              key.message, key.position, state, failure);
  announce_file(work, key);
}

/// The message goes to those that are signed once all of its files are at the server.
void release_draft(Work& work, std::int64_t message) {
  v1::Content content;
  {
    store::Rows rows = work.db.query(
        "SELECT content FROM attachment_draft d WHERE message = ?1 AND NOT EXISTS (SELECT 1 FROM attachment a"
        " WHERE a.message = d.message AND a.state = ?2)",
        message, v1::AttachedFile::UPLOADING);
    if (!rows.next()) return;
    if (!wire::decode(rows.octets(0), kMaxContent, content)) return work.db.report_damage();
  }
  for (const FileKey& key : files_of(work.db, message)) {
    if (auto attachment = wire_form(work.db, key)) *content.add_attachments() = *std::move(attachment);
  }
  work.db.run(
      "INSERT INTO composed (conversation, message, msg_id, sent_ms, until_ms, content) SELECT conversation,"
      " message, msg_id, sent_ms, 0, ?2 FROM attachment_draft WHERE message = ?1",
      message, wire::encode(content));
  work.db.run("DELETE FROM attachment_draft WHERE message = ?1", message);
}

bool is_in_request(Work& work, std::int64_t message) {
  std::optional<ConversationRow> row;
  {
    store::Rows rows = work.db.query("SELECT conversation FROM message WHERE id = ?1", message);
    if (rows.next()) row = rows.integer(0);
  }
  const auto conversation = row ? load_conversation(work.db, *row) : std::nullopt;
  return conversation && is_request(work.db, work.self, *conversation);
}

void open_blobs(Work& work) {
  std::vector<std::pair<FileKey, UnixMs>> waiting;
  {
    store::Rows rows = work.db.query(
        "SELECT a.message, a.position, m.expires_ms FROM attachment a JOIN message m ON m.id = a.message "
        "WHERE"
        " a.state = 1 AND a.capability IS NULL AND NOT EXISTS (SELECT 1 FROM blob_keep k WHERE k.message ="
        " a.message AND k.position = a.position) ORDER BY a.message, a.position LIMIT ?1",
        kMaxBlobRequests);
    while (rows.next()) waiting.emplace_back(FileKey{rows.integer(0), rows.integer(1)}, rows.time(2));
  }
  for (const auto& [key, expires] : waiting) {
    const auto file = load_file(work.db, key);
    if (!file || !work.link.may(opening(key), work.now)) continue;
    const std::uint64_t most = work.link.limits.max_blob_bytes();
    if (file->shape.stored > most) {
      file_failed(work, key,
                  most == 0
                      ? std::string("this server takes no attachments")
                      : "this server takes attachments of up to " + std::to_string(most >> 20) + " MiB");
      continue;
    }
    v1::ClientFrame frame;
    frame.mutable_create_blob()->set_size(file->shape.stored);
    // What disappears need not lie at the server for longer.
    if (expires.value > 0)
      frame.mutable_create_blob()->set_keep_ms(std::max<std::uint64_t>(1, elapsed(work.now, expires).value));
    work.link.send(work.effects, frame, {.key = opening(key), .account = {}, .handle = {}});
  }
}

void ask_to_keep_blobs(Work& work) {
  std::vector<std::pair<FileKey, Bytes>> waiting;
  {
    store::Rows rows = work.db.query(
        "SELECT message, position, capability FROM blob_keep ORDER BY message, position LIMIT ?1",
        kMaxBlobRequests);
    while (rows.next()) waiting.emplace_back(FileKey{rows.integer(0), rows.integer(1)}, rows.octets(2));
  }
  for (const auto& [key, capability] : waiting) {
    const RequestKey request = about(RequestKind::blob_keep, key);
    if (!work.link.may(request, work.now)) continue;
    v1::ClientFrame frame;
    frame.mutable_keep_blob()->set_capability(wire::field(capability));
    work.link.send(work.effects, frame, {.key = request, .account = {}, .handle = {}});
  }
}

/// The server has it no more: from here it can be sent anew, if it is here.
void keep_failed(Work& work, const FileKey& key) {
  bool here = false;
  {
    store::Rows rows = work.db.query("SELECT here FROM blob_keep WHERE message = ?1 AND position = ?2",
                                     key.message, key.position);
    if (!rows.next()) return;
    here = rows.flag(0);
  }
  work.db.run("DELETE FROM blob_keep WHERE message = ?1 AND position = ?2", key.message, key.position);
  if (!here) file_failed(work, key, "the server has it no more, and it is not on this device");
}

void release_blobs(Work& work) {
  std::vector<Bytes> waiting;
  {
    store::Rows rows = work.db.query("SELECT capability FROM blob_release LIMIT ?1", kMaxBlobRequests);
    while (rows.next()) waiting.push_back(rows.octets(0));
  }
  for (const Bytes& capability : waiting) {
    const RequestKey key{RequestKind::blob_release, capability};
    if (!work.link.may(key, work.now)) continue;
    v1::ClientFrame frame;
    frame.mutable_release_blob()->set_capability(wire::field(capability));
    work.link.send(work.effects, frame, {.key = key, .account = {}, .handle = {}});
  }
}

}  // namespace

void announce_file(Work& work, const FileKey& key) {
  auto record = file_record(work.db, key);
  const auto message = message_record(work.db, work.self, key.message);
  if (!record || !message) return;
  record->set_message_id(message->message_id());
  record->set_conversation(message->conversation());
  record->clear_thumbnail();
  record->clear_clean_thumbnail();
  *work.effects.events.emplace_back().mutable_file() = *std::move(record);
}

Result<session::MessageId, ComposeError> send_files(Work& work, std::string_view conversation,
                                                    v1::Content content, const EntryOptions& options,
                                                    const std::vector<NewFile>& files) {
  const std::size_t taken = std::min(content.text().preview().picture().size(), kMaxThumbnails);
  SOTTO_TRY(const session::MessageId id, send_entry(work, conversation, std::move(content), options));
  const auto held = hold_for_files(work, id);
  if (!held) return id;
  const std::int64_t message = *held;
  std::size_t room = kMaxThumbnails - taken;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool fits = files[i].thumbnail.size() <= room;
    if (fits) room -= files[i].thumbnail.size();
    insert_outgoing_file(work.db, {message, static_cast<std::int64_t>(i)}, files[i],
                         fits ? ByteView(files[i].thumbnail) : ByteView());
  }
  announce_message(work, message);
  return id;
}

std::optional<std::int64_t> hold_for_files(Work& work, const session::MessageId& id) {
  std::int64_t message = 0;
  {
    store::Rows rows = work.db.query("SELECT message FROM composed WHERE msg_id = ?1", id);
    if (!rows.next()) return std::nullopt;
    message = rows.integer(0);
  }
  work.db.run(
      "INSERT INTO attachment_draft (message, conversation, msg_id, sent_ms, content) SELECT message, "
      "conversation,"
      " msg_id, sent_ms, content FROM composed WHERE message = ?1",
      message);
  work.db.run("DELETE FROM composed WHERE message = ?1", message);
  return message;
}

void pass_on_file(Work& work, const FileKey& source, const FileKey& key, ByteView thumbnail) {
  work.db.run(
      "INSERT INTO attachment (message, position, state, key, file_id, size, tags_hash, mime, name, "
      "thumbnail,"
      " transferred, failure) SELECT ?3, ?4, ?5, key, file_id, size, tags_hash, mime, name, ?6, 0, '' FROM"
      " attachment WHERE message = ?1 AND position = ?2",
      source.message, source.position, key.message, key.position, v1::AttachedFile::UPLOADING, thumbnail);
  work.db.run(
      "INSERT INTO blob_keep (message, position, capability, here) SELECT ?3, ?4, capability, state = ?5 FROM"
      " attachment WHERE message = ?1 AND position = ?2",
      source.message, source.position, key.message, key.position, v1::AttachedFile::HERE);
  // What the sandbox made of it, or has still to make, is the same.
  work.db.run(
      "INSERT INTO attachment_media (message, position, state, quarantine, next_ms, failure, mime, "
      "thumbnail, key,"
      " file_id, size, tags_hash) SELECT ?3, ?4, state, quarantine, next_ms, failure, mime, thumbnail, key, "
      "file_id,"
      " size, tags_hash FROM attachment_media WHERE message = ?1 AND position = ?2",
      source.message, source.position, key.message, key.position);
}

void take_files(Work& work, std::int64_t message, ConversationRow conversation, const v1::Content& content,
                bool from_self) {
  const DownloadPolicy policy = load_policy(work.db);
  const int count = std::min(content.attachments_size(), kMaxFilesOfMessage);
  for (int i = 0; i < count; ++i) {
    const auto file = attachments::decode(content.attachments(i));
    if (!file) {
      report_problem(work, v1::Problem::ATTACHMENT_REFUSED, attachments::describe(file.error()));
      continue;
    }
    const bool fetched = fetches(work.db, work.self, policy, conversation, from_self, file->shape.stored);
    insert_incoming_file(work.db, {message, i}, *file,
                         fetched ? v1::AttachedFile::DOWNLOADING : v1::AttachedFile::REMOTE);
  }
}

bool want_file(Work& work, const FileKey& key) {
  const auto file = load_file(work.db, key);
  if (!file || !file->capability || file->token) return false;
  if (file->state != v1::AttachedFile::REMOTE && file->state != v1::AttachedFile::FAILED) return false;
  if (is_in_request(work, key.message)) return false;
  set_state(work, key, v1::AttachedFile::DOWNLOADING);
  return true;
}

Result<std::vector<FileKey>, ComposeError> message_files(Work& work, std::string_view conversation,
                                                         std::string_view which) {
  SOTTO_TRY(const auto message, named_message(work, conversation, which, Whose::anybody));
  if (is_request(work.db, work.self, message.conversation)) return err(ComposeError::not_accepted);
  return files_of(work.db, message.row);
}

void keep_blobs(Work& work) {
  renew_photos(work);
  ask_to_keep_blobs(work);
  open_blobs(work);
  release_blobs(work);
}

void on_blob_created(Work& work, const Request& request, const v1::BlobCreated& created) {
  work.link.succeeded(request.key);
  const FileKey key = file_of(request);
  if (created.capability().size() != 32 || created.upload_token().size() != 32) {
    work.effects.disconnect = Disconnect::retry;
    return;
  }
  work.db.run(
      "UPDATE attachment SET capability = ?3, upload_token = ?4, transferred = 0 WHERE message = ?1 AND "
      "position ="
      " ?2 AND state = 1",
      key.message, key.position, wire::octets(created.capability()), wire::octets(created.upload_token()));
}

void on_blob_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.code() == v1::Error::NO_SUCH_BLOB && request.key.kind == RequestKind::blob_keep)
    return keep_failed(work, file_of(request));
  if (request.key.kind == RequestKind::blob_release) {
    if (error.code() == v1::Error::NO_SUCH_BLOB) return on_blob_released(work, request);
  } else if (error.code() == v1::Error::TOO_LARGE || error.code() == v1::Error::BLOB_QUOTA) {
    return file_failed(
        work, file_of(request),
        error.code() == v1::Error::TOO_LARGE
            ? "it is too large for this server"
            : "your account keeps as many attachments on this server as it may; they expire with "
              "time");
  }
  work.link.pause(request.key, std::max(kBlobPause, DurationMs{error.retry_after_ms()}), work.now,
                  work.random);
}

void on_blob_kept(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  const FileKey key = file_of(request);
  bool here = false;
  {
    store::Rows rows = work.db.query("SELECT here FROM blob_keep WHERE message = ?1 AND position = ?2",
                                     key.message, key.position);
    if (!rows.next()) return;  // taken back meanwhile; it is kept until its time
    here = rows.flag(0);
  }
  work.db.run(
      "UPDATE attachment SET kept = 1, capability = (SELECT capability FROM blob_keep k WHERE k.message = ?1 "
      "AND"
      " k.position = ?2) WHERE message = ?1 AND position = ?2",
      key.message, key.position);
  work.db.run("DELETE FROM blob_keep WHERE message = ?1 AND position = ?2", key.message, key.position);
  set_state(work, key, here ? v1::AttachedFile::HERE : v1::AttachedFile::REMOTE);
  release_draft(work, key.message);
}

void on_blob_released(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  work.db.run("DELETE FROM blob_release WHERE capability = ?1", request.key.subject);
}

void file_moved(Work& work, const FileKey& key, std::uint64_t transferred) {
  const auto file = load_file(work.db, key);
  if (!file) return;
  const std::uint64_t reached = std::min(transferred, file->shape.stored);
  work.db.run("UPDATE attachment SET transferred = ?3 WHERE message = ?1 AND position = ?2", key.message,
              key.position, reached);
  if (reached < file->shape.stored) return announce_file(work, key);
  const bool was_upload = file->state == v1::AttachedFile::UPLOADING;
  if (!was_upload) await_look(work, key);
  set_state(work, key, v1::AttachedFile::HERE);
  if (!was_upload) return;
  release_draft(work, key.message);
  release_photo(work, key.message);
}

void upload_lost(Work& work, const FileKey& key) {
  work.db.run(
      "UPDATE attachment SET capability = NULL, upload_token = NULL, transferred = 0 WHERE message = ?1 AND"
      " position = ?2 AND state = 1",
      key.message, key.position);
}

void file_failed(Work& work, const FileKey& key, std::string_view reason) {
  const auto file = load_file(work.db, key);
  if (!file) return;
  set_state(work, key, v1::AttachedFile::FAILED, reason);
  if (file->state != v1::AttachedFile::UPLOADING) return;
  work.db.run("DELETE FROM attachment_draft WHERE message = ?1", key.message);
  work.db.run("DELETE FROM blob_keep WHERE message = ?1", key.message);
  work.db.run("DELETE FROM group_photo_draft WHERE message = ?1", key.message);
  work.db.run("UPDATE attachment SET state = ?2 WHERE message = ?1 AND state = 1", key.message,
              v1::AttachedFile::FAILED);
  mark_failed(work, key.message, file->name + ": " + std::string(reason));
}

}  // namespace sotto::client
