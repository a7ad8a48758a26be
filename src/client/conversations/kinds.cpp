#include "client/conversations/kinds.h"

#include <algorithm>

#include "client/conversations/records.h"
#include "client/previews/records.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// The content, if it keeps to the bounds of its kind.
Result<v1::Content, KindError> sound(v1::Content content, KindError otherwise) {
  if (!entry_of(content)) return err(otherwise);
  return content;
}

v1::Message record_of(Work& work, const NamedMessage& message) {
  return message_record(work.db, work.self, message.row).value_or(v1::Message());
}

}  // namespace

std::string_view describe(KindError error) {
  switch (error) {
    case KindError::bad_location:
      return "this is no place: latitude -90 to 90, longitude -180 to 180, live for at most 8 hours";
    case KindError::bad_card: return "a contact card has a name and at most 8 numbers and 8 addresses";
    case KindError::bad_poll: return "a poll has a question and 2 to 12 options of one line each";
    case KindError::bad_preview:
      return "a preview needs an address that stands in the text, lines of at most 256 octets and a picture "
             "of at most "
             "8 KiB";
    case KindError::bad_sticker: return "a sticker stands for one emoji, and its pack is a short line";
    case KindError::not_live: return "this is no live location of yours, or it has ended";
    case KindError::not_a_poll: return "this message is no poll";
    case KindError::poll_closed: return "the poll is closed; votes count no more";
    case KindError::bad_option:
      return "the poll has no such option, or only one may be chosen; `sotto history USER` shows them";
  }
  return "unknown error";
}

Result<v1::Content, KindError> location_content(v1::Location location, DurationMs live, UnixMs now) {
  if (live > kLongestLive) return err(KindError::bad_location);
  location.set_live_until_ms(live.value == 0 ? 0 : (now + live).value);
  v1::Content content;
  *content.mutable_location() = std::move(location);
  return sound(std::move(content), KindError::bad_location);
}

Result<v1::Content, KindError> card_content(const v1::ContactCard& card) {
  v1::Content content;
  *content.mutable_contact_card() = card;
  return sound(std::move(content), KindError::bad_card);
}

Result<v1::Content, KindError> poll_content(const v1::Poll& poll) {
  v1::Content content;
  *content.mutable_poll() = poll;
  return sound(std::move(content), KindError::bad_poll);
}

Result<v1::Content, KindError> sticker_content(const v1::Sticker& sticker) {
  v1::Content content;
  *content.mutable_sticker() = sticker;
  return sound(std::move(content), KindError::bad_sticker);
}

Result<v1::Content, KindError> text_with_preview(v1::Text text, const v1::LinkPreview& preview) {
  v1::Content content;
  *content.mutable_text() = std::move(text);
  *content.mutable_text()->mutable_preview() = preview;
  if (preview.picture().size() > kMaxPreviewPicture) return err(KindError::bad_preview);
  const auto entry = entry_of(content);
  if (!entry || !decode_detail(entry->detail).text().has_preview()) return err(KindError::bad_preview);
  return content;
}

Result<void, KindError> move_location(Work& work, const NamedMessage& message,
                                      const std::optional<v1::Location>& location) {
  const auto record = record_of(work, message);
  if (!record.outgoing() || record.location().live_until_ms() <= work.now.value) {
    return err(KindError::not_live);
  }
  v1::Content content;
  auto* update = content.mutable_location_update();
  update->set_msg_id(wire::field(message.key.id));
  Bytes detail;
  if (location) {
    if (!is_sound(*location)) return err(KindError::bad_location);
    *update->mutable_location() = *location;
    detail = wire::encode(*location);
  }
  say_about(work, message, Action::location, std::move(content), {}, std::move(detail));
  return {};
}

Result<void, KindError> vote(Work& work, const NamedMessage& message, std::vector<std::uint32_t> options) {
  const auto record = record_of(work, message);
  if (!record.has_poll()) return err(KindError::not_a_poll);
  if (record.poll().closed()) return err(KindError::poll_closed);
  std::ranges::sort(options);
  options.erase(std::unique(options.begin(), options.end()), options.end());
  const auto count = static_cast<std::uint32_t>(record.poll().options_size());
  if ((!options.empty() && options.back() >= count) || (options.size() > 1 && !record.poll().multiple())) {
    return err(KindError::bad_option);
  }
  v1::Content content;
  *content.mutable_poll_vote()->mutable_target() = ref_of(message.key);
  content.mutable_poll_vote()->mutable_options()->Add(options.begin(), options.end());
  say_about(work, message, Action::vote, std::move(content), {}, Bytes(options.begin(), options.end()));
  return {};
}

Result<void, KindError> close_poll(Work& work, const NamedMessage& message) {
  const auto record = record_of(work, message);
  if (!record.has_poll() || !record.outgoing()) return err(KindError::not_a_poll);
  if (record.poll().closed()) return err(KindError::poll_closed);
  v1::Content content;
  content.mutable_poll_close()->set_msg_id(wire::field(message.key.id));
  say_about(work, message, Action::close, std::move(content), {}, {});
  return {};
}

void pin(Work& work, const NamedMessage& message, bool pinned) {
  v1::Content content;
  *content.mutable_pin()->mutable_target() = ref_of(message.key);
  content.mutable_pin()->set_pinned(pinned);
  say_about(work, message, Action::pin, std::move(content), pinned ? "1" : "", {});
}

}  // namespace sotto::client
