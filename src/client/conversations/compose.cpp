#include "client/conversations/compose.h"

#include <algorithm>

#include "client/apps/exchange.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/author.h"
#include "client/conversations/timeline.h"
#include "client/families/enforcement.h"
#include "client/groups/clear_copies.h"
#include "client/groups/guests.h"
#include "client/groups/messages.h"
#include "client/links/records.h"
#include "client/outbox/queue.h"
#include "client/previews/records.h"
#include "client/requests/decisions.h"
#include "client/requests/rules.h"
#include "client/sms/texts.h"
#include "client/sync/registers.h"
#include "client/transparency/clearance.h"
#include "identity/handle.h"
#include "sotto/v1/content.pb.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Messages signed in one input; the rest follows with the next.
constexpr std::size_t kMaxSignedAtOnce = 64;

struct Composed {
  std::int64_t id;
  std::optional<std::int64_t> message;
  session::MessageId message_id;
  UnixMs sent;
  v1::Content content;
};

/// Its account and keys are known, and a name that was given up reaches nobody, however well its former owner
/// is known.
bool may_be_signed_for(Work& work, const ContactRecord& contact) {
  return contact.key_holds() && name_holds(work, contact);
}

std::vector<Composed> composed_in(store::Database& database, ConversationRow conversation,
                                  std::size_t limit) {
  std::vector<Composed> out;
  store::Rows rows = database.query(
      "SELECT id, message, msg_id, sent_ms, content FROM composed WHERE conversation = ?1 ORDER BY id LIMIT "
      "?2",
      conversation, limit);
  while (rows.next()) {
    Composed& composed =
        out.emplace_back(Composed{.id = rows.integer(0),
                                  .message = rows.is_null(1) ? std::nullopt : std::optional(rows.integer(1)),
                                  .message_id = rows.array<16>(2),
                                  .sent = rows.time(3),
                                  .content = {}});
    const Bytes octets = rows.octets(4);
    if (!wire::decode(octets, octets.size(), composed.content)) database.report_damage();
  }
  return out;
}

/// What only the other side has a use for.
bool is_for_others_alone(const v1::Content& content) { return content.has_typing() || content.has_read(); }

/// Signs one and queues it for own devices and, but for notes, for `peer`.
void sign(Work& work, Composed& composed, const identity::AccountId& peer) {
  const auto authored = author_content(work, peer, composed.content, composed.message_id, composed.sent);
  if (composed.message) mark_signed(work, *composed.message, authored);
  const UnixMs expires{composed.content.expires_ms()};
  const auto own = work.self.account_id();
  // Own devices first: a sent copy that fails must not hold up the message itself, and neither waits for
  // the other.
  if (!is_for_others_alone(composed.content)) {
    queue_content(work, {.account = own, .device = {}, .message = composed.message, .expires = expires},
                  authored);
  }
  if (peer != own) {
    queue_content(work, {.account = peer, .device = {}, .message = composed.message, .expires = expires},
                  authored);
  }
  work.db.run("DELETE FROM composed WHERE id = ?1", composed.id);
}

/// Returns how many were signed.
std::size_t sign_direct(Work& work, const ConversationRecord& conversation, std::size_t room) {
  const auto contact = find_contact(work.db, *conversation.contact);
  if (!contact || !may_be_signed_for(work, *contact)) return 0;
  auto waiting = composed_in(work.db, conversation.id, room);
  for (Composed& composed : waiting) {
    if (!contact->heard) {
      composed.content.set_sender_handle(work.self.handle);
      introduce(work, *contact, composed.content);
    }
    // Whoever is written to is no stranger, for devices that come later too.
    if (!is_for_others_alone(composed.content)) {
      accept(work, contact->account->view(), composed.message_id);
    }
    sign(work, composed, *contact->account);
  }
  return waiting.size();
}

std::size_t sign_notes(Work& work, const ConversationRecord& conversation, std::size_t room) {
  auto waiting = composed_in(work.db, conversation.id, room);
  for (Composed& composed : waiting) sign(work, composed, work.self.account_id());
  return waiting.size();
}

