#include "terminal_ui/heading.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace sotto::terminal_ui {
namespace {

std::string warning_of(const v1::Contact& contact) {
  const std::string name = short_name(contact.handle().empty() ? contact.account() : contact.handle());
  if (!contact.changed_fingerprint().empty()) {
    if (contact.known_key_again()) {
      return fmt::format("KNOWN KEY AGAIN: nothing is sent. Go on: sotto contact keep {}", name);
    }
    return fmt::format("KEY CHANGED: nothing is sent. Compare: sotto verify {}", name);
  }
  if (contact.account_retired()) return "GONE: the account was turned off; nothing can be sent";
  switch (contact.log_proof()) {
    case v1::Contact::REFUSED: return "REFUSED: the server's proof did not hold; nothing is sent";
    case v1::Contact::DISPUTED: return "DISPUTED: they saw another log than you; nothing is sent";
    case v1::Contact::FORKED: return "FORKED: the server's log contradicts itself; nothing is sent";
    default: return {};
  }
}

std::string request_of(const v1::Contact& contact) {
  std::string words = "a request";
  if (!contact.claimed_handle().empty())
    words += fmt::format(", calls itself {}, not confirmed", contact.claimed_handle());
  if (!contact.resembles().empty())
    words += fmt::format(", looks like {} and is somebody else", contact.resembles());
  return words + ": a accept, d delete, b block";
}

std::string_view verified(v1::Verification how) {
  switch (how) {
    case v1::VERIFIED_BY_QR:
    case v1::VERIFIED_BY_DIGITS: return ", verified";
    case v1::ACCEPTED_AFTER_CHANGE: return ", key accepted after a change, NOT verified";
    default: return ", not verified";
  }
}

}  // namespace

std::string title_of(const v1::Conversation& conversation) {
  const std::string called =
      conversation.title().empty() ? short_name(conversation.conversation()) : "#" + conversation.title();
  const std::string& name = conversation.settings().name();
  return name.empty() ? called : fmt::format("{} ({})", name, called);
}

Piece safety_of(const v1::Conversation& conversation) {
  if (conversation.has_contact()) {
    const std::string warning = warning_of(conversation.contact());
    if (!warning.empty()) return {warning, Style::warning};
  }
  if (conversation.settings().blocked()) return {"blocked: nothing of them is taken in", Style::warning};
  if (conversation.request()) return {request_of(conversation.contact()), Style::warning};
  if (conversation.kind() == v1::Conversation::SMS) {
    return {"green: text messages, NOT end-to-end encrypted", Style::insecure};
  }
  if (conversation.guests_size() > 0) {
    return {fmt::format("green: {} guest{} read{} it by text message, NOT end-to-end encrypted",
                        conversation.guests_size(), conversation.guests_size() == 1 ? "" : "s",
                        conversation.guests_size() == 1 ? "s" : ""),
            Style::insecure};
  }
  if (conversation.kind() == v1::Conversation::NOTES)
    return {"blue: notes to yourself, on your devices", Style::secure};
  std::string words = "blue: end-to-end encrypted";
  if (conversation.has_contact()) words += verified(conversation.contact().verified_by());
  if (conversation.security().pq_level() == v1::SecurityState::PQ_CONTINUOUS) words += ", post-quantum";
  return {words, Style::secure};
}

std::string marks_of(const v1::Conversation& conversation, std::uint64_t now_ms) {
  std::vector<std::string_view> marks;
  if (conversation.request()) marks.emplace_back("request");
  if (conversation.has_contact() && !warning_of(conversation.contact()).empty()) marks.emplace_back("! key");
  if (conversation.kind() == v1::Conversation::SMS) marks.emplace_back("SMS");
  if (conversation.kind() == v1::Conversation::NOTES) marks.emplace_back("notes");
  if (conversation.settings().pinned()) marks.emplace_back("pinned");
  if (conversation.settings().muted_until_ms() > now_ms) marks.emplace_back("muted");
  if (conversation.settings().blocked()) marks.emplace_back("blocked");
  return fmt::format("{}", fmt::join(marks, ", "));
}

}  // namespace sotto::terminal_ui
