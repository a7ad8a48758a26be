// Records of messages; the rest of records.h is in records.cpp.
#include <algorithm>
#include <map>

#include "bytes/hex.h"
#include "client/attachments/records.h"
#include "client/conversations/actions.h"
#include "client/conversations/records.h"
#include "client/conversations/text_rules.h"
#include "client/groups/clear_copies.h"
#include "client/groups/delivery.h"
#include "client/groups/lines.h"
#include "client/links/records.h"
#include "client/previews/records.h"
#include "client/requests/standing.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Shown of what a message answers.
constexpr std::size_t kQuoted = 200;

std::string name_of(store::Database& database, const Self& self, const identity::AccountId& account) {
  if (self.account && account == self.account->id) return self.handle;
  const auto contact = find_contact(database, account);
  return contact ? display_name(*contact) : to_hex(account.view());
}

void add_deliveries(store::Database& database, std::int64_t message, v1::Message& record) {
  store::Rows rows = database.query(
      "SELECT device, delivered_ms FROM delivery WHERE message = ?1 ORDER BY delivered_ms", message);
  while (rows.next()) {
    auto* delivery = record.add_deliveries();
    delivery->set_device(to_hex(rows.octets(0)));
    delivery->set_delivered_ms(rows.count(1));
  }
}

void add_system_line(std::int64_t kind, ByteView devices, v1::Message& record) {
  auto* line = record.mutable_system();
  line->set_kind(static_cast<v1::SystemLine::Kind>(kind));
  for (; devices.size() >= identity::DeviceId::kSize; devices = devices.subspan(identity::DeviceId::kSize)) {
    line->add_devices(to_hex(devices.first(identity::DeviceId::kSize)));
  }
}

void add_quote(store::Database& database, const Self& self, ConversationRow conversation,
               const MessageKey& target, v1::Message& record) {
  auto* quote = record.mutable_reply_to();
  quote->set_message_id(to_hex(target.id));
  quote->set_sender(name_of(database, self, target.account));
  const auto row = find_message(database, conversation, target);
  if (!row) return;
  quote->set_known(true);
  store::Rows rows = database.query("SELECT body FROM message WHERE id = ?1", *row);
  if (rows.next()) quote->set_body(std::string(excerpt(rows.text(0), kQuoted)));
}

void add_option_voters(ByteView options, const std::string& voter, v1::Message::PollState& poll) {
  // One choice where only one may be made: the first.
  if (!poll.multiple()) options = options.first(std::min<std::size_t>(options.size(), 1));
  for (const std::uint8_t option : options) {
    if (option < poll.options_size()) poll.mutable_options(option)->add_voters(voter);
  }
}

void move_location(ByteView detail, UnixMs time, v1::Message& record) {
  auto& location = *record.mutable_location();
  const std::uint64_t until = location.live_until_ms();
  v1::Location moved;
  if (detail.empty()) {
    location.set_live_until_ms(std::min(until, time.value));
  } else if (time.value <= until && wire::decode(detail, detail.size(), moved)) {
    location = moved;
    location.set_live_until_ms(until);
    record.set_body(words_of(location));
  }
}

/// What was said about it, ordered by rank: of what ranks higher the later replaces the earlier.
struct Words {
  UnixMs closed{~std::uint64_t{0}};
};

void add_action(store::Database& database, const Self& self, const store::Rows& rows, const Words& words,
                v1::Message& record) {
  const auto actor = name_of(database, self, rows.id<identity::AccountId>(1));
  const UnixMs time = rows.time(2);
  switch (static_cast<Action>(rows.integer(0))) {
    case Action::edit: {
      auto* earlier = record.add_earlier_texts();
      earlier->set_body(rows.text(3));
      earlier->set_time_ms(time.value == 0 ? record.sent_ms() : time.value);
      return;
    }
    case Action::reaction: {
      if (rows.text(3).empty()) return;
      auto* reaction = record.add_reactions();
      reaction->set_sender(actor);
      reaction->set_emoji(rows.text(3));
      reaction->set_time_ms(time.value);
      return;
    }
    case Action::read: {
      if (!record.outgoing()) return;
      auto* reading = record.add_readings();
      reading->set_reader(actor);
      reading->set_time_ms(time.value);
      return;
    }
    case Action::location:
      if (record.has_location()) move_location(rows.octets(4), time, record);
      return;
    case Action::vote:
      if (record.has_poll() && time <= words.closed)
        add_option_voters(rows.octets(4), actor, *record.mutable_poll());
      return;
    case Action::close:
      if (record.has_poll()) record.mutable_poll()->set_closed(true);
      return;
    case Action::pin: record.set_pinned(rows.text(3) == "1"); return;
    case Action::unsend:
    case Action::erased: return;
  }
}

