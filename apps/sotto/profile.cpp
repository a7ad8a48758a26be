#include "profile.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "client/api/client.h"
#include "client/notices/notices.h"
#include "passphrase.h"

namespace sotto::cli {
namespace {

/// Events kept for explaining a failure; a long run forgets the oldest.
constexpr std::size_t kMaxProblems = 100;
/// How often to look whether another process has let go of the connection.
constexpr std::chrono::milliseconds kLockPoll{50};

/// Those that become the failure of the command that meets them.
bool ends_a_command(v1::Problem::Code code) {
  return code == v1::Problem::NO_SUCH_USER || code == v1::Problem::SERVER_IDENTITY_CHANGED ||
         code == v1::Problem::REGISTRATION_REFUSED || code == v1::Problem::AUTHENTICATION_REFUSED ||
         code == v1::Problem::UNSUPPORTED_SERVER || code == v1::Problem::HANDLE_REFUSED ||
         code == v1::Problem::DEVICE_REVOKED || code == v1::Problem::LINK_FAILED ||
         code == v1::Problem::SIGN_IN_REFUSED || code == v1::Problem::RECOVERY_REFUSED;
}

client::StoreResult<client::store::ConnectionLock> acquire(const client::store::ProfileFolder& folder,
                                                           DurationMs patience) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience.value);
  for (;;) {
    auto lock = client::store::ConnectionLock::acquire(folder);
    const bool held = !lock && lock.error() == client::store::StoreError::locked;
    if (!held || std::chrono::steady_clock::now() >= deadline) return lock;
    std::this_thread::sleep_for(kLockPoll);
  }
}

void show_notices(Profile& profile, const Output& output) {
  for (const auto& notice : client::unseen_notices(profile.database())) {
    output.notice(notice);
    client::dismiss_notice(profile.database(), static_cast<client::NoticeId>(notice.id()));
  }
  profile.database().take_failure();  // shown again the next time
}

}  // namespace

std::string default_profile() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/') {
    return std::string(data) + "/sotto";
  }
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : ".") + "/.local/share/sotto";
}

CommandResult<std::unique_ptr<Profile>> Profile::open(const GlobalOptions& options) {
  std::unique_ptr<Profile> profile(new Profile(client::store::ProfileFolder(options.profile)));
  if (!profile->folder_.exists()) return err(failure_of(client::store::StoreError::no_profile));
  SOTTO_TRY(const auto passphrase, read_passphrase(options.passphrase_file, PassphraseUse::open));
  SOTTO_CHECK_OK(profile->start(profile->folder_.open(passphrase)));
  return profile;
}

CommandResult<std::unique_ptr<Profile>> Profile::open_or_create(const GlobalOptions& options) {
  if (client::store::ProfileFolder(options.profile).exists()) return open(options);
  std::unique_ptr<Profile> profile(new Profile(client::store::ProfileFolder(options.profile)));
  SOTTO_TRY(const auto passphrase, read_passphrase(options.passphrase_file, PassphraseUse::choose));
  SOTTO_CHECK_OK(profile->start(
      profile->folder_.create(passphrase, client::store::passphrase_cost(), profile->random_)));
  return profile;
}

CommandResult<void> Profile::start(client::StoreResult<std::unique_ptr<client::store::Database>> database) {
  if (!database) return err(failure_of(database.error()));
  database_ = *std::move(database);
  auto core = client::Core::create(*database_, random_);
  if (!core) return err(failure_of(core.error()));
  core_ = *std::move(core);
  return {};
}

CommandResult<const client::Self*> Profile::self() const { return client::api::registered(*core_); }

std::string Profile::server_name() {
  const auto server = client::load_server(*database_);
  return server ? server->host + ":" + std::to_string(server->port) : std::string("the server");
}

CommandResult<std::unique_ptr<Connection>> Connection::open(Profile& profile, const Output& output,
                                                            EventHandler on_event, DurationMs patience) {
  auto lock = acquire(profile.folder(), patience);
  if (!lock) return err(failure_of(lock.error()));
  std::unique_ptr<Connection> connection(new Connection(*std::move(lock)));
  connection->runtime_ = std::make_unique<client::Runtime>(
      profile.core(), profile.random(),
      client::RuntimeOptions{.profile = profile.folder().path(), .media_program = client::media_program()},
      [raw = connection.get(), profile_pointer = &profile, output,
       handler = std::move(on_event)](const v1::Event& event) {
        if (event.has_problem()) {
          if (raw->problems_.size() < kMaxProblems) raw->problems_.push_back(event.problem());
          if (!ends_a_command(event.problem().code())) output.problem(event.problem());
        }
        if (event.has_notice()) show_notices(*profile_pointer, output);
        if (handler) handler(event);
      });
  show_notices(profile, output);  // those whose reader died, or that came while another command ran
  return connection;
}

void Connection::stop_on_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int descriptor = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor < 0) return;
  runtime_->watch(descriptor, [this] {
    runtime_->stop();
    return false;
  });
  ::close(descriptor);
}

const v1::Problem* Connection::problem(v1::Problem::Code code) const {
  for (const auto& problem : problems_) {
    if (problem.code() == code) return &problem;
  }
  return nullptr;
}

Failure Connection::explain(client::RunEnd end, const std::string& server) const {
  if (end == client::RunEnd::store) return failure_of(*runtime_->store_failure());
  if (end == client::RunEnd::refused && !problems_.empty()) {
    return {ExitCode::refused, problems_.back().detail()};
  }
  if (!runtime_->connected() && !runtime_->last_failure().empty()) {
    return {ExitCode::unreachable, server + " cannot be reached: " + runtime_->last_failure() +
                                       "; check the address and your network, then try again"};
  }
  return {ExitCode::unreachable, server + " did not answer in time; try again, or wait longer with --wait"};
}

}  // namespace sotto::cli
