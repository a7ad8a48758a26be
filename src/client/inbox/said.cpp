#include "client/inbox/said.h"

#include <algorithm>

#include "client/apps/exchange.h"
#include "client/attachments/transfers.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/actions.h"
#include "client/conversations/reading.h"
#include "client/conversations/receipts.h"
#include "client/conversations/text_rules.h"
#include "client/conversations/timeline.h"
#include "client/conversations/typing.h"
#include "client/families/enforcement.h"
#include "client/groups/clear_copies.h"
#include "client/groups/conversations.h"
#include "client/previews/records.h"
#include "client/requests/decisions.h"
#include "client/requests/standing.h"
#include "client/sms/guest_texts.h"
#include "client/sync/registers.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

bool is_from_self(const Work& work, const session::VerifiedContent& content) {
  return content.author.account == work.self.account_id();
}

bool is_in_group(const session::VerifiedContent& content) {
  return std::holds_alternative<session::GroupId>(content.facts.conversation);
}

/// The other account of a direct conversation; the own one of notes.
identity::AccountId peer_of(const Work& work, const session::VerifiedContent& content) {
  return is_from_self(work, content) ? std::get<identity::AccountId>(content.facts.conversation)
                                     : content.author.account;
}

ConversationRow place_of(Work& work, const session::VerifiedContent& content) {
  if (const auto* group = std::get_if<session::GroupId>(&content.facts.conversation)) {
    return ensure_group_conversation(work.db, *group);
  }
  const auto peer = peer_of(work, content);
  if (peer == work.self.account_id()) return ensure_notes(work.db);
  return ensure_conversation(work.db, ensure_contact(work.db, peer, work.now).id);
}

/// What every word about a message has in common: its author, and its rank.
Said said_of(const session::VerifiedContent& content, Action action, const MessageKey& target) {
  return {.action = action,
          .target = target,
          .actor = content.author.account,
          .time = content.facts.sent,
          .stamp = content.facts.message_id,
          .text = {},
          .detail = {},
          .expires = {}};
}

/// A message of the author's own.
std::optional<MessageKey> own_key(const session::VerifiedContent& content, const std::string& msg_id) {
  if (msg_id.size() != std::tuple_size_v<session::MessageId>) return std::nullopt;
  return MessageKey{content.author.account, to_array<16>(wire::octets(msg_id))};
}

std::optional<Said> edit_of(const session::VerifiedContent& content, const v1::Content& parsed) {
  const auto key = own_key(content, parsed.edit().msg_id());
  v1::Content text;
  *text.mutable_text() = parsed.edit().text();
  const auto entry = entry_of(text);
  if (!key || !entry || entry->body.empty() || parsed.expires_ms() >= kLatestTime) return std::nullopt;
  Said said = said_of(content, Action::edit, *key);
  said.text = entry->body;
  said.detail = entry->detail.value_or(Bytes());
  said.expires = {parsed.expires_ms()};
  return said;
}

std::optional<Said> reaction_of(const session::VerifiedContent& content, const v1::Reaction& reaction) {
  const auto key = key_of(reaction.target());
  if (!key || (!reaction.emoji().empty() && !is_emoji(reaction.emoji()))) return std::nullopt;
  Said said = said_of(content, Action::reaction, *key);
  said.text = reaction.emoji();
  return said;
}

std::optional<Said> vote_of(const session::VerifiedContent& content, const v1::PollVote& vote) {
  const auto key = key_of(vote.target());
  const auto& options = vote.options();
  const bool ascending =
      std::adjacent_find(options.begin(), options.end(), std::greater_equal<>()) == options.end();
  const bool in_bounds = options.empty() || options[options.size() - 1] < kMaxPollOptions;
  if (!key || !ascending || !in_bounds) return std::nullopt;
  Said said = said_of(content, Action::vote, *key);
  said.detail.assign(options.begin(), options.end());
  return said;
}

std::optional<Said> movement_of(const session::VerifiedContent& content, const v1::LocationUpdate& update) {
  const auto key = own_key(content, update.msg_id());
  if (!key || !is_sound(update.location())) return std::nullopt;
  Said said = said_of(content, Action::location, *key);
  if (update.has_location()) said.detail = wire::encode(update.location());
  return said;
}

std::optional<Said> simple(const session::VerifiedContent& content, Action action,
                           const std::optional<MessageKey>& key) {
  if (!key) return std::nullopt;
  return said_of(content, action, *key);
}

