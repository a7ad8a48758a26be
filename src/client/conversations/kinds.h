// Entries that are more than text, and what is said about them: places, contact cards, polls, pins
// (docs/specs/content.md 2, 4). Contents made here go out through send_entry().
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "client/conversations/commands.h"
#include "result/result.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

enum class KindError : std::uint8_t {
  bad_location,  ///< outside the globe, or live for no time or for more than eight hours
  bad_card,      ///< without a name, or with too much on it
  bad_poll,      ///< without a question, or with fewer than two or more than twelve options
  bad_preview,   ///< its address does not stand in the text, or a line or its picture is too long
  bad_sticker,   ///< it stands for no emoji, or its pack is no line
  not_live,      ///< no live location of this account, or it has ended
  not_a_poll,
  poll_closed,
  bad_option,  ///< no such option, or several where one may be chosen
};
std::string_view describe(KindError error);

/// `live`: how long the sender's own position is shown; 0: a place.
Result<v1::Content, KindError> location_content(v1::Location location, DurationMs live, UnixMs now);
Result<v1::Content, KindError> card_content(const v1::ContactCard& card);
Result<v1::Content, KindError> poll_content(const v1::Poll& poll);
/// The picture goes with it as its only file.
Result<v1::Content, KindError> sticker_content(const v1::Sticker& sticker);
/// A text with what its sender says of a page that it names.
Result<v1::Content, KindError> text_with_preview(v1::Text text, const v1::LinkPreview& preview);

// About a message as open_message() gives it.
/// Where the sender of a live location is now; absent: it ends.
Result<void, KindError> move_location(Work& work, const NamedMessage& message,
                                      const std::optional<v1::Location>& location);
/// Counted from 0; none takes the vote back.
Result<void, KindError> vote(Work& work, const NamedMessage& message, std::vector<std::uint32_t> options);
Result<void, KindError> close_poll(Work& work, const NamedMessage& message);
void pin(Work& work, const NamedMessage& message, bool pinned);

}  // namespace sotto::client
