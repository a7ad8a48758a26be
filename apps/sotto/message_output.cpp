// How messages and conversations look; the rest of output.h is in output.cpp.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "attach.h"
#include "client/conversations/text_rules.h"
#include "client/links/words.h"
#include "output.h"

namespace sotto::cli {
namespace {

/// Digits of an id that tell the messages of a conversation apart.
constexpr std::size_t kIdDigits = 8;
/// Octets of a message in a list, or of one that another answers.
constexpr std::size_t kGlimpse = 60;
constexpr std::size_t kBar = 20;
/// In words: a colour alone is lost on who does not see it, and in a file.
constexpr std::string_view kInsecure = "[green: text message, NOT end-to-end encrypted]";

std::string describe(const v1::Guest& guest) {
  return fmt::format("{} ({}, guest of {})", harmless(guest.name()), guest.number(),
                     harmless(guest.sponsor()));
}

std::string speaker(const v1::Message& message) {
  if (message.has_guest()) return describe(message.guest());
  return harmless(message.sender()) + (message.app().empty() ? "" : " via " + message.app());
}

void print_insecurity(const v1::Message& message) {
  if (message.security().end_to_end()) return;
  const bool as_text = message.has_guest() || message.also_in_clear().empty();
  if (as_text) fmt::print("    {}\n", kInsecure);
  for (const auto& guest : message.also_in_clear()) {
    fmt::print("    [green: also as a text message, NOT end-to-end encrypted, to {}]\n", describe(guest));
    if (!guest.failure().empty()) fmt::print("    not delivered there: {}\n", harmless(guest.failure()));
  }
}

std::string_view describe(v1::Message::State state) {
  switch (state) {
    case v1::Message::QUEUED: return "queued";
    case v1::Message::SENT: return "sent";
    case v1::Message::DELIVERED: return "delivered";
    case v1::Message::READ: return "read";
    case v1::Message::FAILED: return "failed";
    default: return "";
  }
}

/// " (edited, pinned, read)"
std::string marks(const v1::Message& message) {
  std::vector<std::string_view> marks;
  if (message.forwarded()) marks.emplace_back("forwarded");
  if (message.edited_ms() > 0) marks.emplace_back("edited");
  if (message.pinned()) marks.emplace_back("pinned");
  const auto state = describe(message.state());
  if (!state.empty()) marks.push_back(state);
  return marks.empty() ? std::string() : fmt::format(" ({})", fmt::join(marks, ", "));
}

/// One line, cut between characters.
std::string glimpse(const std::string& text) {
  std::string line = harmless(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  if (line.size() <= kGlimpse) return line;
  return std::string(client::excerpt(line, kGlimpse - 3)) + "...";
}

std::string words(const v1::Message& message) { return harmless(client::shown_text(message)); }

void print_poll(const v1::Message::PollState& poll) {
  int most = 1;
  for (const auto& option : poll.options()) most = std::max(most, option.voters_size());
  int number = 0;
  for (const auto& option : poll.options()) {
    const auto length =
        kBar * static_cast<std::size_t>(option.voters_size()) / static_cast<std::size_t>(most);
    std::string bar;
    for (std::size_t i = 0; i < length; ++i) bar += "\u2588";
    std::vector<std::string> voters;
    for (const auto& voter : option.voters()) voters.push_back(harmless(voter));
    fmt::print("    {:>2}. {:<24} {} {}{}\n", ++number, harmless(option.text()), option.voters_size(), bar,
               voters.empty() ? "" : fmt::format(" {}", fmt::join(voters, ", ")));
  }
  if (poll.closed()) fmt::print("    closed\n");
}

void print_reactions(const v1::Message& message) {
  if (message.reactions().empty()) return;
  std::vector<std::string> shown;
  for (const auto& reaction : message.reactions()) {
    shown.push_back(harmless(reaction.emoji()) + " " + harmless(reaction.sender()));
  }
  fmt::print("    {}\n", fmt::join(shown, "  "));
}

void print_preview(const v1::LinkPreview& preview) {
  fmt::print("    \u2502 {}\n", harmless(preview.title()));
  if (!preview.description().empty()) fmt::print("    \u2502 {}\n", glimpse(preview.description()));
  if (!preview.picture().empty()) fmt::print("    \u2502 (with a picture)\n");
}

}  // namespace

void Output::message(const v1::Message& message) const {
  if (json_) return json(message);
  const std::string id = ids_ ? message.message_id().substr(0, kIdDigits) + " " : std::string();
  if (message.has_system()) {
    fmt::print("[{}] {}-- {}\n", local_time(message.sent_ms()), id, harmless(message.body()));
    return;
  }
  if (message.has_reply_to()) {
    const auto& quote = message.reply_to();
    fmt::print("    \u250c {}: {}\n", harmless(quote.sender()),
               quote.known() ? glimpse(quote.body()) : "(a message that is not here)");
  }
  const std::string body =
      message.has_poll() ? "Poll: " + harmless(message.poll().question()) : words(message);
  fmt::print("[{}] {}{}: {}{}\n", local_time(message.sent_ms()), id, speaker(message), body, marks(message));
  print_insecurity(message);
  if (!message.failure().empty()) fmt::print("    not delivered: {}\n", message.failure());
  for (const auto& file : message.files()) fmt::print("    {}\n", describe(file));
  if (message.has_poll()) print_poll(message.poll());
  if (message.has_preview()) print_preview(message.preview());
  print_reactions(message);
  if (message.expires_ms() > 0) fmt::print("    disappears {}\n", local_time(message.expires_ms()));
}

void Output::links(const v1::Message& message) const {
  if (json_) return json(message);
  for (const auto& link : message.links()) {
    fmt::print("{}\n    {}\n", harmless(client::words_of(link)), harmless(link.url()));
  }
}

void Output::request(const v1::Conversation& request) const {
  if (json_) return json(request);
  const auto& contact = request.contact();
  std::string who = title(request);
  if (!contact.claimed_handle().empty()) {
    who += fmt::format(" (calls itself {}, not confirmed)", harmless(contact.claimed_handle()));
  }
  fmt::print("{}: {} message{}\n", who, request.messages(), request.messages() == 1 ? "" : "s");
  if (!contact.resembles().empty()) {
    fmt::print("    looks like {}, whom you know, and is somebody else\n", harmless(contact.resembles()));
  }
}

void Output::blocked(const v1::Conversation& conversation) const {
  if (json_) return json(conversation);
  fmt::print("{}{}\n", title(conversation),
             conversation.settings().blocked() ? "" : ": not blocked any more");
}

void Output::report(const v1::Report& report) const {
  if (json_) return json(report);
  fmt::print("{} {}{}\n", report.sent() ? "reported:" : "kept, and reported with the next connection:",
             harmless(report.name()), report.blocked() ? "; nothing of them is taken in any more" : "");
}

void Output::safety_card(const v1::SafetyCard& card) const {
  if (json_) return json(card);
  fmt::print("{}\n  {}\n\n", card.title(), card.text());
}

void Output::contact_rules(const v1::ContactRules& rules) const {
  if (json_) return json(rules);
  const auto who = [&]() -> std::string_view {
    switch (rules.from()) {
      case v1::ContactRules::GROUPS: return "members of your groups, as a request";
      case v1::ContactRules::LINK: return "who has your contact link, as a request";
      case v1::ContactRules::NOBODY: return "nobody whom you did not write to";
      case v1::ContactRules::OPEN: return "anybody; nothing is a request";
      default: return "anybody, as a request";
    }
  };
  fmt::print("may write first: {}\n", who());
  if (!rules.link().empty()) fmt::print("contact link:    {}\n", rules.link());
}

void Output::file(const v1::AttachedFile& file) const {
  if (json_) return json(file);
  fmt::print("{} {}  {}\n", file.message_id().substr(0, kIdDigits), harmless(file.conversation()),
             describe(file));
}

std::string title(const v1::Conversation& conversation) {
  return conversation.title().empty() ? harmless(conversation.conversation())
                                      : "#" + harmless(conversation.title());
}

void Output::found(const v1::Message& message, const std::string& where) const {
  if (!json_) fmt::print("{}  ", where);
  this->message(message);
}

void Output::scheduled(const v1::Scheduled& scheduled) const {
  if (json_) return json(scheduled);
  fmt::print("[{}] {} to {}: {}\n", local_time(scheduled.due_ms()),
             scheduled.message_id().substr(0, kIdDigits), harmless(scheduled.conversation()),
             glimpse(scheduled.body()));
}

void Output::conversation(const v1::Conversation& conversation) const {
  if (json_) return json(conversation);
  const auto& settings = conversation.settings();
  const std::string called = title(conversation);
  const std::string name = settings.name().empty() ? called : harmless(settings.name()) + " (" + called + ")";
  std::string newest = glimpse(conversation.newest().body());
  if (conversation.newest().unsent()) newest = "(taken back)";
  if (!conversation.draft().empty()) newest = "draft: " + glimpse(conversation.draft());
  std::vector<std::string_view> marks;
  if (conversation.kind() == v1::Conversation::NOTES) marks.emplace_back("notes");
  if (conversation.kind() == v1::Conversation::SMS) marks.emplace_back("green: NOT end-to-end encrypted");
  if (settings.pinned()) marks.emplace_back("pinned");
  if (settings.blocked()) marks.emplace_back("blocked");
  if (settings.muted_until_ms() > 0) marks.emplace_back("muted");
  fmt::print("{:<20} {:>4} unread  {}  {}{}\n", name, conversation.unread(),
             local_time(conversation.newest().sent_ms()), newest,
             marks.empty() ? std::string() : fmt::format("  [{}]", fmt::join(marks, ", ")));
}

void Output::settings(const v1::Conversation& conversation) const {
  if (json_) return json(conversation);
  const auto& settings = conversation.settings();
  const auto on = [](bool set) { return set ? "on" : "off"; };
  fmt::print("{}\n", harmless(conversation.conversation()));
  if (!settings.name().empty()) fmt::print("  called:             {}\n", harmless(settings.name()));
  fmt::print("  read receipts:      {}\n", on(settings.read_receipts()));
  fmt::print("  delivery receipts:  {}\n", on(settings.delivery_receipts()));
  fmt::print("  typing is told:     {}\n", on(settings.typing()));
  fmt::print("  muted:              {}\n",
             settings.muted_until_ms() == 0 ? "no" : "until " + local_time(settings.muted_until_ms()));
  fmt::print("  pinned:             {}\n", on(settings.pinned()));
  fmt::print("  blocked:            {}\n", settings.blocked() ? "yes: nothing of them is taken in" : "no");
  fmt::print("  messages disappear: {}\n",
             settings.timer_s() == 0 ? "never" : fmt::format("after {} s", settings.timer_s()));
  if (!conversation.draft().empty()) fmt::print("  draft:              {}\n", glimpse(conversation.draft()));
}

}  // namespace sotto::cli