Words words_about(store::Database& database, ConversationRow conversation, const MessageKey& key) {
  Words words;
  store::Rows rows = database.query(
      "SELECT time_ms FROM message_action WHERE conversation = ?1 AND target_message = ?2 AND target_account "
      "="
      " ?3 AND kind = ?4",
      conversation, key.id, key.account, Action::close);
  if (rows.next()) words.closed = rows.time(0);
  return words;
}

void add_actions(store::Database& database, const Self& self, ConversationRow conversation,
                 const MessageKey& key, v1::Message& record) {
  const Words words = words_about(database, conversation, key);
  store::Rows rows = database.query(
      "SELECT kind, actor, time_ms, text, detail FROM message_action WHERE conversation = ?1 AND"
      " target_message = ?2 AND target_account = ?3 ORDER BY time_ms, stamp",
      conversation, key.id, key.account);
  while (rows.next()) add_action(database, self, rows, words, record);
  // The last text is the present one.
  if (record.earlier_texts_size() > 0) record.mutable_earlier_texts()->RemoveLast();
}

void add_poll(const v1::Poll& poll, v1::Message& record) {
  auto* state = record.mutable_poll();
  state->set_question(poll.question());
  state->set_multiple(poll.multiple());
  for (const auto& option : poll.options()) state->add_options()->set_text(option);
}

void add_card(const v1::ContactCard& card, v1::Message& record) {
  auto* shown = record.mutable_contact_card();
  shown->set_name(card.name());
  shown->set_handle(card.handle());
  shown->set_account(to_hex(wire::octets(card.account())));
  *shown->mutable_phones() = card.phones();
  *shown->mutable_mails() = card.mails();
}

void add_detail(const v1::Content& content, v1::Message& record) {
  record.set_forwarded(content.forwarded());
  switch (content.kind_case()) {
    case v1::Content::kText:
      *record.mutable_spans() = content.text().spans();
      if (content.text().has_preview()) *record.mutable_preview() = content.text().preview();
      record.set_app(content.app());
      return;
    case v1::Content::kTimer: record.set_timer_s(content.timer().seconds()); return;
    case v1::Content::kLocation: *record.mutable_location() = content.location(); return;
    case v1::Content::kSticker: *record.mutable_sticker() = content.sticker(); return;
    case v1::Content::kVoiceNote: *record.mutable_voice_note() = content.voice_note(); return;
    case v1::Content::kContactCard: return add_card(content.contact_card(), record);
    case v1::Content::kPoll: return add_poll(content.poll(), record);
    default: return;
  }
}

void add_files(store::Database& database, std::int64_t message, v1::Message& record) {
  for (const FileKey& file : files_of(database, message)) {
    if (auto attached = file_record(database, file)) *record.add_files() = *std::move(attached);
  }
}

void add_content(store::Database& database, const Self& self, const store::Rows& rows,
                 ConversationRow conversation, v1::Message& record) {
  record.set_kind(static_cast<v1::Message::Kind>(rows.integer(17)));
  record.set_expires_ms(rows.count(21));
  record.set_edited_ms(rows.count(22));
  record.set_unsent(rows.flag(23));
  record.set_read(rows.flag(24));
  if (!rows.is_null(18)) add_detail(decode_detail(rows.octets(18)), record);
  if (!rows.is_null(19)) {
    add_quote(database, self, conversation, {rows.id<identity::AccountId>(19), rows.array<16>(20)}, record);
  }
  if (rows.is_null(2)) return;
  add_actions(database, self, conversation, {rows.id<identity::AccountId>(2), rows.array<16>(0)}, record);
}

}  // namespace

v1::SecurityState security_record(v1::SecurityState::PqLevel level, std::int64_t authentication,
                                  std::int64_t verified, std::uint64_t last_rekey_ms,
                                  std::uint64_t proof_size) {
  v1::SecurityState state;
  state.set_channel(v1::SecurityState::SOTTO);
  state.set_end_to_end(true);
  state.set_pq_level(level);
  state.set_authentication(static_cast<v1::SecurityState::Authentication>(authentication));
  state.set_verified_by(static_cast<v1::Verification>(verified));
  state.set_last_rekey_ms(last_rekey_ms);
  state.set_transparency_size(proof_size);
  return state;
}

