#include "terminal_ui/entry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "client/links/words.h"
#include "terminal_ui/text.h"

namespace sotto::terminal_ui {
namespace {

constexpr std::size_t kShortAccount = 8;
constexpr std::size_t kAccountDigits = 64;
constexpr int kIndent = 2;
/// Voters named below an option of a poll, or who reacted: the rest is a number.
constexpr int kNamed = 8;
constexpr std::array kDays = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array kMonths = {"January", "February", "March",     "April",   "May",      "June",
                                "July",    "August",   "September", "October", "November", "December"};

/// The end of the year 9999: times are said by others.
constexpr std::uint64_t kLatestMs = 253'402'300'799'000;

std::tm local(std::uint64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(std::min(unix_ms, kLatestMs) / 1000);
  std::tm out{};
  ::localtime_r(&seconds, &out);
  return out;
}

bool is_secure(const v1::Message& message) { return message.security().end_to_end(); }

std::string speaker(const v1::Message& message) {
  if (message.has_guest()) {
    return fmt::format("{} ({}, guest of {})", message.guest().name(), message.guest().number(),
                       short_name(message.guest().sponsor()));
  }
  const std::string name = message.outgoing() ? "you" : short_name(message.sender());
  return message.app().empty() ? name : name + " via " + message.app();
}

/// In words and signs; a colour says the same again.
std::string_view state_of(const v1::Message& message) {
  switch (message.state()) {
    case v1::Message::QUEUED: return "\u2026 queued";
    case v1::Message::SENT: return "\u2713 sent";
    case v1::Message::DELIVERED: return "\u2713\u2713 delivered";
    case v1::Message::READ: return "\u2713\u2713 read";
    case v1::Message::FAILED: return "! failed";
    default: return "";
  }
}

std::string size_of(std::uint64_t octets) {
  if (octets < 1000) return fmt::format("{} B", octets);
  if (octets < 1'000'000) return fmt::format("{} kB", octets / 1000);
  return fmt::format("{}.{} MB", octets / 1'000'000, octets % 1'000'000 / 100'000);
}

std::string_view standing_of(const v1::AttachedFile& file) {
  switch (file.media()) {
    case v1::AttachedFile::UNCHECKED: return ", not looked at yet";
    case v1::AttachedFile::HIDDEN: return ", hidden until you want to see it";
    case v1::AttachedFile::QUARANTINED: return ", IN QUARANTINE";
    case v1::AttachedFile::SUSPECT: return ", broke the decoder once";
    case v1::AttachedFile::REFUSED: return ", no clean picture can be made of it";
    default: return "";
  }
}

std::string words_of(const v1::AttachedFile& file) {
  std::string where;
  switch (file.state()) {
    case v1::AttachedFile::UPLOADING: where = ", being sent"; break;
    case v1::AttachedFile::DOWNLOADING: where = ", being fetched"; break;
    case v1::AttachedFile::REMOTE: where = ", not here yet (sotto download)"; break;
    case v1::AttachedFile::FAILED: where = ", failed: " + file.failure(); break;
    default: break;
  }
  const bool moves =
      file.state() == v1::AttachedFile::UPLOADING || file.state() == v1::AttachedFile::DOWNLOADING;
  if (moves && file.stored_size() > 0) {
    where +=
        fmt::format(" {} %", std::min(file.transferred(), file.stored_size()) * 100 / file.stored_size());
  }
  return fmt::format("file: {} ({}, {}{}{})", file.name(), size_of(file.size()), file.mime(), where,
                     standing_of(file));
}

class Entry {
 public:
  Entry(const v1::Message& message, const v1::Message* before, int width)
      : message_(message), before_(before), width_(std::max(width, 4)) {}

  std::vector<Line> lines() {
    add_day();
    if (message_.has_system()) {
      add("-- " + message_.body(), Style::faint, 0);
      return std::move(lines_);
    }
    add_head();
    add_quote();
    add_body();
    add_insecurity();
    if (!message_.failure().empty()) add("not delivered: " + message_.failure(), Style::warning);
    for (const auto& file : message_.files()) add(words_of(file), Style::plain);
    if (message_.has_poll()) add_poll();
    if (message_.has_preview()) add_preview(message_.preview());
    add_reactions();
    return std::move(lines_);
  }

 private:
  void add(const std::string& text, Style style, int indent = kIndent) {
    for (auto& line : wrap(text, width_ - indent)) {
      if (lines_.size() == kMaxLines) return more();
      lines_.push_back(
          {.pieces = {{std::string(static_cast<std::size_t>(indent), ' ') + std::move(line), style}}});
    }
  }
  void more() { lines_.back() = {.pieces = {{"  [...] the rest is in `sotto history`", Style::faint}}}; }

  void add_day() {
    if (before_ != nullptr && day_of(before_->sent_ms()) == day_of(message_.sent_ms())) return;
    lines_.push_back(rule(day_of(message_.sent_ms()), Style::faint, width_));
  }
  [[nodiscard]] bool goes_on() const {
    if (before_ == nullptr || before_->has_system() || before_->has_guest() || message_.has_guest())
      return false;
    return before_->sender() == message_.sender() && before_->outgoing() == message_.outgoing() &&
           before_->app() == message_.app() && is_secure(*before_) == is_secure(message_) &&
           day_of(before_->sent_ms()) == day_of(message_.sent_ms()) &&
           message_.sent_ms() >= before_->sent_ms() && message_.sent_ms() - before_->sent_ms() < kTogetherMs;
  }
  void add_head() {
    if (goes_on()) return;
    const std::string name = fit(speaker(message_), width_ - 6);
    lines_.push_back({.pieces = {{name, is_secure(message_) ? Style::secure : Style::insecure},
                                 {" " + time_of_day(message_.sent_ms()), Style::faint}}});
  }
  void add_quote() {
    if (!message_.has_reply_to()) return;
    const auto& quote = message_.reply_to();
    const std::string body = quote.known() ? quote.body() : "(a message that is not here)";
    const std::string text = "\u250c " + short_name(quote.sender()) + ": " + body;
    lines_.push_back({.pieces = {{"  " + fit(text, width_ - kIndent), Style::faint}}});
  }
  [[nodiscard]] std::string marks() const {
    std::vector<std::string> marks;
    if (message_.forwarded()) marks.emplace_back("forwarded");
    if (message_.edited_ms() > 0) marks.emplace_back("edited");
    if (message_.pinned()) marks.emplace_back("pinned");
    if (message_.expires_ms() > 0) {
      const bool today = day_of(message_.expires_ms()) == day_of(message_.sent_ms());
      marks.push_back("disappears " +
                      (today ? time_of_day(message_.expires_ms()) : day_of(message_.expires_ms())));
    }
    const auto state = state_of(message_);
    if (!state.empty()) marks.emplace_back(state);
    return marks.empty() ? std::string() : fmt::format(" ({})", fmt::join(marks, ", "));
  }
  void add_body() {
    std::string body =
        message_.has_poll() ? "Poll: " + message_.poll().question() : client::shown_text(message_);
    if (body.empty() && message_.files_size() > 0) body = "sent:";
    add(body, message_.unsent() ? Style::faint : Style::plain);
    const std::string after = marks();
    if (after.empty()) return;
    const Style style = message_.state() == v1::Message::FAILED ? Style::warning : Style::faint;
    if (columns_of(lines_.back().pieces.front().text) + columns_of(after) <= width_) {
      lines_.back().pieces.push_back({after, style});
    } else {
      add(after.substr(1), style);
    }
  }
  void add_insecurity() {
    if (is_secure(message_)) return;
    if (message_.has_guest() || message_.also_in_clear().empty()) {
      add("[green: text message, NOT end-to-end encrypted]", Style::insecure);
    }
    for (const auto& guest : message_.also_in_clear()) {
      add(fmt::format("[green: also as a text message, NOT end-to-end encrypted, to {} ({})]", guest.name(),
                      guest.number()),
          Style::insecure);
      if (!guest.failure().empty()) add("not delivered there: " + guest.failure(), Style::warning);
    }
  }
  void add_preview(const v1::LinkPreview& preview) {
    add("| " + preview.title() + (preview.picture().empty() ? "" : " (with a picture)"), Style::faint);
    if (!preview.description().empty())
      add("| " + fit(preview.description(), width_ - kIndent - 2), Style::faint);
  }
  void add_poll() {
    int number = 0;
    for (const auto& option : message_.poll().options()) {
      std::vector<std::string> voters;
      for (const auto& voter : option.voters()) {
        if (std::ssize(voters) < kNamed) voters.push_back(short_name(voter));
      }
      add(fmt::format("{}. {}: {}{}", ++number, option.text(), option.voters_size(),
                      voters.empty() ? "" : fmt::format(" ({})", fmt::join(voters, ", "))),
          Style::plain);
    }
    if (message_.poll().closed()) add("closed", Style::faint);
  }
  void add_reactions() {
    if (message_.reactions().empty()) return;
    std::vector<std::string> shown;
    for (const auto& reaction : message_.reactions()) {
      if (std::ssize(shown) < kNamed) shown.push_back(reaction.emoji() + " " + short_name(reaction.sender()));
    }
    const int rest = message_.reactions_size() - static_cast<int>(shown.size());
    add(fmt::format("{}{}", fmt::join(shown, "  "), rest > 0 ? fmt::format("  and {} more", rest) : ""),
        Style::strong);
  }

  const v1::Message& message_;
  const v1::Message* before_;
  int width_;
  std::vector<Line> lines_;
};

}  // namespace

std::vector<Line> lines_of(const v1::Message& message, const v1::Message* before, int width) {
  return Entry(message, before, width).lines();
}

Line rule(const std::string& word, Style style, int width) {
  std::string text = fit("\u2500\u2500 " + word + " ", width);
  for (int column = columns_of(text); column < width; ++column) text += "\u2500";
  return {.pieces = {{std::move(text), style}}};
}

std::string glimpse_of(const v1::Message& message) {
  if (message.has_poll()) return "Poll: " + message.poll().question();
  std::string text = client::shown_text(message);
  if (text.empty() && message.files_size() > 0) text = "file: " + message.files(0).name();
  return text;
}

std::string short_name(const std::string& name) {
  const bool account =
      name.size() == kAccountDigits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
  return account ? name.substr(0, kShortAccount) + "\u2026" : name;
}

std::string time_of_day(std::uint64_t unix_ms) {
  const std::tm time = local(unix_ms);
  return fmt::format("{:02}:{:02}", time.tm_hour, time.tm_min);
}

std::string day_of(std::uint64_t unix_ms) {
  const std::tm time = local(unix_ms);
  return fmt::format("{} {} {} {}", kDays[static_cast<std::size_t>(time.tm_wday)], time.tm_mday,
                     kMonths[static_cast<std::size_t>(time.tm_mon)], time.tm_year + 1900);
}

std::string short_time(std::uint64_t unix_ms, std::uint64_t now_ms) {
  const std::tm time = local(unix_ms);
  const std::tm now = local(now_ms);
  if (time.tm_year != now.tm_year) {
    return fmt::format("{:04}-{:02}-{:02}", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday);
  }
  if (time.tm_yday == now.tm_yday) return time_of_day(unix_ms);
  return fmt::format("{} {}", time.tm_mday,
                     std::string_view(kMonths[static_cast<std::size_t>(time.tm_mon)]).substr(0, 3));
}

}  // namespace sotto::terminal_ui
