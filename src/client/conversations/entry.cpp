#include "client/conversations/entry.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "client/conversations/text_rules.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// One octet more than any content has that fits an envelope.
constexpr std::size_t kMaxDetail = std::size_t{64} * 1024;

bool is_optional_line(const std::string& text) { return text.empty() || is_line(text); }

bool is_sound(const v1::LinkPreview& preview, std::string_view body) {
  return preview.url().size() <= kMaxUrl && is_line(preview.url(), kMaxUrl) &&
         body.find(preview.url()) != std::string_view::npos && is_optional_line(preview.title()) &&
         is_optional_line(preview.description());
}

bool is_sound(const v1::ContactCard& card) {
  const auto all_lines = [](const auto& lines) {
    return lines.size() <= kMaxCardLines &&
           std::all_of(lines.begin(), lines.end(), [](const std::string& line) { return is_line(line); });
  };
  return is_line(card.name()) && is_optional_line(card.handle()) &&
         (card.account().empty() || card.account().size() == identity::AccountId::kSize) &&
         all_lines(card.phones()) && all_lines(card.mails());
}

bool is_sound(const v1::Poll& poll) {
  return is_line(poll.question()) && poll.options_size() >= kMinPollOptions &&
         poll.options_size() <= kMaxPollOptions &&
         std::all_of(poll.options().begin(), poll.options().end(),
                     [](const std::string& option) { return is_line(option); });
}

std::string duration_words(std::uint64_t total_seconds) {
  struct Unit {
    std::uint64_t seconds;
    std::string_view name;
  };
  constexpr std::array kUnits = {Unit{7 * 86400, "week"}, Unit{86400, "day"}, Unit{3600, "hour"},
                                 Unit{60, "minute"}, Unit{1, "second"}};
  for (const Unit& unit : kUnits) {
    if (total_seconds % unit.seconds != 0) continue;
    const std::uint64_t count = total_seconds / unit.seconds;
    return std::to_string(count) + " " + std::string(unit.name) + (count == 1 ? "" : "s");
  }
  return {};
}

std::string words_of(const v1::TimerChange& timer) {
  if (timer.seconds() == 0) return "Messages no longer disappear";
  return "Messages disappear after " + duration_words(timer.seconds());
}

std::string words_of(const v1::VoiceNote& note) {
  const std::uint64_t length_s = note.duration_ms() / 1000;
  return length_s == 0 ? std::string("Voice note") : "Voice note, " + duration_words(length_s);
}

std::string words_of(const v1::Sticker& sticker) {
  return "Sticker: " + sticker.emoji() + (sticker.pack().empty() ? "" : " (" + sticker.pack() + ")");
}

std::string words_of(const v1::ContactCard& card) {
  return "Contact: " + card.name() + (card.handle().empty() ? "" : " (" + card.handle() + ")");
}

std::string words_of(const v1::Poll& poll) {
  std::string words = "Poll: " + poll.question();
  for (const auto& option : poll.options()) words += "\n- " + option;
  return words;
}

/// Keeps of `content` the kind alone.
Bytes encode_detail(const v1::Content& content) {
  v1::Content kept = content;
  kept.clear_fallback_text();
  kept.clear_sender_handle();
  kept.clear_previous_hash16();
  kept.clear_reply_to();
  kept.clear_expires_ms();
  kept.clear_attachments();  // they have rows of their own
  if (kept.has_text()) {
    kept.mutable_text()->clear_body();
    if (kept.text().has_preview()) kept.mutable_text()->mutable_preview()->clear_picture();
  } else {
    kept.clear_app();  // apps say texts
  }
  return wire::encode(kept);
}

std::optional<Entry> text_entry(const v1::Content& content) {
  const auto& body = content.text().body();
  if (body.size() > kMaxText) return std::nullopt;
  Entry entry{.kind = v1::Message::TEXT, .body = body, .detail = {}, .target = {}, .expires = {}};
  v1::Content sound = content;
  keep_sound_spans(*sound.mutable_text());
  if (sound.text().has_preview() && !is_sound(sound.text().preview(), body)) {
    sound.mutable_text()->clear_preview();
  }
  if (!is_app_name(sound.app())) sound.clear_app();
  entry.preview_picture = to_bytes(wire::octets(sound.text().preview().picture()));
  const bool has_more = sound.text().spans_size() > 0 || sound.text().has_preview() || !sound.app().empty() ||
                        sound.forwarded();
  if (has_more) entry.detail = encode_detail(sound);
  return entry;
}