/// Words about a message; empty for other kinds, and for what breaks a rule.
std::optional<Said> words_about(const session::VerifiedContent& content, const v1::Content& parsed) {
  switch (parsed.kind_case()) {
    case v1::Content::kEdit: return edit_of(content, parsed);
    case v1::Content::kUnsend:
      return simple(content, Action::unsend, own_key(content, parsed.unsend().msg_id()));
    case v1::Content::kReaction: return reaction_of(content, parsed.reaction());
    case v1::Content::kLocationUpdate: return movement_of(content, parsed.location_update());
    case v1::Content::kPollVote: return vote_of(content, parsed.poll_vote());
    case v1::Content::kPollClose:
      return simple(content, Action::close, own_key(content, parsed.poll_close().msg_id()));
    case v1::Content::kPin: {
      auto said = simple(content, Action::pin, key_of(parsed.pin().target()));
      if (said && parsed.pin().pinned()) said->text = "1";
      return said;
    }
    default: return std::nullopt;
  }
}

void note_timer(Work& work, const session::VerifiedContent& content, const identity::AccountId& peer,
                const v1::TimerChange& timer) {
  // Otherwise whoever dates a change far ahead would have it for ever.
  if (content.facts.sent > work.now + kMaxAhead) return;
  Write write;
  write.set_kind(Write::TIMER);
  write.set_subject(wire::field(peer.view()));
  write.set_number(timer.seconds());
  write.set_time_ms(content.facts.sent.value);
  write.set_stamp(wire::field(content.facts.message_id));
  apply_write(work, write);
}

bool owe(Work& work, const session::VerifiedContent& content, Reception reception) {
  const auto& peer = content.author.account;
  if (peer == work.self.account_id() || number_of(work.db, Write::NO_DELIVERY_RECEIPTS, peer.view()) != 0) {
    return false;
  }
  if (reception == Reception::request) {
    hold_receipt(work, content);
    return false;
  }
  owe_receipt(work, peer, content.facts.message_id, content.content_hash);
  return true;
}

bool take_entry(Work& work, const session::VerifiedContent& content, const v1::Content& parsed,
                const session::SecurityState& security, Reception reception) {
  const auto entry = entry_of(parsed);
  if (!entry) return false;
  std::optional<groups::Guest> speaker;
  if (entry->by_guest) {
    speaker = speaker_of(work, content, parsed.guest_text());
    if (!speaker) return false;
  }
  if (parsed.has_timer()) {
    // Of a group its history says how long messages stay.
    if (is_in_group(content)) return false;
    note_timer(work, content, peer_of(work, content), parsed.timer());
  }
  const bool expired = entry->expires.value > 0 && entry->expires <= work.now;
  if (!expired) {
    const ConversationRow place = place_of(work, content);
    const auto row = insert_received(work, content, place, *entry, security);
    if (row) {
      if (speaker) note_speaker(work, *row, *speaker);
      take_clear_copies(work, *row, content, parsed);
      take_files(work, *row, place, parsed, is_from_self(work, content));
      if (reception == Reception::accepted) keep_preview_picture(work, *row, entry->preview_picture);
      // Words of strangers, and of guests, which nothing proves, are for nobody but the user.
      if (!speaker && reception == Reception::accepted) offer_to_app(work, *row);
      announce_message(work, *row);
    }
  }
  return !speaker && owe(work, content, reception);
}

}  // namespace

bool take_said(Work& work, const session::VerifiedContent& content, const v1::Content& parsed,
               const session::SecurityState& security) {
  const bool from_self = is_from_self(work, content);
  const Reception reception = reception_of(work, content, parsed);
  if (reception == Reception::refused) return false;
  if (withhold_from_child(work, content, parsed, security)) return false;
  switch (parsed.kind_case()) {
    case v1::Content::kEdit:
    case v1::Content::kUnsend:
    case v1::Content::kReaction:
    case v1::Content::kLocationUpdate:
    case v1::Content::kPollVote:
    case v1::Content::kPollClose:
    case v1::Content::kPin: {
      const auto said = words_about(content, parsed);
      if (said) note_action(work, place_of(work, content), *said);
      return false;
    }
    case v1::Content::kTyping:
      if (!from_self && reception == Reception::accepted) {
        take_typing(work, content, place_of(work, content), parsed.typing());
      }
      return false;
    case v1::Content::kRead:
      if (!from_self) take_read_receipt(work, content, place_of(work, content), parsed.read());
      return false;
    default: return take_entry(work, content, parsed, security, reception);
  }
}

bool take_repetition(Work& work, const session::VerifiedContent& content, const v1::Content& parsed) {
  const Reception reception = reception_of(work, content, parsed);
  const auto entry = entry_of(parsed);
  return reception != Reception::refused && entry && !entry->by_guest && owe(work, content, reception);
}

}  // namespace sotto::client
