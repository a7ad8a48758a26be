// `sotto chat` in a terminal: what the screen wants becomes calls of client/api, and what they answer goes
// back to it. Where another process holds the profile's connection, as an agent does, that one sends what is
// written here, and what it receives is shown from the store.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "client/api/conversations.h"
#include "client/api/messages.h"
#include "client/api/requests.h"
#include "client/conversations/records.h"
#include "client/outbox/queue.h"
#include "commands.h"
#include "profile.h"
#include "terminal_ui/model.h"
#include "terminal_ui/screen.h"
#include "terminal_ui/terminal.h"

namespace sotto::cli {
namespace {

namespace api = client::api;
namespace ui = terminal_ui;

/// After the end: time for the last message to reach a server that answers.
constexpr DurationMs kFarewell = seconds(10);
/// What changes in quick succession is read once.
constexpr DurationMs kRefreshPause{100};
/// How often to look, without a connection, what another process did; and with one, whether a sign of life is
/// over.
constexpr DurationMs kPoll{200};
constexpr DurationMs kRedraw = seconds(1);
/// How often to try whether another process has let go of the connection.
constexpr DurationMs kTakeOver = seconds(1);
/// Wishes that follow from wishes within one turn.
constexpr int kMaxRounds = 8;

/// Signals as something to read, blocked otherwise.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    descriptor_ = ::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~Signals() {
    if (descriptor_ >= 0) ::close(descriptor_);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// The next one that came.
  [[nodiscard]] std::optional<int> next() const {
    signalfd_siginfo info{};
    if (::read(descriptor_, &info, sizeof(info)) != sizeof(info)) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
  }

 private:
  sigset_t set_{};
  int descriptor_ = -1;
};

class ChatScreen {
 public:
  /// `user`: whose conversation is opened first; empty: nobody's.
  ChatScreen(Profile& profile, ui::Terminal& terminal, const Signals& signals, std::string user)
      : profile_(profile),
        terminal_(terminal),
        signals_(signals),
        client_(make_client()),
        first_(std::move(user)) {
    model_.set_self(profile.core().self()->handle);
    model_.resize(terminal.extent());
    refresh();
  }
  [[nodiscard]] bool done() const { return done_; }

  void on_event(const v1::Event& event) {
    if (event.has_typing()) model_.take_typing(event.typing());
    if (event.has_connection()) show_connection(event.connection());
    if (opening_) take_opened(&event);
    dirty_ = dirty_ || !event.has_typing();
    changed_ = true;
  }
  void on_remark(const std::string& words) {
    model_.remark(words, true);
    changed_ = true;
  }
  void on_keys() {
    if (done_) return;
    if (terminal_.is_gone()) return end();
    for (const auto& key : terminal_.read()) {
      model_.press(key, now());
      fulfil_all();
      if (done_) return;
    }
    changed_ = true;
  }
  void on_signal() {
    if (done_) return;
    while (const auto signal = signals_.next()) {
      if (*signal != SIGWINCH) {
        end();
        continue;
      }
      terminal_.resize();
      model_.resize(terminal_.extent());
      changed_ = true;
    }
  }
  /// After everything that happened, and every now and then.
  void turn() {
    model_.tick(now());
    if (!first_.empty()) open_first();
    if (opening_) take_opened(nullptr);
    const auto version = profile_.database().data_version();
    if (std::exchange(seen_version_, version) != version) dirty_ = true;
    if (dirty_ && has_passed(refreshed_, kRefreshPause)) refresh();
    fulfil_all();
    if (!done_ && (changed_ || has_passed(drawn_, kRedraw))) draw();
  }

  /// With this process's connection. Returns why it ended, if not because somebody wanted it.
  std::optional<Failure> run(Connection& connection) {
    runtime_ = &connection.runtime();
    model_.set_connection("connecting");
    runtime_->watch(STDIN_FILENO, [this] {
      on_keys();
      return !done_;
    });
    runtime_->watch(signals_.descriptor(), [this] {
      on_signal();
      return !done_;
    });
    const auto end = runtime_->run(std::nullopt, [this] {
      turn();
      return done_;
    });
    if (end == client::RunEnd::condition) return std::nullopt;
    return connection.explain(end, profile_.server_name());
  }
  /// Without one, until there may be one.
  void run_beside() {
    model_.set_connection("another process is connected");
    const UnixMs begun = now();
    while (!done_ && !has_passed(begun, kTakeOver)) {
      std::array<pollfd, 2> inputs{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                   pollfd{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0}};
      ::poll(inputs.data(), inputs.size(), static_cast<int>(kPoll.value));
      if (inputs[0].revents != 0) on_keys();
      if (inputs[1].revents != 0) on_signal();
      turn();
    }
  }

