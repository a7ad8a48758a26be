#include "client/sms/guest_texts.h"

#include <algorithm>

#include "client/conversations/compose.h"
#include "client/conversations/records.h"
#include "client/conversations/text_rules.h"
#include "client/conversations/timeline.h"
#include "client/groups/clear_copies.h"
#include "client/groups/conversations.h"
#include "client/groups/guests.h"
#include "client/sms/texts.h"
#include "client/sync/registers.h"
#include "crypto/hash.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Texts of a day that is over help nobody, and the server knows ids for three days: a device that comes back
/// later would send a second time what another sent.
constexpr DurationMs kForwardWithin = days(2);
/// What members say quickly waits for the server's limits; what is more fails.
constexpr std::int64_t kMaxWaiting = 200;
constexpr int kMaxSubmitted = 16;
/// Octets of a text: with the server's own words before it, it stays within ten parts whatever its alphabet.
constexpr std::size_t kMaxForwarded = 500;

/// The same on every device: what own devices and readers know each other's copies by.
session::MessageId short_hash(std::string_view label, std::initializer_list<ByteView> parts) {
  Bytes input = to_bytes(as_bytes(label));
  for (const ByteView part : parts) input.insert(input.end(), part.begin(), part.end());
  return to_array<16>(ByteView(crypto::sha256(input)).first(16));
}

session::MessageId text_id(const GroupEntry& entry, std::string_view number) {
  return short_hash("sotto guest text", {entry.group, entry.sender.view(), entry.id, as_bytes(number)});
}

std::int64_t waiting_texts(store::Database& database) {
  store::Rows rows = database.query("SELECT count(*) FROM message_guest WHERE state = 1");
  return rows.next() ? rows.integer(0) : 0;
}

struct Queued {
  std::int64_t message;
  session::MessageId id;
  std::string number;
  ConversationRow conversation;
  UnixMs sent;
  bool unsent;
};

std::vector<Queued> queued_texts(store::Database& database) {
  std::vector<Queued> out;
  store::Rows rows = database.query(
      "SELECT g.message, g.text_id, g.number, m.conversation, m.sent_ms, m.unsent FROM message_guest g JOIN"
      " message m ON m.id = g.message WHERE g.state = 1 ORDER BY g.message, g.number LIMIT ?1",
      kMaxSubmitted);
  while (rows.next()) {
    out.push_back(
        {rows.integer(0), rows.array<16>(1), rows.text(2), rows.integer(3), rows.time(4), rows.flag(5)});
  }
  return out;
}

/// Why it does not go any more; empty: it does.
std::string_view hindrance(Work& work, const Queued& text) {
  if (text.unsent) return "it was taken back";
  if (text.sent + kForwardWithin < work.now) return "it could not be sent for two days";
  if (!sms_allowed(work.db, text.number)) return "texts to this number are not allowed";
  const auto conversation = load_conversation(work.db, text.conversation);
  const auto* history =
      conversation && conversation->group ? work.run.histories.find(work.db, *conversation->group) : nullptr;
  const auto* guest =
      history == nullptr ? nullptr : history->state().find_guest(as_bytes(std::string_view(text.number)));
  return guest != nullptr && vouches_for(work, *guest) ? "" : "this is no guest of the group any more";
}

/// "bob (friends): hello", as far as a text may be long.
std::string words_for_guest(Work& work, const Queued& text) {
  const auto record = message_record(work.db, work.self, text.message);
  const auto conversation = load_conversation(work.db, text.conversation);
  if (!record || !conversation || !conversation->group) return {};
  const std::string who =
      record->has_guest() ? record->guest().name() + " (guest, " : record->sender() + " (";
  std::string words = who + group_title(work.db, *conversation->group) + "): " + record->body();
  if (words.size() > kMaxForwarded) words = std::string(excerpt(words, kMaxForwarded)) + " [...]";
  if (record->files_size() > 0) words += " [with files, which texts cannot carry]";
  return words;
}

/// As the server hears it (docs/specs/gateway.md 3).
bool is_stop(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \r\n.!") + 1);
  return std::ranges::equal(text, std::string_view("STOP"), [](char a, char b) { return (a & ~0x20) == b; });
}

bool is_here(store::Database& database, ConversationRow conversation, const identity::AccountId& sponsor,
             const session::MessageId& id) {
  store::Rows rows =
      database.query("SELECT 1 FROM message WHERE msg_id = ?1 AND conversation = ?2 AND sender_account = ?3",
                     id, conversation, sponsor);
  return rows.next();
}

v1::Content content_of(const groups::Guest& guest, const v1::SmsReceived& received) {
  v1::Content content;
  content.mutable_guest_text()->set_number(std::string(as_chars(guest.number)));
  content.mutable_guest_text()->set_text(received.text());
  content.mutable_guest_text()->set_cut(received.cut());
  content.set_fallback_text(guest_name(guest) + " (guest, by text message): " + received.text());
  return content;
}

}  // namespace

void queue_guest_texts(Work& work, const GroupEntry& entry) {
  if (entry.sent + kForwardWithin < work.now) return;
  std::vector<std::string> numbers;
  {
    store::Rows rows =
        work.db.query("SELECT number FROM message_guest WHERE message = ?1 AND said = 0 AND sponsor = ?2",
                      entry.row, work.self.account_id());
    while (rows.next()) numbers.push_back(rows.text(0));
  }
  std::int64_t waiting = waiting_texts(work.db);
  for (const std::string& number : numbers) {
    const bool room = waiting++ < kMaxWaiting;
    work.db.run(
        "UPDATE message_guest SET text_id = ?3, state = ?4, failure = ?5 WHERE message = ?1 AND number = ?2",
        entry.row, std::string_view(number), text_id(entry, number),
        room ? v1::Message::QUEUED : v1::Message::FAILED, room ? "" : "too many texts wait already");
  }
}

