#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <map>

#include "bytes/hex.h"
#include "client/conversations/reading.h"
#include "client/conversations/records.h"
#include "commands.h"
#include "lookup.h"
#include "profile.h"

namespace sotto::cli {
namespace {

constexpr std::uint32_t kShownBefore = 10;
/// Newest messages looked through when something happens; more cannot arrive in one push of the server.
constexpr std::uint32_t kLookedAt = 200;
/// After the end of input: time for the last lines to reach the server.
constexpr DurationMs kFarewell = seconds(10);

class Chat {
 public:
  Chat(Profile& profile, Connection& connection, const Output& output, std::string user)
      : profile_(profile), connection_(connection), output_(output), user_(std::move(user)) {}

  void show_recent() {
    for (const auto& message : records(kShownBefore)) show(message);
    mark_read();
  }
  /// The peer's messages, and own ones that were written elsewhere or failed. The conversation is looked at
  /// anew: a sender's name may be confirmed after its message. Those of others stay unread for `receive`.
  void on_event(const v1::Event& event) {
    if (event.has_message() || event.has_contact()) {
      for (const auto& message : records(kLookedAt)) {
        if (is_news(message)) show(message);
      }
      mark_read();
    }
    static_cast<void>(output_.flush());
  }
  /// Whole lines from standard input. False at its end.
  bool on_readable() {
    std::array<char, 4096> chunk{};
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got <= 0) {
      if (!pending_.empty()) send(std::exchange(pending_, {}));
      ended_ = true;
      return false;
    }
    pending_.append(chunk.data(), static_cast<std::size_t>(got));
    for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
      const std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      if (!line.empty()) send(line);
    }
    return true;
  }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool all_sent() {
    for (const auto& message : records(kShownBefore)) {
      if (message.state() == v1::Message::QUEUED) return false;
    }
    return true;
  }

 private:
  void show(const v1::Message& message) {
    output_.message(message);
    shown_[message.message_id()] = face_of(message);
  }
  /// What a reader would see change: not how far it got, unless that is nowhere.
  static std::string face_of(const v1::Message& message) {
    std::string face = message.state() == v1::Message::FAILED ? "failed " : "";
    for (const auto& reaction : message.reactions()) face += reaction.sender() + reaction.emoji() + " ";
    return face + (message.unsent() ? "unsent" : message.body());
  }
  [[nodiscard]] bool is_news(const v1::Message& message) const {
    const auto known = shown_.find(message.message_id());
    return known == shown_.end() || known->second != face_of(message);
  }
  std::vector<v1::Message> records(std::uint32_t limit) {
    const auto& self = *profile_.core().self();
    const auto conversation = client::find_conversation(profile_.database(), self, user_);
    if (!conversation) return {};
    return client::history(profile_.database(), self, conversation->id, limit, SystemClock().now());
  }
  void mark_read() {
    const auto conversation = client::find_conversation(profile_.database(), *profile_.core().self(), user_);
    if (!conversation || !client::has_unread(profile_.database(), conversation->id)) return;
    auto outcome = profile_.core().command(SystemClock().now(), [&](client::Work& work) {
      client::mark_conversation_read(work, conversation->id);
      return true;
    });
    if (outcome) connection_.runtime().perform(std::move(outcome->effects));
  }
  void send(const std::string& line) {
    auto outcome = profile_.core().send_text(user_, line, SystemClock().now());
    if (!outcome) {
      output_.failure(failure_of(outcome.error()));
      return;
    }
    if (outcome->value) {
      shown_[to_hex(*outcome->value)] = line;
    } else {
      output_.failure(failure_of(outcome->value.error()));
    }
    connection_.runtime().perform(std::move(outcome->effects));
  }

  Profile& profile_;
  Connection& connection_;
  const Output& output_;
  std::string user_;
  std::string pending_;
  std::map<std::string, std::string> shown_;  ///< messages that are on the screen, and their faces
  bool ended_ = false;
};

}  // namespace

CommandResult<ExitCode> run_chat(const GlobalOptions& global, const ChatOptions& options) {
  const bool in_terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
  if (in_terminal && !options.lines && !global.json) return run_chat_screen(global, options.user);
  if (options.user.empty()) {
    return err(Failure{ExitCode::usage, "say with whom: sotto chat USER; without it chat needs a terminal"});
  }
  SOTTO_TRY(const std::string peer, called(options.user));
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  Chat* chat_pointer = nullptr;
  SOTTO_TRY(const auto connection,
            Connection::open(*profile, output, [&chat_pointer](const v1::Event& event) {
              if (chat_pointer != nullptr) chat_pointer->on_event(event);
            }));
  Chat chat(*profile, *connection, output, peer);
  chat_pointer = &chat;
  output.note("Chat with " + peer + ". One line is one message; end with Ctrl-D.");
  chat.show_recent();
  static_cast<void>(output.flush());

  auto& runtime = connection->runtime();
  connection->stop_on_signals();
  runtime.watch(STDIN_FILENO, [&chat] { return chat.on_readable(); });
  const auto end = runtime.run(std::nullopt, [&chat] { return chat.ended(); });
  if (end != client::RunEnd::condition && end != client::RunEnd::interrupted) {
    return err(connection->explain(end, profile->server_name()));
  }
  if (end == client::RunEnd::condition) {
    runtime.run(kFarewell, [&] { return profile->core().settled() && chat.all_sent(); });
  }
  const bool sent = chat.all_sent();
  runtime.close();
  chat_pointer = nullptr;
  if (sent) return ExitCode::ok;
  return err(Failure{ExitCode::queued, "some messages are kept and will be sent with the next connection"});
}

}  // namespace sotto::cli