/// Nothing that was composed there is said.
void give_up(Work& work, ConversationRow conversation, const std::string& reason) {
  std::vector<std::int64_t> failed;
  {
    store::Rows rows = work.db.query(
        "SELECT message FROM composed WHERE conversation = ?1 AND message IS NOT NULL", conversation);
    while (rows.next()) failed.push_back(rows.integer(0));
  }
  work.db.run("DELETE FROM composed WHERE conversation = ?1", conversation);
  for (const std::int64_t message : failed) mark_failed(work, message, reason);
}

std::size_t sign_in_group(Work& work, const ConversationRecord& conversation, std::size_t room) {
  auto waiting = composed_in(work.db, conversation.id, room);
  if (waiting.empty()) return 0;
  if (!may_speak(work, *conversation.group)) {
    give_up(work, conversation.id, "this account is not in the group");
    return 0;
  }
  accept(work, *conversation.group, waiting.front().message_id);
  for (Composed& composed : waiting) {
    // What became of the guest may have come in the same input: readers would take it for a lie.
    if (may_pass_on(work, *conversation.group, composed.content)) {
      send_to_group(work, *conversation.group,
                    {composed.message, composed.message_id, composed.sent, std::move(composed.content)});
    }
    work.db.run("DELETE FROM composed WHERE id = ?1", composed.id);
  }
  return waiting.size();
}

/// Conversations in which something waits, one step of the index each.
std::vector<ConversationRow> waiting_conversations(store::Database& database) {
  std::vector<ConversationRow> out;
  store::Rows rows = database.query(
      "WITH RECURSIVE next (conversation) AS (SELECT min(conversation) FROM composed UNION ALL SELECT"
      " (SELECT min(c.conversation) FROM composed c WHERE c.conversation > next.conversation) FROM next"
      " WHERE next.conversation IS NOT NULL) SELECT conversation FROM next WHERE conversation IS NOT NULL");
  while (rows.next()) out.push_back(rows.integer(0));
  return out;
}

bool is_blocked(Work& work, const ConversationRecord& conversation) {
  return (conversation.kind == v1::Conversation::DIRECT || conversation.kind == v1::Conversation::SMS) &&
         number_of(work.db, v1::SyncEvent::Write::BLOCKED, subject_of(work.db, work.self, conversation)) != 0;
}

Result<UnixMs, ComposeError> expiry(Work& work, const ConversationRecord& conversation,
                                    const v1::Content& content, const Lifetime& lifetime) {
  // What says how long messages stay does not go with them.
  if (content.has_timer()) return UnixMs{};
  const DurationMs length = lifetime.value_or(
      seconds(number_of(work.db, v1::SyncEvent::Write::TIMER, subject_of(work.db, work.self, conversation))));
  if ((lifetime && length.value < 1000) || length > kLongestTimer) return err(ComposeError::bad_lifetime);
  return length.value == 0 ? UnixMs{} : work.now + length;
}

/// What is said in a group goes to its guests too, as it is now: whoever writes can see them.
void open_to_guests(Work& work, const groups::GroupId& group, std::int64_t row, v1::Content& content) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr) return;
  name_guests(history->state(), content);
  note_clear_copies(work, row, history->state(), content);
}

}  // namespace

Result<ConversationRecord, ComposeError> conversation_for(Work& work, std::string_view typed) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  if (const auto number = sms_number(typed)) {
    return *load_conversation(work.db, ensure_sms_peer(work.db, *number).conversation);
  }
  const auto normal = identity::Handle::parse(typed);
  if (auto known = find_conversation(work.db, work.self, typed)) {
    const auto contact = known->contact ? find_contact(work.db, *known->contact) : std::nullopt;
    // A name that its owner gave up is for readers; whoever is written to under it is somebody else.
    if (!contact || !normal || contact->retired_handle != normal->text()) return *known;
  }
  if (!normal) return err(ComposeError::bad_handle);
  const ConversationRow row =
      is_own_handle(work.db, work.self, normal->text())
          ? ensure_notes(work.db)
          : ensure_conversation(work.db, ensure_contact(work.db, normal->text(), work.now).id);
  auto made = load_conversation(work.db, row);
  if (!made) return err(ComposeError::no_conversation);  // the store failed; its error is the command's
  return *std::move(made);
}