void submit_guest_texts(Work& work) {
  for (const Queued& text : queued_texts(work.db)) {
    const RequestKey key{RequestKind::sms, to_bytes(text.id)};
    const auto why_not = hindrance(work, text);
    if (!why_not.empty()) {
      note_guest_text(work, text.id, v1::Message::FAILED, why_not);
      continue;
    }
    if (!work.link.may(key, work.now)) continue;
    v1::ClientFrame frame;
    frame.mutable_send_sms()->set_number(text.number);
    frame.mutable_send_sms()->set_text(words_for_guest(work, text));
    frame.mutable_send_sms()->set_id(wire::field(text.id));
    work.link.send(work.effects, frame, {.key = key, .account = {}, .handle = {}});
  }
}

bool note_guest_text(Work& work, const session::MessageId& text, v1::Message::State state,
                     std::string_view failure) {
  std::int64_t message = 0;
  {
    store::Rows rows = work.db.query("SELECT message FROM message_guest WHERE text_id = ?1", text);
    if (!rows.next()) return false;
    message = rows.integer(0);
  }
  // What was delivered or has failed stays so.
  work.db.run("UPDATE message_guest SET state = ?2, failure = ?3 WHERE text_id = ?1 AND state IN (?4, ?5)",
              text, state, failure, v1::Message::QUEUED, v1::Message::SENT);
  if (work.db.changes() > 0) announce_message(work, message);
  return true;
}

void guest_wants_no_more(Work& work, const session::MessageId& text) {
  std::string number;
  {
    store::Rows rows = work.db.query("SELECT number FROM message_guest WHERE text_id = ?1", text);
    if (!rows.next()) return;
    number = rows.text(0);
  }
  dismiss_guest(work, number);
}

bool take_guest_reply(Work& work, const std::string& number, const v1::SmsReceived& received) {
  if (received.text().empty()) return false;
  if (is_stop(received.text())) {
    dismiss_guest(work, number);
    return false;
  }
  const auto group = group_of_guest(work, number);
  if (!group) return false;
  const auto state = work.run.histories.find(work.db, *group)->state();
  const auto* guest = state.find_guest(as_bytes(std::string_view(number)));
  const auto id = short_hash("sotto guest reply", {*group, wire::octets(received.id())});
  const ConversationRow conversation = ensure_group_conversation(work.db, *group);
  if (is_here(work.db, conversation, work.self.account_id(), id)) return true;
  v1::Content content = content_of(*guest, received);
  if (state.timer.value > 0) content.set_expires_ms((work.now + state.timer).value);
  name_guests(state, content, number);
  const auto entry = entry_of(content);
  if (!entry) return false;
  const auto row = insert_text(work, conversation,
                               {.id = id,
                                .sender = work.self.account_id(),
                                .device = work.self.device.id,
                                .sent = work.now,
                                .outgoing = false,
                                .expires = entry->expires},
                               entry->body);
  if (!row) return true;
  note_speaker(work, *row, *guest);
  note_clear_copies(work, *row, state, content);
  queue_guest_texts(work, {*row, *group, work.self.account_id(), id, work.now});
  announce_message(work, *row);
  compose_aside(work, conversation, std::move(content), {.id = id, .sent = work.now});
  return true;
}

std::optional<groups::Guest> speaker_of(Work& work, const session::VerifiedContent& content,
                                        const v1::GuestText& text) {
  const auto* group = std::get_if<session::GroupId>(&content.facts.conversation);
  const auto* history = group == nullptr ? nullptr : work.run.histories.find(work.db, *group);
  if (history == nullptr) return std::nullopt;
  const ByteView number = as_bytes(std::string_view(text.number()));
  const groups::MemberName author{content.author.account, content.author.account_key};
  const auto then = history->state_at(content.facts.group_heads);
  const auto* named = then ? then->find_guest(number) : nullptr;
  if (named == nullptr || named->sponsor != author) {
    report_problem(work, v1::Problem::CONTENT_REFUSED,
                   "somebody spoke for a guest whom they did not bring in; it was dropped",
                   member_name(work.db, work.self, author.account));
    return std::nullopt;
  }
  // Whoever is sent away says nothing more, though who spoke for them may not have known it.
  const auto* now = history->state().find_guest(number);
  const bool blocked = number_of(work.db, v1::SyncEvent::Write::BLOCKED, sms_subject(text.number())) != 0;
  const auto conversation = find_group_conversation(work.db, *group);
  const bool here =
      conversation && is_here(work.db, conversation->id, author.account, content.facts.message_id);
  if (now == nullptr || blocked || here) return std::nullopt;
  return *named;
}

void take_clear_copies(Work& work, std::int64_t row, const session::VerifiedContent& content,
                       const v1::Content& parsed) {
  const auto* group = std::get_if<session::GroupId>(&content.facts.conversation);
  if (group == nullptr || parsed.guests().empty()) return;
  const auto* history = work.run.histories.find(work.db, *group);
  const auto then = history == nullptr ? err(groups::GroupError::unknown_parent)
                                       : history->state_at(content.facts.group_heads);
  if (!then) return;
  note_clear_copies(work, row, *then, parsed);
  queue_guest_texts(work,
                    {row, *group, content.author.account, content.facts.message_id, content.facts.sent});
}

}  // namespace sotto::client