 private:
  static UnixMs now() { return SystemClock().now(); }
  static bool has_passed(UnixMs since, DurationMs length) { return sotto::has_passed(length, since, now()); }

  api::Client make_client() {
    return {.core = profile_.core(),
            .random = profile_.random(),
            .folder = profile_.folder().path(),
            .now = [] { return now(); },
            .perform =
                [this](client::Effects effects) {
                  if (runtime_ != nullptr) runtime_->perform(std::move(effects));
                },
            .reconnect =
                [this] {
                  if (runtime_ != nullptr) runtime_->reconnect();
                },
            .hindrance = [this] { return runtime_ == nullptr ? std::string() : runtime_->last_failure(); },
            .offload =
                [](const std::function<void()>& work, const std::function<void()>& finished) {
                  work();
                  finished();
                },
            .take_upload = [](const std::string&) { return std::optional<client::NewFile>(); }};
  }
  /// Somebody who is not known yet has to be asked about.
  void open_first() {
    const bool known =
        client::find_conversation(profile_.database(), *profile_.core().self(), first_).has_value();
    if (!known && runtime_ != nullptr && !profile_.core().signed_in()) return;
    fulfil(ui::Open{std::exchange(first_, {})});
  }
  void end() {
    model_.leave();
    fulfil_all();
    done_ = true;
  }
  void draw() {
    terminal_.show(ui::draw(model_));
    drawn_ = now();
    changed_ = false;
  }
  void show_connection(const v1::ConnectionState& state) {
    const bool offline = state.state() == v1::ConnectionState::OFFLINE;
    model_.set_connection(offline ? "offline: " + state.detail() : std::string("connected"));
  }
  void remark(const Failure& failure) { model_.remark(failure.message); }

  void refresh() {
    dirty_ = false;
    changed_ = true;
    refreshed_ = now();
    auto conversations = api::list_conversations(client_, {});
    auto requests = api::list_requests(client_, {});
    if (!conversations || !requests) {
      return remark(!conversations ? conversations.error() : requests.error());
    }
    model_.take_lists(*std::move(conversations), *std::move(requests));
    if (!model_.current()) return;
    v1::ConversationRequest current;
    current.set_conversation(model_.current()->conversation());
    if (auto record = api::get_conversation(client_, current)) model_.take_current(*std::move(record));
    model_.look();
  }

