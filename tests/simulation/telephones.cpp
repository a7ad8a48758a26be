#include "telephones.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "groups.h"
#include "speech.h"

namespace sotto::simulation {
namespace {

constexpr std::uint32_t kWholeHistory = 1'000'000;

/// Which message of a group these words are, if they are one of that kind.
std::optional<std::uint64_t> number_of(std::string_view words, std::string_view kind) {
  const std::string mark = std::string(kInGroup) + std::string(kind);
  const std::size_t at = words.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  words.remove_prefix(at + mark.size());
  std::uint64_t number = 0;
  if (std::from_chars(words.data(), words.data() + words.size(), number).ec != std::errc())
    return std::nullopt;
  return number;
}

}  // namespace

void Telephones::arrive(const gateway::OutgoingSms& text) {
  transcript_.line(text.to, fmt::format("gets \"{}\"", text.text));
  route_[text.to] = text.from;
  if (number_of(text.text, kWithheld))
    oracle_.violation(text.to, "gets in clear what was withheld from guests");
  const auto number = number_of(text.text, kClear);
  if (!number) return;
  // A kill between Kannel's answer and what the server keeps of it sends a text twice (gateway.md 4).
  const std::uint64_t times = ++came_[{text.to, *number}];
  if (repetition_counts_ && times > 1 + server_.kills())
    oracle_.violation(text.to, fmt::format("gets clear message {} again", *number));
}

void Telephones::answer(const std::string& number, const std::string& words) {
  const auto route = route_.find(number);
  if (route == route_.end()) return;
  transcript_.line(number, fmt::format("answers \"{}\"", words));
  answers_.insert(words);
  server_.bring_text(
      {.from = number, .to = route->second, .text = words, .gateway_id = fmt::format("{}", next())});
}

void Telephones::compare(DeviceMachine& device) {
  if (!device.ready()) return;
  std::set<std::string> said;
  for (const auto& message : all_messages(device, kWholeHistory)) {
    if (message.has_guest()) {
      if (!answers_.contains(message.body())) oracle_.violation(device.name(), "shows what no guest said");
      // Commands to the server are said, too, as often as they are given.
      const bool counts = message.body().starts_with(kGuestSays);
      if (counts && !said.insert(message.conversation() + message.body()).second)
        oracle_.violation(device.name(), "shows twice what a guest said");
    }
    compare(device, message);
  }
}

void Telephones::compare(DeviceMachine& device, const v1::Message& message) {
  if (number_of(message.body(), kWithheld) && message.also_in_clear_size() > 0)
    oracle_.violation(device.name(), "shows that a withheld message went to guests");
  const auto number = number_of(message.body(), kClear);
  if (!number || message.has_guest()) return;
  for (const auto& [where, times] : came_) {
    if (where.second != *number) continue;
    const auto& named = message.also_in_clear();
    const bool shown = std::any_of(named.begin(), named.end(),
                                   [&](const v1::Guest& guest) { return guest.number() == where.first; });
    if (!shown || message.security().end_to_end()) {
      oracle_.violation(device.name(),
                        fmt::format("does not show that clear message {} went to {}", *number, where.first));
    }
  }
}

}  // namespace sotto::simulation