std::optional<Entry> rich_entry(const v1::Content& content, v1::Message::Kind kind, bool sound,
                                std::string words) {
  if (!sound) return std::nullopt;
  return Entry{
      .kind = kind, .body = std::move(words), .detail = encode_detail(content), .target = {}, .expires = {}};
}

std::optional<Entry> guest_entry(const v1::GuestText& text) {
  if (text.text().empty() || text.text().size() > kMaxText) return std::nullopt;
  return Entry{.kind = v1::Message::TEXT,
               .body = text.text() + (text.cut() ? " [...]" : ""),
               .detail = {},
               .target = {},
               .expires = {},
               .by_guest = true};
}

std::optional<Entry> kind_entry(const v1::Content& content) {
  using Message = v1::Message;
  switch (content.kind_case()) {
    case v1::Content::kText: return text_entry(content);
    case v1::Content::kTimer:
      return rich_entry(content, Message::TIMER, content.timer().seconds() <= kLongestTimer.value / 1000,
                        words_of(content.timer()));
    case v1::Content::kLocation:
      return rich_entry(content, Message::LOCATION, client::is_sound(content.location()),
                        client::words_of(content.location()));
    case v1::Content::kSticker:
      return rich_entry(content, Message::STICKER,
                        is_emoji(content.sticker().emoji()) && is_optional_line(content.sticker().pack()),
                        words_of(content.sticker()));
    case v1::Content::kVoiceNote:
      return rich_entry(content, Message::VOICE_NOTE, content.voice_note().waveform().size() <= kMaxWaveform,
                        words_of(content.voice_note()));
    case v1::Content::kContactCard:
      return rich_entry(content, Message::CONTACT_CARD, is_sound(content.contact_card()),
                        words_of(content.contact_card()));
    case v1::Content::kPoll:
      return rich_entry(content, Message::POLL, is_sound(content.poll()), words_of(content.poll()));
    case v1::Content::kGuestText: return guest_entry(content.guest_text());
    case v1::Content::KIND_NOT_SET: break;
    default: return std::nullopt;
  }
  // A kind that this version does not know: what its sender wants shown instead.
  if (content.fallback_text().empty() || content.fallback_text().size() > kMaxText) return std::nullopt;
  return Entry{
      .kind = Message::UNKNOWN, .body = content.fallback_text(), .detail = {}, .target = {}, .expires = {}};
}

std::string degrees(std::int32_t e7) {
  std::array<char, 16> text{};
  const std::int64_t size = std::abs(static_cast<std::int64_t>(e7));
  std::snprintf(text.data(), text.size(), "%s%lld.%05lld", e7 < 0 ? "-" : "",
                static_cast<long long>(size / 10'000'000), static_cast<long long>(size % 10'000'000 / 100));
  return text.data();
}

}  // namespace

std::optional<MessageKey> key_of(const v1::MessageRef& ref) {
  const auto account = identity::AccountId::from(wire::octets(ref.account()));
  if (!account || ref.msg_id().size() != std::tuple_size_v<session::MessageId>) return std::nullopt;
  return MessageKey{*account, to_array<16>(wire::octets(ref.msg_id()))};
}

v1::MessageRef ref_of(const MessageKey& key) {
  v1::MessageRef ref;
  ref.set_account(wire::field(key.account.view()));
  ref.set_msg_id(wire::field(key.id));
  return ref;
}

bool is_sound(const v1::Location& location) {
  constexpr std::int32_t kPole = 900'000'000;
  constexpr std::int32_t kDateLine = 1'800'000'000;
  return location.latitude_e7() >= -kPole && location.latitude_e7() <= kPole &&
         location.longitude_e7() >= -kDateLine && location.longitude_e7() <= kDateLine &&
         is_optional_line(location.name()) && location.live_until_ms() < kLatestTime;
}

std::string words_of(const v1::Location& location) {
  const std::string place = degrees(location.latitude_e7()) + ", " + degrees(location.longitude_e7());
  const std::string what = location.live_until_ms() > 0 ? "Live location: " : "Location: ";
  return what + (location.name().empty() ? place : location.name() + " (" + place + ")");
}

std::optional<Entry> entry_of(const v1::Content& content) {
  auto entry = kind_entry(content);
  if (!entry || content.expires_ms() >= kLatestTime) return std::nullopt;
  entry->expires = {content.expires_ms()};
  if (content.has_reply_to()) entry->target = key_of(content.reply_to());
  return entry;
}

v1::Content decode_detail(const std::optional<Bytes>& detail) {
  v1::Content content;
  if (detail && !wire::decode(*detail, kMaxDetail, content)) content.Clear();
  return content;
}

}  // namespace sotto::client