  void fulfil_all() {
    for (int round = 0; round < kMaxRounds; ++round) {
      const auto wishes = model_.take_wishes();
      if (wishes.empty()) return;
      for (const auto& wish : wishes) std::visit([this](const auto& each) { fulfil(each); }, wish);
    }
  }
  /// What changed is read again; what did not is told.
  template <typename T>
  void settle(const CommandResult<T>& result) {
    dirty_ = true;
    refreshed_ = {};
    if (!result) remark(result.error());
  }
  void fulfil(const ui::Look& look) {
    auto page = api::conversation_history(client_, look.request);
    if (page) return model_.take_page(*std::move(page));
    if (look.request.around().empty()) return;  // a conversation in which nothing was said
    model_.lose_place();
    model_.look();
  }
  void fulfil(const ui::Find& find) {
    auto found = api::search_messages(client_, find.request);
    if (!found) return remark(found.error());
    model_.take_found(*std::move(found));
  }
  void fulfil(const ui::Send& send) {
    const auto sent = api::send_message(client_, send.request);
    if (!sent) model_.give_back(send.request);
    settle(sent);
  }
  void fulfil(const ui::Edit& edit) { settle(api::edit_message(client_, edit.request)); }
  void fulfil(const ui::React& react) { settle(api::react(client_, react.request)); }
  void fulfil(const ui::Forward& forward) { settle(api::forward_message(client_, forward.request)); }
  void fulfil(const ui::Unsend& unsend) { settle(api::unsend_message(client_, unsend.request)); }
  void fulfil(const ui::Erase& erase) { settle(api::erase_message(client_, erase.request)); }
  void fulfil(const ui::RevealLinks& reveal) { settle(api::reveal_links(client_, reveal.request)); }
  void fulfil(const ui::Change& change) { settle(api::change_settings(client_, change.request)); }
  void fulfil(const ui::MarkRead& mark) {
    v1::ConversationRequest request;
    request.set_conversation(mark.conversation);
    if (api::mark_read(client_, request)) dirty_ = true;
  }
  // Signs of life and drafts of somebody who is not known yet are no failures worth a word.
  void fulfil(const ui::TellTyping& typing) { static_cast<void>(api::set_typing(client_, typing.request)); }
  void fulfil(const ui::KeepDraft& draft) { static_cast<void>(api::set_draft(client_, draft.request)); }
  void fulfil(const ui::Decide& decide) {
    v1::ConversationRequest request;
    request.set_conversation(decide.conversation);
    switch (decide.what) {
      case ui::Decide::What::accept: return settle(api::accept_request(client_, request));
      case ui::Decide::What::remove: return settle(api::delete_request(client_, request));
      case ui::Decide::What::block: return settle(api::block_request(client_, request));
    }
  }
  void fulfil(const ui::Open& open) {
    v1::ConversationRequest request;
    request.set_conversation(open.name);
    auto wait = api::open_conversation(client_, request);
    if (!wait) return remark(wait.error());
    opening_ = *std::move(wait);
    opening_until_ = now() + opening_->deadline;
    model_.remark("looking for " + open.name + " ...");
    take_opened(nullptr);
  }
  void take_opened(const v1::Event* event) {
    auto answer = opening_->look(event);
    if (!answer && now() < opening_until_) return;
    opening_.reset();
    if (!answer) {
      return model_.remark("the server did not answer; try again when you are connected");
    }
    if (!*answer) return remark(answer->error());
    refresh();
    model_.opened(**answer);
  }
  void fulfil(const ui::Ring&) { terminal_.ring(); }
  void fulfil(const ui::Redraw&) { terminal_.forget(); }
  void fulfil(const ui::Suspend&) {
    terminal_.suspend();
    model_.resize(terminal_.extent());
    dirty_ = true;
  }
  void fulfil(const ui::Quit&) { done_ = true; }

  Profile& profile_;
  ui::Terminal& terminal_;
  const Signals& signals_;
  client::Runtime* runtime_ = nullptr;  ///< none: another process has the connection
  api::Client client_;
  ui::Model model_;
  std::string first_;
  std::optional<api::Wait<v1::Conversation>> opening_;
  UnixMs opening_until_;
  UnixMs refreshed_;
  UnixMs drawn_;
  std::int64_t seen_version_ = 0;
  bool dirty_ = false;
  bool changed_ = true;
  bool done_ = false;
};

/// The screen, whoever is connected, until its end.
CommandResult<ExitCode> converse(Profile& profile, std::unique_ptr<ui::Terminal> terminal,
                                 const std::string& user) {
  const Signals signals;
  ChatScreen screen(profile, *terminal, signals, user);
  Output output(false);
  output.divert([&screen](const std::string& words) { screen.on_remark(words); });
  std::unique_ptr<Connection> connection;
  while (!screen.done()) {
    auto opened =
        Connection::open(profile, output, [&screen](const v1::Event& event) { screen.on_event(event); }, {});
    if (opened) {
      connection = *std::move(opened);
      if (const auto failure = screen.run(*connection)) return err(*failure);
    } else if (opened.error().code == ExitCode::locked) {
      screen.run_beside();
    } else {
      return err(opened.error());
    }
  }
  terminal.reset();
  if (!connection) return ExitCode::ok;  // whoever is connected sends what was written
  auto& runtime = connection->runtime();
  connection->stop_on_signals();
  runtime.run(kFarewell, [&] {
    const bool hopeless = !runtime.last_failure().empty() || client::unsent(profile.database()) == 0;
    return profile.core().settled() || (!runtime.connected() && hopeless);
  });
  runtime.close();
  if (client::status_record(profile.database(), *profile.core().self()).queued_messages() == 0)
    return ExitCode::ok;
  return err(Failure{ExitCode::queued, "some messages are kept and will be sent with the next connection"});
}

}  // namespace

CommandResult<ExitCode> run_chat_screen(const GlobalOptions& global, const std::string& user) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  auto terminal = ui::Terminal::open();
  if (terminal) return converse(*profile, std::move(terminal), user);
  return err(Failure{ExitCode::usage, "nothing is known about this terminal; set TERM, or use --lines"});
}

}  // namespace sotto::cli
