#include "session.h"

#include <chrono>
#include <thread>

#include "client/runtime/pictures.h"
#include "page.h"

namespace sotto::cli {
namespace {

/// For telling everybody.
constexpr DurationMs kSettle = seconds(10);
/// How often to look what the process that holds the connection has made of the store.
constexpr std::chrono::milliseconds kPoll{50};

}  // namespace

struct Session::State {
  State(std::unique_ptr<Profile> its_profile, bool json, Reach its_reach, EventHandler handler)
      : profile(std::move(its_profile)),
        output(json),
        reach(its_reach),
        on_event(std::move(handler)),
        api{.core = profile->core(),
            .random = profile->random(),
            .folder = profile->folder().path(),
            .now = [] { return SystemClock().now(); },
            .perform =
                [this](client::Effects effects) {
                  if (connection) connection->runtime().perform(std::move(effects));
                },
            .reconnect =
                [this] {
                  if (connection) connection->runtime().reconnect();
                },
            .hindrance =
                [this] {
                  const bool cut = connection && !connection->runtime().connected();
                  return cut ? connection->runtime().last_failure() : std::string();
                },
            .offload =
                [this](const std::function<void()>& work, const std::function<void()>& done) {
                  work();  // nothing else waits here
                  done();
                  moved = true;
                },
            .take_upload = [](const std::string&) { return std::optional<client::NewFile>(); },
            .thumbnail =
                [this](ByteView picture) {
                  if (!sandbox) sandbox.emplace(client::media_program());
                  return client::thumbnail_of(*sandbox, picture);
                },
            .preview =
                [](const std::string& url, bool private_addresses,
                   const std::function<void(client::PreviewOutcome)>& done) {
                  done(ask_page(url, private_addresses));  // nor here
                }} {}

  std::unique_ptr<Profile> profile;
  Output output;
  Reach reach;
  EventHandler on_event;
  bool listens = false;
  std::deque<v1::Event> happened;  ///< while one listens: a call must not act from inside of an input
  bool moved = false;              ///< without an input, so that who waits has to look again
  bool interrupted = false;
  std::string hindrance;                  ///< why not everybody was told yet
  std::optional<media::Sandbox> sandbox;  ///< once there is an own picture
  client::api::Client api;
  std::unique_ptr<Connection> connection;  // its events come here: ends first
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const Output& Session::output() const { return state_->output; }
Profile& Session::profile() { return *state_->profile; }
Connection* Session::connection() { return state_->connection.get(); }
client::api::Client& Session::api() { return state_->api; }
bool Session::interrupted() const { return state_->interrupted; }

CommandResult<Session> Session::open(const GlobalOptions& global, Reach reach, EventHandler on_event) {
  SOTTO_TRY(auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  return over(std::move(profile), global, reach, std::move(on_event));
}

CommandResult<Session> Session::reading(const GlobalOptions& global) {
  SOTTO_TRY(auto profile, Profile::open(global));
  return over(std::move(profile), global, Reach::nobody);
}

Session Session::over(std::unique_ptr<Profile> profile, const GlobalOptions& global, Reach reach,
                      EventHandler on_event) {
  return Session(std::make_unique<State>(std::move(profile), global.json, reach, std::move(on_event)));
}

void Session::settle() {
  if (connection() == nullptr) return;
  const auto settled = [&] { return profile().core().settled(); };
  auto& runtime = connection()->runtime();
  const auto end = runtime.run(kSettle, [&] { return settled() || !runtime.last_failure().empty(); });
  state_->hindrance = settled() ? "" : connection()->explain(end, profile().server_name()).message;
}

CommandResult<ExitCode> Session::finish() {
  settle();
  const std::string hindrance = state_->hindrance;
  close();
  if (hindrance.empty()) return ExitCode::ok;
  return err(
      Failure{ExitCode::queued, "it is kept and will be told with the next connection (" + hindrance + ")"});
}

ExitCode Session::close() {
  if (connection() != nullptr) connection()->runtime().close();
  return ExitCode::ok;
}

CommandResult<void> Session::connect() {
  if (state_->reach == Reach::nobody || connection() != nullptr) return {};
  const auto on_event = [state = state_.get()](const v1::Event& event) {
    if (state->listens) state->happened.push_back(event);
    if (state->on_event) state->on_event(event);
  };
  const bool alone = state_->reach == Reach::server;
  auto connection = alone ? Connection::open(profile(), output(), on_event)
                          : Connection::open(profile(), output(), on_event, DurationMs{});
  if (connection) {
    state_->connection = *std::move(connection);
  } else if (alone || connection.error().code != ExitCode::locked) {
    return err(connection.error());
  }
  return {};
}

std::optional<Failure> Session::work_until(DurationMs patience, const std::function<bool()>& condition) {
  if (const auto connected = connect(); !connected) return connected.error();
  if (connection() != nullptr) {
    const auto end = connection()->runtime().run(patience, condition);
    state_->interrupted = end == client::RunEnd::interrupted;
    if (end == client::RunEnd::condition) return std::nullopt;
    return connection()->explain(end, profile().server_name());
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience.value);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return Failure{ExitCode::unreachable,
                     "the process that holds the connection had no answer in time; try again, or wait longer "
                     "with --wait"};
    }
    std::this_thread::sleep_for(kPoll);
  }
  return std::nullopt;
}

void Session::listen() {
  state_->happened.clear();
  state_->listens = true;
}

std::optional<Failure> Session::look_until(DurationMs patience, const Look& look) {
  state_->listens = true;
  auto failure = work_until(patience, [&] {
    for (;;) {
      while (!state_->happened.empty()) {
        const v1::Event event = std::move(state_->happened.front());
        state_->happened.pop_front();
        if (look(&event)) return true;
      }
      state_->moved = false;
      if (look(nullptr)) return true;
      if (!state_->moved && state_->happened.empty()) return false;
    }
  });
  state_->listens = false;
  return failure;
}

}  // namespace sotto::cli
