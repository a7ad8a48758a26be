// `sotto chat` by lines: standard input is written to somebody, and what they answer is printed.
#include <unistd.h>

#include <array>
#include <map>
#include <utility>

#include "called.h"
#include "client/api/conversations.h"
#include "client/api/messages.h"
#include "commands.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

constexpr std::uint32_t kShownBefore = 10;
/// Newest messages looked through when something happens; more cannot arrive in one push of the server.
constexpr std::uint32_t kLookedAt = 200;
/// After the end of input: time for the last lines to reach the server.
constexpr DurationMs kFarewell = seconds(10);

class Chat {
 public:
  Chat(Session& session, std::string user) : session_(session), user_(std::move(user)) {}

  void show_recent() {
    for (const auto& message : newest(kShownBefore)) show(message);
    mark_read();
  }
  /// The peer's messages, and own ones that were written elsewhere or failed. The conversation is looked at
  /// anew: a sender's name may be confirmed after its message. Those of others stay unread for `receive`.
  void show_news() {
    for (const auto& message : newest(kLookedAt)) {
      if (is_news(message)) show(message);
    }
    mark_read();
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
    for (const auto& message : newest(kShownBefore)) {
      if (message.state() == v1::Message::QUEUED) return false;
    }
    return true;
  }

 private:
  void show(const v1::Message& message) {
    session_.output().message(message);
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
  /// None while nothing was said.
  google::protobuf::RepeatedPtrField<v1::Message> newest(std::uint32_t limit) {
    v1::HistoryRequest request;
    request.set_conversation(user_);
    request.set_limit(limit);
    auto page = api::conversation_history(session_.api(), request);
    if (!page) return {};
    return std::move(*page->mutable_messages());
  }
  void mark_read() {
    v1::ConversationRequest request;
    request.set_conversation(user_);
    static_cast<void>(api::mark_read(session_.api(), request));  // there may be no conversation yet
    static_cast<void>(session_.output().flush());
  }
  void send(const std::string& line) {
    v1::SendRequest request;
    request.set_conversation(user_);
    request.set_text(line);
    const auto sent = api::send_message(session_.api(), request);
    if (!sent) return session_.output().failure(sent.error());
    shown_[sent->message_id()] = face_of(*sent);
  }

  Session& session_;
  std::string user_;
  std::string pending_;
  std::map<std::string, std::string> shown_;  ///< messages that are on the screen, and their faces
  bool ended_ = false;
};

/// Until the input ends, or a signal comes.
CommandResult<ExitCode> converse(Session& session, Chat& chat, bool& news) {
  auto& runtime = session.connection()->runtime();
  session.connection()->stop_on_signals();
  runtime.watch(STDIN_FILENO, [&chat] { return chat.on_readable(); });
  const auto end = runtime.run(std::nullopt, [&] {
    if (std::exchange(news, false)) chat.show_news();
    return chat.ended();
  });
  if (end != client::RunEnd::condition && end != client::RunEnd::interrupted) {
    return err(session.connection()->explain(end, session.profile().server_name()));
  }
  if (end == client::RunEnd::condition) {
    runtime.run(kFarewell, [&] {
      if (std::exchange(news, false)) chat.show_news();
      return session.profile().core().settled() && chat.all_sent();
    });
  }
  const bool sent = chat.all_sent();
  session.close();
  if (sent) return ExitCode::ok;
  return err(Failure{ExitCode::queued, "some messages are kept and will be sent with the next connection"});
}

}  // namespace

CommandResult<ExitCode> run_chat(const GlobalOptions& global, const ChatOptions& options) {
  const bool in_terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
  if (in_terminal && !options.lines && !global.json) return run_chat_screen(global, options.user);
  if (options.user.empty()) {
    return err(Failure{ExitCode::usage, "say with whom: sotto chat USER; without it chat needs a terminal"});
  }
  SOTTO_TRY(const std::string peer, called(options.user));
  bool news = false;  // an event comes from inside of an input, in which nothing may be asked
  SOTTO_TRY(Session session, Session::open(global, Reach::server, [&news](const v1::Event& event) {
              news = news || event.has_message() || event.has_contact();
            }));
  SOTTO_CHECK_OK(session.connect());
  Chat chat(session, peer);
  session.output().note("Chat with " + peer + ". One line is one message; end with Ctrl-D.");
  chat.show_recent();
  return converse(session, chat, news);
}

}  // namespace sotto::cli
