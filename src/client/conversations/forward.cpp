#include "client/conversations/forward.h"

#include <algorithm>
#include <vector>

#include "client/attachments/transfers.h"
#include "client/conversations/records.h"
#include "client/conversations/timeline.h"
#include "client/previews/records.h"
#include "client/requests/standing.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using v1::AttachedFile;

/// Of all thumbnails of the new message: the sandbox's own ones may be larger than those that came.
constexpr std::size_t kMaxThumbnails = std::size_t{24} * 1024;

v1::Content detail_of(store::Database& database, std::int64_t row) {
  store::Rows rows = database.query("SELECT detail FROM message WHERE id = ?1", row);
  return rows.next() && !rows.is_null(0) ? decode_detail(rows.octets(0)) : v1::Content();
}

/// Without mentions, which name members of another conversation.
v1::Text text_of(Work& work, std::int64_t row, const v1::Content& detail, const std::string& body) {
  v1::Text text = detail.text();
  text.set_body(body);
  auto* spans = text.mutable_spans();
  const auto kept = std::remove_if(spans->begin(), spans->end(),
                                   [](const auto& span) { return span.style() == v1::Span::MENTION; });
  spans->erase(kept, spans->end());
  if (text.has_preview()) add_preview_picture(work.db, row, *text.mutable_preview());
  return text;
}

/// What the message says now, and nothing of how it was said.
Result<v1::Content, ComposeError> content_of(Work& work, const NamedMessage& message) {
  const auto record = message_record(work.db, work.self, message.row).value_or(v1::Message());
  const v1::Content detail = detail_of(work.db, message.row);
  v1::Content out;
  switch (message.kind) {
    case v1::Message::TEXT: *out.mutable_text() = text_of(work, message.row, detail, record.body()); break;
    case v1::Message::LOCATION:
      *out.mutable_location() = record.location();
      out.mutable_location()
          ->clear_live_until_ms();  // a place: nobody else's position can be followed for them
      break;
    case v1::Message::STICKER: *out.mutable_sticker() = detail.sticker(); break;
    case v1::Message::VOICE_NOTE: *out.mutable_voice_note() = detail.voice_note(); break;
    case v1::Message::CONTACT_CARD: *out.mutable_contact_card() = detail.contact_card(); break;
    default: return err(ComposeError::not_forwardable);
  }
  out.set_forwarded(true);
  return out;
}

Result<void, ComposeError> check_files(Work& work, const std::vector<FileKey>& files) {
  for (const FileKey& key : files) {
    const auto file = load_file(work.db, key);
    const auto record = file_record(work.db, key);
    if (!file || !record || !file->capability || file->state == AttachedFile::UPLOADING)
      return err(ComposeError::file_not_ready);
    if (record->media() == AttachedFile::QUARANTINED || record->media() == AttachedFile::SUSPECT)
      return err(ComposeError::file_unsafe);
  }
  return {};
}

void pass_on_files(Work& work, const std::vector<FileKey>& files, std::int64_t message) {
  std::size_t room = kMaxThumbnails;
  std::int64_t position = 0;
  for (const FileKey& source : files) {
    const auto record = file_record(work.db, source).value_or(AttachedFile());
    const auto& thumbnail = record.clean_thumbnail().empty() ? record.thumbnail() : record.clean_thumbnail();
    const bool fits = thumbnail.size() <= room;
    if (fits) room -= thumbnail.size();
    pass_on_file(work, source, {message, position++}, fits ? wire::octets(thumbnail) : ByteView());
  }
}

}  // namespace

Result<session::MessageId, ComposeError> forward_message(Work& work, std::string_view conversation,
                                                         std::string_view which, std::string_view to,
                                                         const EntryOptions& options) {
  SOTTO_TRY(const auto message, open_message(work, conversation, which, Whose::anybody));
  if (is_request(work.db, work.self, message.conversation)) return err(ComposeError::not_accepted);
  if (message.expires.value > 0) return err(ComposeError::not_forwardable);
  SOTTO_TRY(v1::Content content, content_of(work, message));
  const auto files = files_of(work.db, message.row);
  SOTTO_CHECK_OK(check_files(work, files));
  EntryOptions terms = options;
  terms.with_files = !files.empty();
  SOTTO_TRY(const session::MessageId id, send_entry(work, to, std::move(content), terms));
  if (files.empty()) return id;
  const auto held = hold_for_files(work, id);
  if (!held) return id;  // the transaction failed
  pass_on_files(work, files, *held);
  announce_message(work, *held);
  return id;
}

}  // namespace sotto::client
