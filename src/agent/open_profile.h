// A profile that is open: its database, the core over it, and the connection once no other process holds it.
// Not concerned with who asks for what.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/api/client.h"
#include "client/runtime/runtime.h"
#include "client/store/profile_folder.h"
#include "crypto/random.h"

namespace sotto::agent {

/// Use from the loop's thread. What it was given must outlive it.
class OpenProfile {
 public:
  struct Watch {
    std::function<void(const v1::Event&)> on_event;
    /// Something may have changed: an input of this process, or another's.
    std::function<void()> on_input;
  };

  /// Keeps events from now on. Errors: those of the store.
  static client::StoreResult<std::unique_ptr<OpenProfile>> start(
      boost::asio::io_context& loop, client::store::ProfileFolder folder,
      std::unique_ptr<client::store::Database> database, Watch watch);
  ~OpenProfile();
  OpenProfile(const OpenProfile&) = delete;
  OpenProfile& operator=(const OpenProfile&) = delete;

  [[nodiscard]] client::Core& core() { return *core_; }
  [[nodiscard]] client::store::Database& database() { return *database_; }
  [[nodiscard]] crypto::RandomSource& random() { return random_; }
  [[nodiscard]] const client::store::ProfileFolder& folder() const { return folder_; }

  void perform(client::Effects effects);
  void reconnect();
  /// Why the server cannot be reached, in words; empty while it can, or nothing is known.
  [[nodiscard]] std::string hindrance() const;
  /// The store failed for good: the profile should be closed.
  [[nodiscard]] bool is_broken() const { return runtime_ && runtime_->store_failure().has_value(); }
  /// Ends the connection in order. Only once the loop has stopped.
  void close();

 private:
  OpenProfile(boost::asio::io_context& loop, client::store::ProfileFolder folder,
              std::unique_ptr<client::store::Database> database, Watch watch);
  /// Takes the connection, or tries again soon.
  void connect();

  boost::asio::io_context& loop_;
  client::store::ProfileFolder folder_;
  Watch watch_;
  crypto::SystemRandom random_;
  std::unique_ptr<client::store::Database> database_;
  std::unique_ptr<client::Core> core_;
  std::optional<client::store::ConnectionLock> lock_;
  std::unique_ptr<client::Runtime> runtime_;
  boost::asio::steady_timer retry_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sotto::agent
