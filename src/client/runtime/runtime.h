// Keeps a core connected: sockets, timers and wall time around client::Core. The only part of the client that
// knows asio. Not concerned with commands or output.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/core.h"
#include "client/runtime/pictures.h"
#include "client/runtime/transfers.h"
#include "clock/clock.h"
#include "transport/client_connection.h"

namespace sotto::client {

struct RuntimeOptions {
  /// How often to look whether another process wrote to the store.
  DurationMs poll_interval{200};
  DurationMs first_retry{500};
  DurationMs longest_retry = minutes(1);
  /// The profile's, where files lie; empty: none are moved.
  std::filesystem::path profile;
  /// Path of sotto-media; empty: nobody looks at files.
  std::string media_program = {};
};

/// Why run() returned.
enum class RunEnd : std::uint8_t {
  condition,  ///< what the caller waited for is true
  deadline,
  interrupted,  ///< stop() was called
  refused,      ///< the server, or its identity, makes going on pointless: an Event said why
  store,        ///< the store failed for good: store_failure()
};

/// Use from one thread; calls to `on_event` come from inside run().
class Runtime final : private transport::ClientConnectionHandler {
 public:
  using EventHandler = std::function<void(const v1::Event&)>;

  /// core and random must outlive the runtime. The profile's ConnectionLock must be held.
  Runtime(Core& core, crypto::RandomSource& random, RuntimeOptions options, EventHandler on_event);
  /// On a loop that is somebody's: start() instead of run(). The loop must outlive the runtime.
  Runtime(boost::asio::io_context& loop, Core& core, crypto::RandomSource& random, RuntimeOptions options,
          EventHandler on_event);
  ~Runtime() override;

  /// Sends and shows what a command gave.
  void perform(Effects effects);
  /// Works for as long as its loop runs.
  void start();
  /// There is something new to connect for: tries at once, whatever kept it from trying before.
  void reconnect();
  /// Called after every input, and when another process wrote to the store.
  void on_input(std::function<void()> callback) { on_input_ = std::move(callback); }
  /// Works until `condition`, which is asked after everything that happens, or until the deadline.
  RunEnd run(std::optional<DurationMs> deadline, const std::function<bool()>& condition);
  /// Makes run() return soon. From inside run().
  void stop() { interrupted_ = true; }
  /// Ends the connection in order and waits for it, so that nothing queued is cut off.
  void close();

  [[nodiscard]] bool connected() const { return open_; }
  /// No file is being looked at.
  [[nodiscard]] bool looked() const { return !pictures_ || pictures_->idle(); }
  /// Why the last connection, or attempt at one, ended; empty if none did.
  [[nodiscard]] const std::string& last_failure() const { return last_failure_; }
  /// Nothing is tried any more until reconnect(): an Event said why.
  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] std::optional<store::StoreError> store_failure() const { return store_failure_; }
  /// Calls back from inside run() whenever the file descriptor is readable; for line input and signals. What
  /// the callback does not read calls it again; returning false ends the watch.
  void watch(int descriptor, std::function<bool()> on_readable);

 private:
  struct Watched;

  void on_open(const transport::ClientConnectionInfo& info) override;
  void on_message(ByteView message) override;
  void on_close(const transport::ConnectionEnd& end) override;

  void prepare();
  void tell(const Effects& effects);
  void connect();
  void retry_later();
  void handle(store::StoreResult<Effects> effects);
  /// Another try with the key that the server showed, where that is safe; see the source. False: no.
  bool trust_seen_key(const transport::ConnectionEnd& end);
  void drop_connection(std::string_view detail);
  void on_timer();
  void arm_timer();
  void wait_readable(const std::shared_ptr<Watched>& watched);

  Core& core_;
  crypto::RandomSource& random_;
  RuntimeOptions options_;
  EventHandler on_event_;
  std::function<void()> on_input_ = [] {};
  SystemClock clock_;
  std::unique_ptr<boost::asio::io_context> own_loop_;
  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_{context_};
  std::unique_ptr<transport::ClientConnection> connection_;
  std::unique_ptr<TransferRunner> transfers_;
  std::unique_ptr<PictureRunner> pictures_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for a timer that fired and still waits
  bool open_ = false;
  bool closing_ = false;
  bool interrupted_ = false;
  bool refused_ = false;
  std::uint32_t failures_ = 0;
  std::optional<UnixMs> connect_at_;
  std::optional<UnixMs> next_tick_;
  std::optional<transport::SpkiPin> seen_key_;  ///< to be accepted by the next attempt
  std::int64_t data_version_ = 0;
  std::string last_failure_;
  std::optional<store::StoreError> store_failure_;
};

}  // namespace sotto::client