Result<void, ComposeError> check_text(const v1::Text& text) {
  if (text.body().empty()) return err(ComposeError::empty);
  if (text.body().size() > kMaxText) return err(ComposeError::too_long);
  if (!is_utf8(text.body())) return err(ComposeError::not_utf8);
  const bool sound = text.spans_size() <= kMaxSpans &&
                     std::all_of(text.spans().begin(), text.spans().end(),
                                 [&text](const v1::Span& span) { return is_span(span, text.body()); });
  if (!sound) return err(ComposeError::bad_markup);
  return {};
}

Result<session::MessageId, ComposeError> compose_text(Work& work, std::string_view handle,
                                                      std::string_view text) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  v1::Content content;
  content.mutable_text()->set_body(std::string(text));
  SOTTO_CHECK_OK(check_text(content.text()));
  SOTTO_TRY(const auto conversation, conversation_for(work, handle));
  return compose_entry(work, conversation, std::move(content));
}

Result<session::MessageId, ComposeError> compose_entry(Work& work, const ConversationRecord& conversation,
                                                       v1::Content content, const EntryTerms& terms) {
  SOTTO_CHECK_OK(check_family(work, conversation));
  SOTTO_CHECK_OK(check_requirement(work, conversation, terms.requirement, !terms.without_guests));
  if (is_blocked(work, conversation)) return err(ComposeError::blocked);
  if (conversation.kind == v1::Conversation::SMS) {
    if (terms.lifetime) return err(ComposeError::sms_text_only);
    return compose_sms(work, conversation, content);
  }
  SOTTO_TRY(const UnixMs expires, expiry(work, conversation, content, terms.lifetime));
  content.set_expires_ms(expires.value);
  const auto entry = entry_of(content);
  SOTTO_CHECK(entry.has_value());
  if (!content.has_text()) content.set_fallback_text(entry->body);
  const auto message_id = work.random.array<16>();
  const std::int64_t row = insert_composed(work, conversation.id, message_id, *entry);
  if (conversation.group && !terms.without_guests) open_to_guests(work, *conversation.group, row, content);
  keep_preview_picture(work, row, entry->preview_picture);
  save_requirement(work, row, terms.requirement);
  work.db.run(
      "INSERT INTO composed (conversation, message, msg_id, sent_ms, until_ms, content) VALUES (?1, ?2, ?3, "
      "?4, 0, ?5)",
      conversation.id, row, message_id, std::max(work.now, terms.sent), wire::encode(content));
  if (content.has_text() && content.app().empty()) remember_hosts(work, content.text().body());
  offer_to_app(work, row);
  announce_message(work, row);
  return message_id;
}

void compose_aside(Work& work, ConversationRow conversation, v1::Content content, const Aside& aside) {
  work.db.run(
      "INSERT INTO composed (conversation, msg_id, sent_ms, until_ms, content) VALUES (?1, ?2, ?3, ?4, ?5)",
      conversation, aside.id, aside.sent, aside.until, wire::encode(content));
}

std::vector<ContactId> contacts_to_reach(store::Database& database) {
  std::vector<ContactId> out;
  for (const ConversationRow row : waiting_conversations(database)) {
    const auto conversation = load_conversation(database, row);
    if (conversation && conversation->contact) out.push_back(*conversation->contact);
  }
  return out;
}

void sign_composed(Work& work) {
  work.db.run("DELETE FROM composed WHERE until_ms > 0 AND until_ms < ?1", work.now);
  std::size_t room = kMaxSignedAtOnce;
  for (const ConversationRow row : waiting_conversations(work.db)) {
    const auto conversation = load_conversation(work.db, row);
    if (!conversation || room == 0) continue;
    // It may have been written at another hour, or under another policy.
    if (const auto allowed = check_family(work, *conversation); !allowed) {
      give_up(work, row, explain(work.db, allowed.error()));
      continue;
    }
    switch (conversation->kind) {
      case v1::Conversation::DIRECT: room -= sign_direct(work, *conversation, room); break;
      case v1::Conversation::NOTES: room -= sign_notes(work, *conversation, room); break;
      case v1::Conversation::GROUP: room -= sign_in_group(work, *conversation, room); break;
      default: break;
    }
  }
}

}  // namespace sotto::client