std::optional<v1::Message> message_record(store::Database& database, const Self& self, std::int64_t message) {
  store::Rows rows = database.query(
      "SELECT msg_id, conversation, sender_account, sender_device, outgoing, sent_ms, received_ms, body, "
      "state,"
      " failure, pq_level, authentication, verified, last_rekey_ms, proof_size, system, system_devices, kind,"
      " detail, target_account, target_message, expires_ms, edited_ms, unsent, read FROM message WHERE id = "
      "?1",
      message);
  if (!rows.next()) return std::nullopt;
  v1::Message record;
  record.set_message_id(to_hex(rows.octets(0)));
  const auto conversation = load_conversation(database, rows.integer(1));
  if (!conversation) return std::nullopt;
  record.set_conversation(conversation_name(database, self, *conversation));
  record.set_sender(rows.is_null(2) ? self.handle : name_of(database, self, rows.id<identity::AccountId>(2)));
  record.set_sender_device(to_hex(rows.octets(3)));
  record.set_outgoing(rows.flag(4));
  record.set_sent_ms(rows.count(5));
  record.set_received_ms(rows.count(6));
  record.set_body(rows.text(7));
  record.set_state(static_cast<v1::Message::State>(rows.integer(8)));
  record.set_failure(rows.text(9));
  add_deliveries(database, message, record);
  add_member_deliveries(database, message, record);
  if (rows.integer(15) != 0) {
    add_system_line(rows.integer(15), rows.octets(16), record);
    if (auto line = rows.is_null(18) ? std::nullopt : group_line(database, self, rows.octets(18))) {
      record.set_body(words_of(*line, record.sender()));
      *record.mutable_system() = *std::move(line);
    }
    add_files(database, message, record);
    return record;
  }
  add_content(database, self, rows, conversation->id, record);
  add_links(database, message, record);
  record.set_request(!record.outgoing() && is_request(database, self, *conversation));
  if (record.request()) record.clear_preview();
  if (record.has_preview()) add_preview_picture(database, message, *record.mutable_preview());
  add_files(database, message, record);
  if (conversation->kind == v1::Conversation::SMS) {
    if (!record.outgoing()) record.set_sender(record.conversation());
    *record.mutable_security() = sms_security();
    return record;
  }
  *record.mutable_security() =
      security_record(static_cast<v1::SecurityState::PqLevel>(rows.integer(10)), rows.integer(11),
                      rows.integer(12), rows.count(13), rows.count(14));
  if (conversation->group) add_clear_copies(database, self, message, record);
  return record;
}

std::vector<v1::Message> history(store::Database& database, const Self& self, ConversationRow conversation,
                                 std::uint32_t limit, UnixMs now) {
  std::vector<v1::Message> out;
  store::Rows rows = database.query(
      "SELECT id FROM (SELECT id, sort_ms FROM message WHERE conversation = ?1 AND (expires_ms = 0 OR"
      " expires_ms > ?3) ORDER BY sort_ms DESC, id DESC LIMIT ?2) ORDER BY sort_ms, id",
      conversation, limit, now);
  while (rows.next()) {
    if (auto record = message_record(database, self, rows.integer(0))) out.push_back(*std::move(record));
  }
  return out;
}

std::vector<std::pair<std::int64_t, v1::Message>> messages_after(store::Database& database, const Self& self,
                                                                 std::optional<ConversationRow> conversation,
                                                                 std::int64_t after, std::uint32_t limit,
                                                                 UnixMs now) {
  std::vector<std::pair<std::int64_t, v1::Message>> out;
  store::Rows rows = database.query(
      "SELECT id FROM message WHERE id > ?1 AND (?2 IS NULL OR conversation = ?2) AND (expires_ms = 0 OR"
      " expires_ms > ?3) ORDER BY id LIMIT ?4",
      after, conversation, now, limit);
  while (rows.next()) {
    if (auto record = message_record(database, self, rows.integer(0))) {
      out.emplace_back(rows.integer(0), *std::move(record));
    }
  }
  return out;
}

std::vector<std::pair<std::int64_t, v1::Message>> unread_messages(store::Database& database, const Self& self,
                                                                  std::uint32_t limit, bool patient,
                                                                  UnixMs now) {
  std::vector<std::pair<std::int64_t, v1::Message>> out;
  std::map<ConversationRow, bool> requests;
  store::Rows rows = database.query(
      "SELECT m.id, c.handle IS NULL AND coalesce(c.claimed_handle, '') <> '', v.id FROM message m"
      " INDEXED BY message_unread JOIN conversation v ON v.id = m.conversation LEFT JOIN contact c ON c.id ="
      " v.contact WHERE m.outgoing = 0 AND m.read < 2 AND (m.expires_ms = 0 OR m.expires_ms > ?1)"
      " ORDER BY m.id",
      now);
  while (out.size() < limit && rows.next()) {
    const auto [known, fresh] = requests.try_emplace(rows.integer(2), false);
    if (fresh) {
      const auto conversation = load_conversation(database, known->first);
      known->second = conversation && is_request(database, self, *conversation);
    }
    if (known->second) continue;
    if (patient && rows.flag(1)) break;
    if (auto record = message_record(database, self, rows.integer(0))) {
      out.emplace_back(rows.integer(0), *std::move(record));
    }
  }
  return out;
}

}  // namespace sotto::client
