#include "client/requests/decisions.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/conversations/actions.h"
#include "client/conversations/reading.h"
#include "client/conversations/records.h"
#include "client/conversations/timeline.h"
#include "client/groups/histories.h"
#include "client/groups/lines.h"
#include "client/links/look_alike.h"
#include "client/requests/standing.h"
#include "client/sync/own_words.h"
#include "client/sync/registers.h"
#include "groups/signed_operation.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

/// Nobody decides about a request that long after; by then the sender's device has given up too.
constexpr DurationMs kReceiptLifetime = days(30);

Result<ConversationRecord, ComposeError> request_called(Work& work, std::string_view typed) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  const auto conversation = find_conversation(work.db, work.self, typed);
  if (!conversation) return err(ComposeError::no_conversation);
  if (!is_request(work.db, work.self, *conversation)) return err(ComposeError::no_request);
  return *conversation;
}

std::vector<MessageKey> messages_of(store::Database& database, ConversationRow conversation) {
  std::vector<MessageKey> out;
  store::Rows rows = database.query(
      "SELECT sender_account, msg_id FROM message WHERE conversation = ?1 AND system = 0 ORDER BY id",
      conversation);
  while (rows.next()) out.push_back({rows.id<identity::AccountId>(0), rows.array<16>(1)});
  return out;
}

/// On all own devices, what is not here yet of it included.
void erase_conversation(Work& work, const ConversationRecord& conversation) {
  const Bytes subject = subject_of(work.db, work.self, conversation);
  v1::Content content;
  for (const MessageKey& key : messages_of(work.db, conversation.id)) {
    note_action(work, conversation.id,
                {.action = Action::erased,
                 .target = key,
                 .actor = work.self.account_id(),
                 .time = work.now,
                 .stamp = work.random.array<16>(),
                 .text = {},
                 .detail = {},
                 .expires = {}});
    auto& marks = *content.mutable_sync()->mutable_marks();
    marks.set_subject(wire::field(subject));
    *marks.add_deleted() = ref_of(key);
    if (marks.deleted_size() < kMaxMarked) continue;
    tell_own_devices(work, content);
    content.Clear();
  }
  if (content.has_sync()) tell_own_devices(work, content);
  work.db.run("DELETE FROM message WHERE conversation = ?1", conversation.id);
  work.db.run("DELETE FROM receipt_held WHERE subject = ?1", subject);
}

bool names(const std::vector<groups::MemberName>& members, const identity::AccountId& account) {
  return std::ranges::any_of(members,
                             [&](const groups::MemberName& member) { return member.account == account; });
}

/// This account was put into the group by it.
bool brings_in(const groups::Operation& operation, const identity::AccountId& account) {
  if (const auto* create = std::get_if<groups::Create>(&operation.act))
    return names(create->members, account);
  if (const auto* add = std::get_if<groups::Add>(&operation.act)) return names(add->members, account);
  const auto* approve = std::get_if<groups::Approve>(&operation.act);
  return approve != nullptr && approve->member.account == account;
}

/// Whom the user may take a stranger for.
std::vector<std::string> familiar_handles(store::Database& database, const Self& self) {
  std::vector<std::string> out = {self.handle};
  std::vector<std::pair<std::string, identity::AccountId>> contacts;
  {
    store::Rows rows = database.query(
        "SELECT handle, account FROM contact WHERE handle IS NOT NULL AND account IS NOT NULL ORDER BY id");
    while (rows.next()) contacts.emplace_back(rows.text(0), rows.id<identity::AccountId>(1));
  }
  for (const auto& [handle, account] : contacts) {
    if (is_known(database, account)) out.push_back(handle);
  }
  return out;
}

/// Somebody, or a group, of whom another own device knows.
v1::Conversation unseen_record(ByteView subject) {
  v1::Conversation out;
  out.set_conversation(to_hex(subject));
  out.set_kind(subject.size() == sizeof(identity::AccountId) ? v1::Conversation::DIRECT
                                                             : v1::Conversation::GROUP);
  out.mutable_settings()->set_blocked(true);
  return out;
}

/// Dots and hyphens are overlooked too.
std::string face_of(const std::string& handle) {
  std::string face = skeleton(handle);
  std::erase_if(face, [](char c) { return c == '.' || c == '-' || c == '_'; });
  return face;
}

}  // namespace

std::vector<v1::Conversation> request_records(store::Database& database, const Self& self, UnixMs now) {
  std::vector<ConversationRow> order;
  {
    store::Rows rows = database.query(
        "SELECT conversation FROM message WHERE outgoing = 0 AND (expires_ms = 0 OR expires_ms > ?1)"
        " GROUP BY conversation ORDER BY max(sort_ms) DESC",
        now);
    while (rows.next()) order.push_back(rows.integer(0));
  }
  std::vector<v1::Conversation> out;
  for (const ConversationRow row : order) {
    const auto conversation = load_conversation(database, row);
    if (!conversation || !is_request(database, self, *conversation)) continue;
    out.push_back(conversation_record(database, self, *conversation, now));
  }
  return out;
}

void accept(Work& work, ByteView subject, const std::optional<session::MessageId>& by) {
  if (number_of(work.db, Write::ACCEPTED, subject) != 0) return;
  write_register(work, Write::ACCEPTED, subject, 1, {}, by);
  release_receipts(work);
}

