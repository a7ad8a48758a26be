// The shell around the core: one event loop with a listener, the RocksDB store and a timer. Owns threads,
// sockets and clocks so that the core needs none. Not its concern: configuration files, keys on disk,
// signals.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "crypto/random.h"
#include "gateway/kannel_sender.h"
#include "log/log.h"
#include "result/result.h"
#include "server/core.h"
#include "storage/rocksdb_store.h"
#include "transport/listener.h"

namespace sotto::server {

/// The way to telephone networks.
struct SmsGateway {
  gateway::KannelServer server;  ///< `callbacks` is filled in
  transport::TcpEndpoint callbacks;
  gateway::CallbackRules rules;
};

struct RuntimeOptions {
  CoreOptions core;
  ServerKeys keys;
  std::filesystem::path database;
  transport::Endpoint listen;
  std::optional<transport::TlsServerContext> tls;  ///< empty: a trusted proxy does TLS
  std::size_t max_connections = 120'000;
  std::optional<transport::TcpEndpoint> metrics;    ///< empty: no metrics endpoint
  std::unique_ptr<gateway::Courier> mail;           ///< null: e-mail addresses cannot be proved
  std::unique_ptr<gateway::Courier> text_messages;  ///< null: telephone numbers cannot be proved
  std::optional<SmsGateway> sms;  ///< set as core.sms has numbers; then codes for numbers go through it too
};

/// Why the server did not start, and what to do about it.
struct StartFailure {
  std::string message;
};

/// Use from the io_context's thread only.
class Runtime final : private transport::ConnectionHandler, private Effects {
 public:
  /// Opens the database and begins to serve; runs the loop for as long as the log needs to be recovered, at
  /// most some seconds. After those clients are told to wait (a disk that is full may recover). `context` and
  /// `logger` must outlive the runtime.
  static Result<std::unique_ptr<Runtime>, StartFailure> start(boost::asio::io_context& context,
                                                              RuntimeOptions options, log::Logger& logger);
  /// Closes the database; what was queued is committed first. No handler of the io_context may run later.
  ~Runtime() override;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Says goodbye, waits for answers that are owed, closes everything. `done` is called at the latest after
  /// `deadline`. Later calls do nothing.
  void drain(DurationMs deadline, std::function<void()> done);
  [[nodiscard]] bool draining() const { return draining_; }

  [[nodiscard]] Core& core() { return *core_; }
  [[nodiscard]] UnixMs now() const { return clock_.now(); }
  /// To be called after work on the core from outside, so that its pushes leave.
  void end_turn();
  /// Where clients connect; the real port when 0 was asked for.
  [[nodiscard]] transport::Endpoint endpoint() const;
  [[nodiscard]] std::uint16_t metrics_port() const;
  [[nodiscard]] std::uint16_t callback_port() const;
  [[nodiscard]] transport::ListenerCounts listener_counts() const { return listener_->counts(); }
  /// In Prometheus' text format.
  [[nodiscard]] std::string metrics_text() const;

 private:
  Runtime(boost::asio::io_context& context, RuntimeOptions options, log::Logger& logger);
  Result<void, StartFailure> open_store();
  Result<void, StartFailure> open_core();
  /// Runs the loop until the log is ready, or for a while.
  void await_log();
  Result<void, StartFailure> listen();
  Result<void, StartFailure> listen_for_metrics();
  Result<void, StartFailure> open_gateway();
  void answer_callback(const transport::HttpRequest& request, const transport::HttpReply& reply);
  void schedule_tick();
  /// Ends a turn when the core is due.
  void schedule_due();
  void finish_drain();
  void answer_http(const transport::HttpRequest& request, const transport::HttpReply& reply);

  // transport::ConnectionHandler
  void on_open(const transport::ConnectionInfo& info) override;
  void on_message(transport::ConnectionId id, ByteView message) override;
  void on_close(transport::ConnectionId id, transport::TransportError reason) override;
  void on_turn_end() override { end_turn(); }
  // Effects
  void send(ConnectionId connection, ByteView message) override;
  void authenticated(ConnectionId connection) override;
  void close(ConnectionId connection, transport::CloseCode code) override;
  CodeSending send_code(const identity::Handle& handle, std::string_view code) override;
  void hand_over_sms(const gateway::OutgoingSms& text) override;

  boost::asio::io_context& context_;
  RuntimeOptions options_;
  log::Logger& logger_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  boost::asio::steady_timer tick_timer_;
  boost::asio::steady_timer due_timer_;
  boost::asio::steady_timer drain_timer_;
  std::optional<UnixMs> due_at_;  ///< what the timer is set to
  bool turn_posted_ = false;
  bool draining_ = false;
  DurationMs drain_deadline_;
  std::function<void()> drained_;
  // Destroyed in reverse order: connections first, then the core, then the store it commits to.
  std::unique_ptr<storage::RocksDbStore> store_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<gateway::KannelSender> kannel_;
  std::unique_ptr<transport::Listener> callback_listener_;
  std::unique_ptr<transport::Listener> metrics_listener_;
  std::unique_ptr<transport::Listener> listener_;
};

}  // namespace sotto::server
