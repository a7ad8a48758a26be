// The inside of ClientConnection: one coroutine that connects, converses and parts. Internal to the module.
#pragma once

#include "transport/client_connection.h"
#include "transport/dial.h"
#include "transport/http.h"
#include "transport/stream.h"

namespace sotto::transport {

class ClientCore final : public MessageSink, public std::enable_shared_from_this<ClientCore> {
 public:
  ClientCore(boost::asio::io_context& context, ClientOptions options, std::optional<TlsClientContext> tls,
             ClientConnectionHandler& handler);

  void start();
  /// Drops the connection; nothing is reported any more.
  void dispose();
  bool send(ByteView message);
  [[nodiscard]] std::size_t unsent() const { return stream_ ? stream_->unsent() : 0; }
  void close();
  void on_message(ByteView message) override;

 private:
  enum class Alarm : std::uint8_t { connect, idle, pong, close };

  Awaitable<void> run(std::shared_ptr<ClientCore> self);
  Awaitable<bool> establish();
  /// The octets that came behind the server's agreement.
  Awaitable<std::optional<Bytes>> upgrade();
  void open_stream(Bytes surplus);
  Awaitable<void> converse();
  Awaitable<void> part();
  void report();

  void settle(Stream::Progress progress);
  void schedule_turn();
  void turn_end();
  void flush();
  void set_alarm(Alarm alarm, DurationMs length);
  void on_alarm(Alarm alarm);
  /// Keeps the first reason; true never, so that steps can return it.
  bool fail(TransportError reason, std::string detail);
  /// fail(), and wakes whatever waits.
  void abort(TransportError reason, std::string detail);
  bool fail_link(IoStatus status, const char* doing);

  Executor executor_;
  ClientOptions options_;
  std::optional<TlsClientContext> tls_;
  ClientConnectionHandler* handler_;
  Dialer dialer_;
  Timer alarm_;
  std::optional<Stream> stream_;
  std::optional<ConnectionEnd> end_;
  Bytes scratch_;
  bool turn_scheduled_ = false;
  bool delivered_ = false;
  bool waits_to_write_ = false;
};

}  // namespace sotto::transport
