#include "client/groups/photo.h"

#include "bytes/hex.h"
#include "client/attachments/policy.h"
#include "client/conversations/system_lines.h"
#include "client/conversations/timeline.h"
#include "client/groups/changes.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/groups/lines.h"
#include "groups/limits.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Before the server's 30 days are over, with time for a device that is seldom on.
constexpr DurationMs kRenewAfter = days(10);
constexpr std::int64_t kMaxRenewed = 4;

/// As operations carry it: without thumbnail.
Bytes descriptor_octets(store::Database& database, const FileKey& key) {
  auto attachment = wire_form(database, key);
  if (!attachment) return {};
  attachment->clear_thumbnail();
  return wire::encode(*attachment);
}

std::optional<groups::GroupId> waiting_photo(store::Database& database, std::int64_t line) {
  store::Rows rows = database.query(
      "SELECT group_id FROM group_photo_draft d WHERE message = ?1 AND NOT EXISTS (SELECT 1 FROM attachment a"
      " WHERE a.message = d.message AND a.state = ?2)",
      line, v1::AttachedFile::UPLOADING);
  return rows.next() ? std::optional(rows.array<32>(0)) : std::nullopt;
}

/// Whether this account may, before anything is sent.
GroupOutcome<void> check_permission(Work& work, const groups::GroupId& group) {
  const auto* history = work.run.histories.find(work.db, group);
  const auto draft = history->draft(own_author(work), groups::SetPhoto{}, work.now);
  if (!draft) return err(GroupFailure{GroupCommandError::refused, draft.error()});
  return {};
}

bool administers(Work& work, const groups::History& history) {
  const auto* own = history.state().roster.find(work.self.account_id());
  return own != nullptr && own->role != groups::Role::member;
}

struct Photo {
  groups::GroupId group{};
  FileKey key;
};

/// Photos of groups that were not renewed lately.
std::vector<Photo> due_photos(Work& work) {
  std::vector<Photo> out;
  store::Rows rows = work.db.query(
      "SELECT v.group_id, p.message FROM group_photo p JOIN message m ON m.id = p.message JOIN conversation "
      "v ON v.id ="
      " m.conversation JOIN attachment a ON a.message = p.message AND a.position = 0 WHERE p.renewed_ms < ?1 "
      "AND"
      " a.state = ?2 LIMIT ?3",
      UnixMs{work.now.value - std::min(work.now.value, kRenewAfter.value)}, v1::AttachedFile::HERE,
      kMaxRenewed);
  while (rows.next()) out.push_back({rows.array<32>(0), {rows.integer(1), 0}});
  return out;
}

}  // namespace

std::optional<attachments::Descriptor> photo_of(ByteView descriptor) {
  v1::Attachment attachment;
  if (descriptor.empty() || !wire::decode(descriptor, groups::kMaxPhoto, attachment)) return std::nullopt;
  auto file = attachments::decode(attachment);
  return file ? std::optional(*std::move(file)) : std::nullopt;
}

std::optional<FileKey> photo_line(store::Database& database, ConversationRow conversation,
                                  const attachments::FileId& file) {
  store::Rows rows = database.query(
      "SELECT a.message, a.position FROM attachment a JOIN message m ON m.id = a.message WHERE a.file_id = "
      "?1 AND"
      " m.conversation = ?2 AND m.system = ?3 ORDER BY a.message DESC LIMIT 1",
      file, conversation, v1::SystemLine::GROUP_PHOTO_CHANGED);
  if (!rows.next()) return std::nullopt;
  return FileKey{rows.integer(0), rows.integer(1)};
}

void take_photo(Work& work, std::int64_t line, ConversationRow conversation,
                const attachments::Descriptor& photo, bool from_self) {
  const bool fetched =
      fetches(work.db, work.self, load_policy(work.db), conversation, from_self, photo.shape.stored);
  insert_incoming_file(work.db, {line, 0}, photo,
                       fetched ? v1::AttachedFile::DOWNLOADING : v1::AttachedFile::REMOTE);
  work.db.run("INSERT INTO group_photo (message, renewed_ms) VALUES (?1, ?2)", line, work.now);
}

