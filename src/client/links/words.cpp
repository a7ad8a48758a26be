#include "client/links/words.h"

#include <algorithm>
#include <string_view>

#include "client/conversations/markup.h"

namespace sotto::client {
namespace {

using MessageLink = v1::Message::Link;

std::string_view doubt_of(MessageLink::Warning warning) {
  switch (warning) {
    case MessageLink::NOT_ASCII: return "letters that are not in every alphabet";
    case MessageLink::MIXED_SCRIPTS: return "letters of several alphabets in one word";
    case MessageLink::ODD_CHARACTERS: return "characters that no name has";
    case MessageLink::UNDECODABLE: return "written in a code that does not decode";
    case MessageLink::USER_NAME: return "what stands before the @ is not the host";
    case MessageLink::NUMERIC_ADDRESS: return "a number instead of a name";
    default: return "";
  }
}

std::string without_links(const v1::Message& message) {
  std::string out;
  std::size_t at = 0;
  for (const auto& link : message.links()) {
    out += message.body().substr(at, link.start() - at) + "[link to " + words_of(link) + "]";
    at = link.start() + link.length();
  }
  return out + message.body().substr(at);
}

}  // namespace

std::string words_of(const MessageLink& link) {
  std::string doubts;
  for (const auto warning : link.warnings()) {
    const auto words = doubt_of(static_cast<MessageLink::Warning>(warning));
    if (!words.empty()) doubts += (doubts.empty() ? "" : "; ") + std::string(words);
  }
  if (!link.resembles().empty()) doubts += (doubts.empty() ? "NOT " : "; NOT ") + link.resembles();
  return link.host() + (doubts.empty() ? "" : " (" + doubts + ")");
}

std::string shown_text(const v1::Message& message) {
  if (message.unsent()) return "(taken back)";
  const bool inert =
      std::ranges::any_of(message.links(), [](const MessageLink& link) { return link.inert(); });
  return inert ? without_links(message) : with_marks(message.body(), message.spans());
}

}  // namespace sotto::client