Result<v1::Conversation, ComposeError> accept_request(Work& work, std::string_view conversation) {
  SOTTO_TRY(const auto record, request_called(work, conversation));
  accept(work, subject_of(work.db, work.self, record));
  const auto* history = record.group ? work.run.histories.find(work.db, *record.group) : nullptr;
  if (history != nullptr) tell_group_changes(work, *history, {}, false);
  return conversation_record(work.db, work.self, record, work.now);
}

Result<void, ComposeError> delete_request(Work& work, std::string_view conversation) {
  SOTTO_TRY(const auto record, request_called(work, conversation));
  erase_conversation(work, record);
  return {};
}

Result<void, ComposeError> block_request(Work& work, std::string_view conversation) {
  SOTTO_TRY(const auto record, request_called(work, conversation));
  block(work, record);
  return {};
}

void block(Work& work, const ConversationRecord& conversation) {
  const bool request = is_request(work.db, work.self, conversation);
  write_register(work, Write::BLOCKED, subject_of(work.db, work.self, conversation), 1);
  if (request) erase_conversation(work, conversation);
}

std::vector<v1::Conversation> blocked_records(store::Database& database, const Self& self, UnixMs now) {
  std::vector<Bytes> subjects;
  {
    store::Rows rows = database.query(
        "SELECT subject FROM register WHERE kind = ?1 AND number <> 0 ORDER BY time_ms DESC, subject",
        Write::BLOCKED);
    while (rows.next()) subjects.push_back(rows.octets(0));
  }
  std::vector<v1::Conversation> out;
  for (const Bytes& subject : subjects) {
    const auto conversation = find_by_subject(database, self, subject);
    out.push_back(conversation ? conversation_record(database, self, *conversation, now)
                               : unseen_record(subject));
    out.back().clear_newest();
  }
  return out;
}

Result<v1::Conversation, ComposeError> unblock(Work& work, std::string_view conversation) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  const auto found = find_conversation(work.db, work.self, conversation);
  const auto octets = from_hex(conversation);
  if (!found && (!octets || number_of(work.db, Write::BLOCKED, *octets) == 0)) {
    return err(ComposeError::no_conversation);
  }
  write_register(work, Write::BLOCKED, found ? subject_of(work.db, work.self, *found) : *octets, 0);
  if (found) return conversation_record(work.db, work.self, *found, work.now);
  auto record = unseen_record(*octets);
  record.mutable_settings()->set_blocked(false);
  return record;
}

void note_invitation(Work& work, const groups::History& history) {
  if (number_of(work.db, Write::ACCEPTED, history.id()) != 0) return;
  std::vector<Bytes> operations;
  {
    store::Rows rows =
        work.db.query("SELECT octets FROM group_operation WHERE group_id = ?1 ORDER BY id", history.id());
    while (rows.next()) operations.push_back(rows.octets(0));
  }
  const auto own = work.self.account_id();
  for (const Bytes& octets : operations) {
    const auto parsed = groups::parse_signed_operation(octets);
    const auto operation =
        parsed ? groups::VerifiedOperation::from_own_store(parsed->o) : err(parsed.error());
    if (!operation) return work.db.report_damage();
    const auto& author = operation->operation().author.account;
    const bool by_us = author == own;
    const bool by_friend = brings_in(operation->operation(), own) && history.stands(operation->hash()) &&
                           is_known(work.db, author);
    if (by_us || by_friend) return accept(work, history.id());
  }
}

void hold_receipt(Work& work, const session::VerifiedContent& content) {
  const auto& author = content.author.account;
  const auto* group = std::get_if<groups::GroupId>(&content.facts.conversation);
  work.db.run(
      "INSERT OR IGNORE INTO receipt_held (account, msg_id, content_hash, subject, held_ms)"
      " VALUES (?1, ?2, ?3, ?4, ?5)",
      author, content.facts.message_id, content.content_hash,
      group != nullptr ? ByteView(*group) : author.view(), work.now);
}

void release_receipts(Work& work) {
  std::vector<Bytes> subjects;
  {
    store::Rows rows = work.db.query("SELECT DISTINCT subject FROM receipt_held");
    while (rows.next()) subjects.push_back(rows.octets(0));
  }
  for (const Bytes& subject : subjects) {
    const auto conversation = find_by_subject(work.db, work.self, subject);
    if (!conversation || is_request(work.db, work.self, *conversation)) continue;
    work.db.run(
        "INSERT OR IGNORE INTO receipt_due (account, msg_id, content_hash, due_ms) SELECT account, msg_id,"
        " content_hash, ?2 FROM receipt_held WHERE subject = ?1",
        subject, work.now);
    work.db.run("DELETE FROM receipt_held WHERE subject = ?1", subject);
  }
}

void expire_held_receipts(Work& work) {
  release_receipts(work);
  work.db.run("DELETE FROM receipt_held WHERE held_ms < ?1",
              UnixMs{work.now.value - std::min(work.now.value, kReceiptLifetime.value)});
}

std::string resembled_handle(store::Database& database, const Self& self, const ContactRecord& contact) {
  const std::string& theirs = contact.handle ? *contact.handle : contact.claimed_handle;
  if (theirs.empty()) return {};
  const std::string face = face_of(theirs);
  for (const std::string& known : familiar_handles(database, self)) {
    if (known != theirs && face_of(known) == face) return known;
  }
  return {};
}

}  // namespace sotto::client
