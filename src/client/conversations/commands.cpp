#include "client/conversations/commands.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/conversations/reading.h"
#include "client/conversations/records.h"
#include "client/conversations/timeline.h"
#include "client/conversations/typing.h"
#include "client/families/enforcement.h"
#include "client/sync/own_words.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Fewer digits would rarely name one message.
constexpr std::size_t kMinDigits = 4;

/// The ids that begin with these hexadecimal digits lie between the two.
struct IdRange {
  session::MessageId first{};
  session::MessageId last{};
};

std::optional<IdRange> ids_beginning_with(std::string_view digits) {
  constexpr std::size_t kDigits = 2 * std::tuple_size_v<session::MessageId>;
  if (digits.size() < kMinDigits || digits.size() > kDigits) return std::nullopt;
  const auto first = from_hex(std::string(digits) + std::string(kDigits - digits.size(), '0'));
  const auto last = from_hex(std::string(digits) + std::string(kDigits - digits.size(), 'f'));
  if (!first || !last) return std::nullopt;
  return IdRange{to_array<16>(*first), to_array<16>(*last)};
}

std::optional<std::int64_t> newest_row(store::Database& database, ConversationRow conversation, Whose whose) {
  store::Rows rows = database.query(
      "SELECT id FROM message WHERE conversation = ?1 AND system = 0 AND (outgoing = 1 OR ?2 = 0)"
      " ORDER BY (outgoing = ?2) DESC, sort_ms DESC, id DESC LIMIT 1",
      conversation, whose == Whose::own);
  return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

Result<std::int64_t, ComposeError> find_row(store::Database& database, ConversationRow conversation,
                                            std::string_view which, Whose whose) {
  if (which == "last") {
    const auto row = newest_row(database, conversation, whose);
    return row ? Result<std::int64_t, ComposeError>(*row) : err(ComposeError::no_message);
  }
  const auto range = ids_beginning_with(which);
  if (!range) return err(ComposeError::no_message);
  store::Rows rows = database.query(
      // +: led by the id, not by all of the conversation.
      "SELECT id FROM message WHERE msg_id BETWEEN ?2 AND ?3 AND +conversation = ?1 AND (system = 0 OR ?2 ="
      " ?3) LIMIT 2",
      conversation, range->first, range->last);
  if (!rows.next()) return err(ComposeError::no_message);
  const std::int64_t row = rows.integer(0);
  if (rows.next()) return err(ComposeError::ambiguous_message);
  return row;
}

Result<ConversationRecord, ComposeError> known_conversation(Work& work, std::string_view typed) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  const auto conversation = find_conversation(work.db, work.self, typed);
  if (!conversation) return err(ComposeError::no_conversation);
  return *conversation;
}

/// Not signed yet: it need never leave.
void withdraw(Work& work, const NamedMessage& message) {
  work.db.run("DELETE FROM composed WHERE message = ?1", message.row);
  mark_failed(work, message.row, "taken back before it was sent");
}

}  // namespace

Result<NamedMessage, ComposeError> named_message(Work& work, std::string_view conversation,
                                                 std::string_view which, Whose whose) {
  SOTTO_TRY(const auto record, known_conversation(work, conversation));
  SOTTO_TRY(const std::int64_t row, find_row(work.db, record.id, which, whose));
  store::Rows rows = work.db.query(
      "SELECT sender_account, msg_id, kind, outgoing, unsent, expires_ms, sender_sequence IS NOT NULL,"
      " system FROM message WHERE id = ?1",
      row);
  if (!rows.next()) return err(ComposeError::no_message);
  if (whose == Whose::own && !rows.flag(3)) return err(ComposeError::not_yours);
  return NamedMessage{.conversation = record,
                      .key = {rows.id<identity::AccountId>(0), rows.array<16>(1)},
                      .row = row,
                      .kind = static_cast<v1::Message::Kind>(rows.integer(2)),
                      .unsent = rows.flag(4),
                      .is_signed = rows.flag(6),
                      .system = rows.integer(7) != 0,
                      .expires = rows.time(5)};
}

Result<NamedMessage, ComposeError> open_message(Work& work, std::string_view conversation,
                                                std::string_view which, Whose whose) {
  auto message = named_message(work, conversation, which, whose);
  if (message && message->system) return err(ComposeError::no_message);
  if (message && message->unsent) return err(ComposeError::unsent);
  if (message && message->conversation.kind == v1::Conversation::SMS) return err(ComposeError::sms_text_only);
  if (message) SOTTO_CHECK_OK(check_family(work, message->conversation));
  return message;
}

Result<session::MessageId, ComposeError> send_entry(Work& work, std::string_view conversation,
                                                    v1::Content content, const EntryOptions& options) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  const bool only_files = options.with_files && content.text().body().empty();
  if (content.has_text() && !only_files) SOTTO_CHECK_OK(check_text(content.text()));
  if (!options.reply_to.empty()) {
    SOTTO_TRY(const auto target, open_message(work, conversation, options.reply_to, Whose::anybody));
    *content.mutable_reply_to() = ref_of(target.key);
  }
  SOTTO_TRY(const auto record, conversation_for(work, conversation));
  if (options.with_files && record.kind == v1::Conversation::SMS) return err(ComposeError::sms_text_only);
  return compose_entry(work, record, std::move(content),
                       {.lifetime = options.lifetime,
                        .requirement = options.requirement,
                        .without_guests = options.without_guests});
}

