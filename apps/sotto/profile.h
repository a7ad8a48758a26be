// An open profile: its folder, its database and the core over it; and the connection, for commands that need
// it.
#pragma once

#include <memory>
#include <optional>

#include "client/core.h"
#include "client/runtime/runtime.h"
#include "client/store/profile_folder.h"
#include "crypto/random.h"
#include "exit_code.h"
#include "options.h"
#include "output.h"

namespace sotto::cli {

class Profile {
 public:
  /// An existing profile. Errors: no_profile, wrong_passphrase, failed.
  static CommandResult<std::unique_ptr<Profile>> open(const GlobalOptions& options);
  /// The existing profile or, if there is none, a new empty one.
  static CommandResult<std::unique_ptr<Profile>> open_or_create(const GlobalOptions& options);

  [[nodiscard]] client::Core& core() { return *core_; }
  [[nodiscard]] client::store::Database& database() { return *database_; }
  [[nodiscard]] crypto::RandomSource& random() { return random_; }
  [[nodiscard]] const client::store::ProfileFolder& folder() const { return folder_; }
  /// The registered device, or why there is none.
  [[nodiscard]] CommandResult<const client::Self*> self() const;
  [[nodiscard]] std::string server_name();

 private:
  explicit Profile(client::store::ProfileFolder folder) : folder_(std::move(folder)) {}
  CommandResult<void> start(client::StoreResult<std::unique_ptr<client::store::Database>> database);

  client::store::ProfileFolder folder_;
  crypto::SystemRandom random_;
  std::unique_ptr<client::store::Database> database_;
  std::unique_ptr<client::Core> core_;
};

/// A profile's connection, held by this process. Collects what events say went wrong.
class Connection {
 public:
  using EventHandler = std::function<void(const v1::Event&)>;

  /// Waits up to `patience` for another process to let go of it. Problems that no command explains in words
  /// of its own are printed as they come. Errors: locked.
  static CommandResult<std::unique_ptr<Connection>> open(Profile& profile, const Output& output,
                                                         EventHandler on_event = {},
                                                         DurationMs patience = seconds(3));

  client::Runtime& runtime() { return *runtime_; }
  /// SIGINT and SIGTERM make run() return.
  void stop_on_signals();
  /// The problem that ended the connection, or that concerns `subject`; nullptr if there was none.
  [[nodiscard]] const v1::Problem* problem(v1::Problem::Code code) const;
  /// Why a wait ended without what was waited for, naming the server.
  [[nodiscard]] Failure explain(client::RunEnd end, const std::string& server) const;

 private:
  explicit Connection(client::store::ConnectionLock lock) : lock_(std::move(lock)) {}

  client::store::ConnectionLock lock_;
  std::vector<v1::Problem> problems_;
  std::unique_ptr<client::Runtime> runtime_;
};

/// The profile folder when --profile is not given.
std::string default_profile();

}  // namespace sotto::cli