GroupOutcome<void> set_group_photo(Work& work, std::string_view group, const NewFile& photo) {
  SOTTO_TRY(const auto id, group_called(work, group));
  if (!photo.mime.starts_with("image/") || photo.shape.file > kMaxGroupPhoto)
    return err(GroupFailure{GroupCommandError::bad_photo});
  SOTTO_CHECK_OK(check_permission(work, id));
  v1::SystemLine line;
  line.set_kind(v1::SystemLine::GROUP_PHOTO_CHANGED);
  const std::int64_t row = tell_group(work, ensure_group_conversation(work.db, id),
                                      {.kind = line.kind(),
                                       .devices = {},
                                       .words = words_of(line, work.self.handle),
                                       .cause = {work.self.account_id(), work.self.device.id},
                                       .detail = wire::encode(line)});
  work.db.run("UPDATE message SET state = ?2 WHERE id = ?1", row, v1::Message::QUEUED);
  insert_outgoing_file(work.db, {row, 0}, photo, photo.thumbnail);
  work.db.run("INSERT INTO group_photo_draft (message, group_id) VALUES (?1, ?2)", row, id);
  work.db.run("INSERT INTO group_photo (message, renewed_ms) VALUES (?1, ?2)", row, work.now);
  announce_group_line(work, row);
  return {};
}

GroupOutcome<void> remove_group_photo(Work& work, std::string_view group) {
  SOTTO_TRY(const auto id, group_called(work, group));
  return change_group(work, id, groups::SetPhoto{});
}

void release_photo(Work& work, std::int64_t line) {
  const auto group = waiting_photo(work.db, line);
  if (!group) return;
  work.db.run("DELETE FROM group_photo_draft WHERE message = ?1", line);
  const auto changed = change_group(work, *group, groups::SetPhoto{descriptor_octets(work.db, {line, 0})});
  if (!changed) return mark_failed(work, line, describe(changed.error()));
  work.db.run("UPDATE message SET state = ?2 WHERE id = ?1", line, v1::Message::STATE_UNSPECIFIED);
  announce_group_line(work, line);
}

std::optional<v1::AttachedFile> photo_record(store::Database& database, const Self& self,
                                             const groups::History& history) {
  const auto photo = photo_of(history.state().photo);
  const auto conversation = find_group_conversation(database, history.id());
  const auto key =
      photo && conversation ? photo_line(database, conversation->id, photo->keys.file_id) : std::nullopt;
  auto record = key ? file_record(database, *key) : std::nullopt;
  if (!record) return std::nullopt;
  store::Rows rows = database.query("SELECT msg_id FROM message WHERE id = ?1", key->message);
  if (rows.next()) record->set_message_id(to_hex(rows.octets(0)));
  record->set_conversation(conversation_name(database, self, *conversation));
  return record;
}

void renew_photos(Work& work) {
  for (const Photo& photo : due_photos(work)) {
    const auto* history = work.run.histories.find(work.db, photo.group);
    const auto present = history == nullptr ? std::nullopt : photo_of(history->state().photo);
    const auto file = load_file(work.db, photo.key);
    const bool needed = present && file && present->keys.file_id == file->keys.file_id;
    if (!needed) {
      work.db.run("DELETE FROM group_photo WHERE message = ?1", photo.key.message);
      continue;
    }
    work.db.run("UPDATE group_photo SET renewed_ms = ?2 WHERE message = ?1", photo.key.message, work.now);
    if (!administers(work, *history)) continue;
    work.db.run(
        "INSERT OR IGNORE INTO blob_keep (message, position, capability, here) SELECT message, position, "
        "capability, 1"
        " FROM attachment WHERE message = ?1 AND position = 0 AND capability IS NOT NULL",
        photo.key.message);
  }
}

}  // namespace sotto::client
