// The inside of Listener: connections, their deadlines and the end of a loop turn. Internal to the module.
//
// A turn: every readable stream's coroutine reads and delivers, then turn_end() (posted by the first of them,
// so it runs behind all that were ready) lets the handler finish, writes each stream's output once, and
// reports closed streams.
#pragma once

#include <unordered_map>
#include <vector>

#include "transport/deadlines.h"
#include "transport/link.h"
#include "transport/listener.h"
#include "transport/stream.h"

namespace sotto::transport {

/// One accepted socket. Lives until its coroutine has finished.
struct ServerConnection final : DeadlineHook, MessageSink, std::enable_shared_from_this<ServerConnection> {
  ServerConnection(const Executor& executor, FileDescriptor socket, ConnectionId name, ListenerCore& owner)
      : link(executor, std::move(socket)), id(name), core(&owner) {}
  void on_message(ByteView message) override;

  Link link;
  std::optional<Stream> stream;         ///< once upgraded
  std::optional<TransportError> ended;  ///< why; the coroutine winds up
  ConnectionId id;
  ListenerCore* core;
  Timer* waits_for_answer = nullptr;  ///< of an HTTP request; to be cancelled when the connection ends
  bool handshaking = false;           ///< counted against max_handshakes
  bool waits_to_write = false;
  bool dirty = false;  ///< in ListenerCore::dirty_
};

using ConnectionPtr = std::shared_ptr<ServerConnection>;

/// Where an answer waits for its connection, or the connection for its answer.
struct PendingAnswer {
  explicit PendingAnswer(const Executor& executor) : timer(executor) {}
  /// What was asked for is done; later calls do nothing.
  void settle(std::optional<HttpResponse> given);

  Timer timer;
  bool settled = false;
  std::optional<HttpResponse> response;
};
using PendingAnswerPtr = std::shared_ptr<PendingAnswer>;

class ListenerCore : public std::enable_shared_from_this<ListenerCore> {
 public:
  ListenerCore(boost::asio::io_context& context, ListenerOptions options, std::optional<TlsServerContext> tls,
               HttpHandler http, ConnectionHandler* handler, FileDescriptor acceptor);

  void start();
  /// Drops everything; nothing is reported any more.
  void dispose();
  bool send(ConnectionId id, ByteView message);
  void close(ConnectionId id, CloseCode code);
  void replace_tls(TlsServerContext tls) { tls_ = std::move(tls); }
  void stop_accepting();
  void stop(DurationMs deadline, std::function<void()> done);
  /// The stream of that name, unless it has ended.
  [[nodiscard]] ServerConnection* find(ConnectionId id) const;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const ListenerCounts& counts() const { return counts_; }
  void deliver(ServerConnection& connection, ByteView message);

 private:
  // listener.cpp: accepting, turns, deadlines
  Awaitable<void> accept_loop(std::shared_ptr<ListenerCore> self);
  /// Accepts what waits; false when accepting must pause.
  bool accept_ready();
  /// False when memory or the event loop has no room for it.
  bool adopt(FileDescriptor socket);
  [[nodiscard]] bool may_accept() const { return !stopped_ && counts_.handshakes < options_.max_handshakes; }
  void schedule_turn();
  void turn_end();
  void flush_dirty();
  void flush(const ConnectionPtr& connection);
  void wait_to_write(const ConnectionPtr& connection);
  void report_ended();
  void mark_dirty(ServerConnection& connection);
  enum class Parting : std::uint8_t { polite, abrupt };
  /// The connection is over: polite lets its queued output leave first.
  void end(ServerConnection& connection, TransportError reason, Parting parting);
  /// The coroutine is done: forgets the connection.
  void forget(const ConnectionPtr& connection);
  void arm(ServerConnection& connection, DeadlineKind kind);
  void set_deadline_timer();
  void run_deadlines();
  void on_deadline(ServerConnection& connection, DeadlineKind kind);
  void finish_stop();

  // listener_serve.cpp: the life of one connection
  Awaitable<void> serve(std::shared_ptr<ListenerCore> self, ConnectionPtr connection);
  Awaitable<bool> establish(ConnectionPtr connection);
  Awaitable<bool> secure(ConnectionPtr connection);
  /// `sink`: who takes its body, if somebody does.
  Awaitable<std::optional<HttpRequest>> read_request(ConnectionPtr connection, Bytes& surplus,
                                                     HttpBodySinkPtr& sink);
  /// Finds out who takes the body.
  BodyLimit body_limit(HttpBodySinkPtr& sink);
  /// False: the rest is not wanted, or the connection ended.
  Awaitable<bool> hand_over(ConnectionPtr connection, HttpBodySink& sink, std::string octets);
  Awaitable<bool> respond(ConnectionPtr connection, std::string octets);
  Awaitable<bool> write(ConnectionPtr connection, ByteView octets);
  Awaitable<bool> write_body(ConnectionPtr connection, HttpBody body);
  Awaitable<bool> upgrade(ConnectionPtr connection, HttpRequest request, Bytes surplus);
  Awaitable<void> part(ConnectionPtr connection);
  Awaitable<bool> refuse(ConnectionPtr connection, HttpResponse response, TransportError reason);
  /// Empty: the connection ended before there was an answer.
  Awaitable<std::optional<HttpResponse>> answer(ConnectionPtr connection, HttpRequest request,
                                                HttpBodySinkPtr sink);
  /// Until it is settled, or for as long as that; false when the connection ended meanwhile.
  Awaitable<bool> wait(ConnectionPtr connection, PendingAnswerPtr pending, std::chrono::seconds patience);
  std::optional<std::pair<HttpResponse, TransportError>> objection(const HttpRequest& request,
                                                                   const RecordsInfo& info) const;
  std::string remote_address(ServerConnection& connection, const HttpRequest& request) const;
  void open_stream(ServerConnection& connection, RecordsInfo info, std::string remote, Bytes surplus);
  Stream::Progress read_turn(ServerConnection& connection);
  void settle(ServerConnection& connection, Stream::Progress progress);
  void lose(ServerConnection& connection, IoStatus status);

  Executor executor_;
  ListenerOptions options_;
  std::optional<TlsServerContext> tls_;
  HttpHandler http_;
  ConnectionHandler* handler_;
  Descriptor acceptor_;
  std::uint16_t port_;
  Timer accept_pause_;
  Timer deadline_timer_;
  Timer stop_timer_;
  std::optional<MonotonicTime> deadline_set_;  ///< when deadline_timer_ will fire

  std::unordered_map<std::uint64_t, ConnectionPtr> connections_;
  Deadlines deadlines_;
  std::vector<ConnectionPtr> dirty_;  ///< have output to write at the end of the turn
  std::vector<std::pair<ConnectionId, TransportError>> ended_;  ///< streams whose on_close is due
  Bytes scratch_;  ///< what one read takes from the kernel; never kept across a co_await
  ListenerCounts counts_;
  std::uint64_t next_id_;
  std::function<void()> stopped_callback_;
  bool turn_scheduled_ = false;
  bool delivered_ = false;  ///< messages were delivered in this turn
  bool stopped_ = false;
};

}  // namespace sotto::transport
