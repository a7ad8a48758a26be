#include "agent/open_profile.h"

#include <chrono>

#include "client/accounts/server_record.h"
#include "client/events/event_log.h"

namespace sotto::agent {
namespace {

/// How often to look whether another process has let go of the connection.
constexpr std::chrono::milliseconds kLockPoll{250};

client::StoreResult<void> begin_keeping(client::store::Database& database) {
  SOTTO_TRY(auto transaction, client::store::Transaction::begin(database));
  client::keep_events(database, SystemClock().now());
  return transaction.commit();
}

}  // namespace

OpenProfile::OpenProfile(boost::asio::io_context& loop, client::store::ProfileFolder folder,
                         std::unique_ptr<client::store::Database> database, Watch watch)
    : loop_(loop),
      folder_(std::move(folder)),
      watch_(std::move(watch)),
      database_(std::move(database)),
      retry_(loop) {}

OpenProfile::~OpenProfile() = default;

client::StoreResult<std::unique_ptr<OpenProfile>> OpenProfile::start(
    boost::asio::io_context& loop, client::store::ProfileFolder folder,
    std::unique_ptr<client::store::Database> database, Watch watch) {
  std::unique_ptr<OpenProfile> profile(
      new OpenProfile(loop, std::move(folder), std::move(database), std::move(watch)));
  SOTTO_CHECK_OK(begin_keeping(*profile->database_));
  SOTTO_TRY(profile->core_, client::Core::create(*profile->database_, profile->random_));
  profile->connect();
  return profile;
}

void OpenProfile::connect() {
  auto lock = client::store::ConnectionLock::acquire(folder_);
  if (!lock) {
    retry_.expires_after(kLockPoll);
    retry_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& failure) {
      if (failure || alive.expired()) return;
      watch_.on_input();  // the other process writes
      connect();
    });
    return;
  }
  lock_.emplace(*std::move(lock));
  const client::RuntimeOptions options{.profile = folder_.path(), .media_program = client::media_program()};
  runtime_ = std::make_unique<client::Runtime>(loop_, *core_, random_, options,
                                               [this](const v1::Event& event) { watch_.on_event(event); });
  runtime_->on_input([this] { watch_.on_input(); });
  runtime_->start();
}

void OpenProfile::perform(client::Effects effects) {
  if (runtime_) return runtime_->perform(std::move(effects));
  // No connection, so no frames: what was said waits in the store for whoever has it.
  for (const v1::Event& event : effects.events) watch_.on_event(event);
  watch_.on_input();
}

void OpenProfile::reconnect() {
  if (runtime_) runtime_->reconnect();
}

std::string OpenProfile::hindrance() const {
  if (!runtime_) return "another process holds the profile's connection";
  return runtime_->connected() ? std::string() : runtime_->last_failure();
}

void OpenProfile::close() {
  if (runtime_) runtime_->close();
}

}  // namespace sotto::agent