void say_about(Work& work, const NamedMessage& message, Action action, v1::Content content,
               std::string_view text, Bytes detail) {
  const UnixMs newest = newest_action(work.db, message.conversation.id, message.key);
  const Said said{.action = action,
                  .target = message.key,
                  .actor = work.self.account_id(),
                  .time = std::max(work.now, newest + DurationMs{1}),
                  .stamp = work.random.array<16>(),
                  .text = std::string(text),
                  .detail = std::move(detail),
                  .expires = message.expires};
  content.set_expires_ms(message.expires.value);
  compose_aside(work, message.conversation.id, std::move(content), {.id = said.stamp, .sent = said.time});
  note_action(work, message.conversation.id, said);
}

Result<std::int64_t, ComposeError> react(Work& work, std::string_view conversation, std::string_view which,
                                         std::string_view emoji) {
  if (!emoji.empty() && !is_emoji(emoji)) return err(ComposeError::bad_emoji);
  SOTTO_TRY(const auto message, open_message(work, conversation, which, Whose::anybody));
  v1::Content content;
  *content.mutable_reaction()->mutable_target() = ref_of(message.key);
  content.mutable_reaction()->set_emoji(std::string(emoji));
  say_about(work, message, Action::reaction, std::move(content), emoji, {});
  return message.row;
}

Result<std::int64_t, ComposeError> edit_message(Work& work, std::string_view conversation,
                                                std::string_view which, const v1::Text& text) {
  SOTTO_CHECK_OK(check_text(text));
  SOTTO_TRY(const auto message, open_message(work, conversation, which, Whose::own));
  if (message.kind != v1::Message::TEXT) return err(ComposeError::not_text);
  v1::Content content;
  content.mutable_edit()->set_msg_id(wire::field(message.key.id));
  *content.mutable_edit()->mutable_text() = text;
  v1::Content as_entry;
  *as_entry.mutable_text() = text;
  const auto entry = entry_of(as_entry);
  SOTTO_CHECK(entry.has_value());
  say_about(work, message, Action::edit, std::move(content), entry->body, entry->detail.value_or(Bytes()));
  return message.row;
}

Result<std::int64_t, ComposeError> unsend_message(Work& work, std::string_view conversation,
                                                  std::string_view which) {
  SOTTO_TRY(const auto message, open_message(work, conversation, which, Whose::own));
  if (!message.is_signed) {
    withdraw(work, message);
    note_action(work, message.conversation.id,
                {.action = Action::unsend,
                 .target = message.key,
                 .actor = work.self.account_id(),
                 .time = work.now,
                 .stamp = work.random.array<16>(),
                 .text = {},
                 .detail = {},
                 .expires = message.expires});
    return message.row;
  }
  v1::Content content;
  content.mutable_unsend()->set_msg_id(wire::field(message.key.id));
  say_about(work, message, Action::unsend, std::move(content), {}, {});
  return message.row;
}

Result<void, ComposeError> erase_message(Work& work, std::string_view conversation, std::string_view which) {
  SOTTO_TRY(const auto erased, named_message(work, conversation, which, Whose::anybody));
  if (erased.system) return err(ComposeError::no_message);
  v1::Content content;
  auto* marks = content.mutable_sync()->mutable_marks();
  marks->set_subject(wire::field(subject_of(work.db, work.self, erased.conversation)));
  *marks->add_deleted() = ref_of(erased.key);
  note_action(work, erased.conversation.id,
              {.action = Action::erased,
               .target = erased.key,
               .actor = work.self.account_id(),
               .time = work.now,
               .stamp = work.random.array<16>(),
               .text = {},
               .detail = {},
               .expires = {}});
  if (!marks->subject().empty()) tell_own_devices(work, content);
  return {};
}

Result<void, ComposeError> read_conversation(Work& work, std::string_view conversation) {
  SOTTO_TRY(const auto record, known_conversation(work, conversation));
  mark_conversation_read(work, record.id);
  return {};
}

Result<bool, ComposeError> signal_typing(Work& work, std::string_view conversation, bool active) {
  SOTTO_TRY(const auto record, known_conversation(work, conversation));
  return tell_typing(work, record, active);
}

Result<session::MessageId, ComposeError> set_timer(Work& work, std::string_view conversation,
                                                   DurationMs lifetime) {
  if (lifetime > kLongestTimer) return err(ComposeError::bad_lifetime);
  SOTTO_TRY(const auto record, conversation_for(work, conversation));
  const Bytes subject = subject_of(work.db, work.self, record);
  if (subject.empty()) return err(ComposeError::unknown_contact);
  v1::Content content;
  content.mutable_timer()->set_seconds(lifetime.value / 1000);
  const UnixMs known = written_at(work.db, v1::SyncEvent::Write::TIMER, subject);
  const UnixMs sent = std::max(work.now, known + DurationMs{1});
  SOTTO_TRY(const auto id, compose_entry(work, record, std::move(content), {.lifetime = {}, .sent = sent}));
  v1::SyncEvent::Write write;
  write.set_kind(v1::SyncEvent::Write::TIMER);
  write.set_subject(wire::field(subject));
  write.set_number(lifetime.value / 1000);
  write.set_time_ms(sent.value);
  write.set_stamp(wire::field(id));
  apply_write(work, write);
  return id;
}

Result<v1::Conversation, ComposeError> set_register(Work& work, std::string_view conversation,
                                                    RegisterKind kind, std::uint64_t number,
                                                    std::string_view text) {
  SOTTO_TRY(const auto record, conversation_for(work, conversation));
  const Bytes subject = subject_of(work.db, work.self, record);
  if (subject.empty()) return err(ComposeError::unknown_contact);
  write_register(work, kind, subject, number, text);
  return conversation_record(work.db, work.self, record, work.now);
}

}  // namespace sotto::client
