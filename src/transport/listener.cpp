#include "transport/listener.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "transport/listener_core.h"

namespace sotto::transport {
namespace {

using Wait = boost::asio::posix::descriptor_base;

/// Established streams get their turn between batches of new connections.
constexpr int kMaxAcceptsPerTurn = 64;
/// Descriptors or memory ran out: as long as it takes for some connections to end.
constexpr std::chrono::milliseconds kAcceptPause{100};
/// Four TLS records; one read takes at most one record, or that much in plain mode.
constexpr std::size_t kScratchOctets = 64 * 1024;
constexpr int kLoopIndexShift = 48;

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

void ServerConnection::on_message(ByteView message) { core->deliver(*this, message); }

ListenerCore::ListenerCore(boost::asio::io_context& context, ListenerOptions options,
                           std::optional<TlsServerContext> tls, HttpHandler http, ConnectionHandler* handler,
                           FileDescriptor acceptor)
    : executor_(context.get_executor()),
      options_(std::move(options)),
      tls_(std::move(tls)),
      http_(std::move(http)),
      handler_(handler),
      acceptor_(executor_),
      port_(bound_port(acceptor.get())),
      accept_pause_(executor_),
      deadline_timer_(executor_),
      stop_timer_(executor_),
      scratch_(kScratchOctets),
      next_id_((std::uint64_t{options_.loop_index} << kLoopIndexShift) + 1) {
  acceptor_.assign(acceptor.release());
  deadlines_.set_length(DeadlineKind::handshake, options_.handshake_timeout);
  deadlines_.set_length(DeadlineKind::request, options_.request_timeout);
  deadlines_.set_length(DeadlineKind::idle, options_.ping_interval);
  deadlines_.set_length(DeadlineKind::pong, options_.pong_timeout);
  deadlines_.set_length(DeadlineKind::close, options_.close_timeout);
}

void ListenerCore::start() {
  boost::asio::co_spawn(executor_, accept_loop(shared_from_this()),
                        [self = shared_from_this()](std::exception_ptr error) {
                          if (error && !self->stopped_) self->start();  // memory was out for a moment
                        });
}

Awaitable<void> ListenerCore::accept_loop(std::shared_ptr<ListenerCore> self) {
  while (!stopped_) {
    co_await acceptor_.async_wait(Wait::wait_read, kAwait);
    while (!stopped_ && !accept_ready()) {
      // Woken early when a handshake slot becomes free.
      accept_pause_.expires_after(kAcceptPause);
      co_await accept_pause_.async_wait(kAwait);
    }
  }
}

bool ListenerCore::accept_ready() {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    if (!may_accept()) return false;
    FileDescriptor socket(
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.valid()) {
      if (!out_of_resources(errno)) return true;
      ++counts_.accept_failures;
      return false;
    }
    ++counts_.accepted;
    if (connections_.size() >= options_.max_connections) {
      ++counts_.refused;
    } else if (!adopt(std::move(socket))) {
      ++counts_.accept_failures;
      return false;
    }
  }
  return true;
}

bool ListenerCore::adopt(FileDescriptor socket) {
  disable_send_delay(socket.get());
  ConnectionPtr connection;
  try {
    const ConnectionId id(next_id_++);
    connection = std::make_shared<ServerConnection>(executor_, std::move(socket), id, *this);
    connections_.emplace(id.value(), connection);
    counts_.connections = connections_.size();
    connection->handshaking = tls_.has_value();
    if (connection->handshaking) ++counts_.handshakes;
    boost::asio::co_spawn(
        executor_, serve(shared_from_this(), connection),
        [self = shared_from_this(), connection](std::exception_ptr) { self->forget(connection); });
    return true;
  } catch (const std::exception&) {
    if (connection) forget(connection);
    return false;
  }
}

ServerConnection* ListenerCore::find(ConnectionId id) const {
  const auto found = connections_.find(id.value());
  if (found == connections_.end() || !found->second->stream || found->second->ended) return nullptr;
  return found->second.get();
}

void ListenerCore::deliver(ServerConnection& connection, ByteView message) {
  if (handler_ == nullptr || connection.ended) return;
  ++counts_.messages_received;
  delivered_ = true;
  handler_->on_message(connection.id, message);
}

bool ListenerCore::send(ConnectionId id, ByteView message) {
  ServerConnection* connection = find(id);
  if (connection == nullptr) return false;
  if (!connection->stream->send_message(message)) {
    end(*connection, TransportError::slow_consumer, Parting::abrupt);
    return false;
  }
  ++counts_.messages_sent;
  mark_dirty(*connection);
  return true;
}

void ListenerCore::close(ConnectionId id, CloseCode code) {
  ServerConnection* connection = find(id);
  if (connection == nullptr) return;
  connection->stream->send_close(code);
  end(*connection, TransportError::closed_locally, Parting::polite);
}

void ListenerCore::mark_dirty(ServerConnection& connection) {
  if (!connection.dirty) {
    connection.dirty = true;
    dirty_.push_back(connection.shared_from_this());
  }
  schedule_turn();
}

void ListenerCore::schedule_turn() {
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  boost::asio::post(executor_, [self = shared_from_this()] { self->turn_end(); });
}

void ListenerCore::turn_end() {
  if (std::exchange(delivered_, false) && handler_ != nullptr) handler_->on_turn_end();
  turn_scheduled_ = false;
  flush_dirty();
  report_ended();
}

void ListenerCore::flush_dirty() {
  std::vector<ConnectionPtr> dirty;
  dirty.swap(dirty_);
  for (const ConnectionPtr& connection : dirty) {
    connection->dirty = false;
    flush(connection);
  }
  dirty.clear();
  if (dirty_.empty()) dirty_.swap(dirty);  // keeps the capacity
}

void ListenerCore::flush(const ConnectionPtr& connection) {
  if (connection->link.aborted() || connection->waits_to_write) return;
  switch (const IoStatus status = connection->stream->flush()) {
    case IoStatus::done:
    case IoStatus::want_read: break;  // the reading coroutine marks it dirty again
    case IoStatus::want_write: wait_to_write(connection); break;
    default: lose(*connection, status);
  }
}

void ListenerCore::wait_to_write(const ConnectionPtr& connection) {
  connection->waits_to_write = true;
  connection->link.descriptor.async_wait(
      Wait::wait_write, [self = shared_from_this(), connection](boost::system::error_code code) {
        connection->waits_to_write = false;
        if (code || connection->ended) return;
        self->flush(connection);
        const bool drained = connection->stream->unsent() == 0 && !connection->ended;
        if (drained && self->handler_ != nullptr) self->handler_->on_writable(connection->id);
      });
}

void ListenerCore::report_ended() {
  std::vector<std::pair<ConnectionId, TransportError>> ended;
  ended.swap(ended_);
  for (const auto& [id, reason] : ended) {
    if (handler_ != nullptr) handler_->on_close(id, reason);
  }
}

void ListenerCore::end(ServerConnection& connection, TransportError reason, Parting parting) {
  if (!connection.ended) {
    connection.ended = noted(reason);
    ++counts_.ended.at(static_cast<std::size_t>(reason));
    if (connection.stream) {
      --counts_.streams;
      ended_.emplace_back(connection.id, reason);
      schedule_turn();
    }
  }
  if (connection.waits_for_answer != nullptr) connection.waits_for_answer->cancel();
  if (parting == Parting::abrupt) return connection.link.abort();
  boost::system::error_code ignored;
  connection.link.descriptor.cancel(ignored);
}

void ListenerCore::forget(const ConnectionPtr& connection) {
  // Only an exception, out of memory, leaves a connection's coroutine without a reason.
  if (!connection->ended) end(*connection, TransportError::library_failure, Parting::abrupt);
  if (std::exchange(connection->handshaking, false)) --counts_.handshakes;
  deadlines_.disarm(*connection);
  connection->link.abort();  // it may still stand in dirty_
  connection->link.records.reset();
  boost::system::error_code ignored;
  connection->link.descriptor.close(ignored);
  connections_.erase(connection->id.value());
  counts_.connections = connections_.size();
  if (stopped_) finish_stop();
}

void ListenerCore::arm(ServerConnection& connection, DeadlineKind kind) {
  deadlines_.arm(connection, kind, std::chrono::steady_clock::now());
  set_deadline_timer();
}

/// The timer never moves later: what was armed since finds it fire early, and sets it anew.
void ListenerCore::set_deadline_timer() {
  const auto next = deadlines_.next();
  if (!next || (deadline_set_ && *deadline_set_ <= *next)) return;
  deadline_set_ = next;
  deadline_timer_.expires_at(*next);
  deadline_timer_.async_wait([self = shared_from_this()](boost::system::error_code code) {
    if (!code) self->run_deadlines();
  });
}

void ListenerCore::run_deadlines() {
  deadline_set_.reset();
  const MonotonicTime now = std::chrono::steady_clock::now();
  while (const auto due = deadlines_.take_due(now)) {
    on_deadline(static_cast<ServerConnection&>(*due->first), due->second);
  }
  set_deadline_timer();
}

void ListenerCore::on_deadline(ServerConnection& connection, DeadlineKind kind) {
  if (kind != DeadlineKind::idle) return end(connection, TransportError::timed_out, Parting::abrupt);
  if (connection.ended) return;
  connection.stream->send_ping();
  if (connection.stream->end()) return end(connection, TransportError::slow_consumer, Parting::abrupt);
  mark_dirty(connection);
  arm(connection, DeadlineKind::pong);
}

void ListenerCore::stop_accepting() {
  stopped_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  if (const auto* path = std::get_if<UnixEndpoint>(&options_.endpoint)) ::unlink(path->path.c_str());
}

void ListenerCore::stop(DurationMs deadline, std::function<void()> done) {
  stop_accepting();
  stopped_callback_ = std::move(done);
  for (const auto& [number, connection] : connections_) {
    if (connection->ended) continue;
    if (connection->stream) connection->stream->send_close(CloseCode::going_away);
    end(*connection, TransportError::shutting_down, connection->stream ? Parting::polite : Parting::abrupt);
  }
  stop_timer_.expires_after(std::chrono::milliseconds(deadline.value));
  stop_timer_.async_wait([self = shared_from_this()](boost::system::error_code code) {
    if (code) return;
    for (const auto& [number, connection] : self->connections_) connection->link.abort();
  });
  boost::asio::post(executor_, [self = shared_from_this()] { self->finish_stop(); });
}

void ListenerCore::finish_stop() {
  if (!connections_.empty() || !stopped_callback_) return;
  stop_timer_.cancel();
  deadline_timer_.cancel();
  // Behind the turn that reports the last streams.
  boost::asio::post(executor_, std::exchange(stopped_callback_, nullptr));
}

void ListenerCore::dispose() {
  handler_ = nullptr;
  http_ = nullptr;
  options_.take_body = nullptr;
  stopped_callback_ = nullptr;
  if (!stopped_) stop_accepting();
  stop_timer_.cancel();
  deadline_timer_.cancel();
  for (const auto& [number, connection] : connections_) {
    end(*connection, TransportError::closed_locally, Parting::abrupt);
  }
}

TransportResult<std::unique_ptr<Listener>> Listener::start(boost::asio::io_context& context,
                                                           ListenerOptions options,
                                                           std::optional<TlsServerContext> tls,
                                                           HttpHandler http, ConnectionHandler* handler) {
  SOTTO_TRY(FileDescriptor acceptor, open_listening_socket(options.endpoint, options.share_port));
  try {
    auto core = std::make_shared<ListenerCore>(context, std::move(options), std::move(tls), std::move(http),
                                               handler, std::move(acceptor));
    core->start();
    return std::unique_ptr<Listener>(new Listener(std::move(core)));
  } catch (const std::exception&) {
    return err(TransportError::library_failure);
  }
}

Listener::~Listener() { core_->dispose(); }

bool Listener::send(ConnectionId id, ByteView message) { return core_->send(id, message); }

std::size_t Listener::unsent(ConnectionId id) const {
  const ServerConnection* connection = core_->find(id);
  return connection != nullptr ? connection->stream->unsent() : 0;
}

void Listener::close(ConnectionId id, CloseCode code) { core_->close(id, code); }

void Listener::set_message_limit(ConnectionId id, std::size_t octets) {
  if (ServerConnection* connection = core_->find(id)) connection->stream->set_max_message(octets);
}

void Listener::replace_tls(TlsServerContext tls) { core_->replace_tls(std::move(tls)); }
void Listener::stop_accepting() { core_->stop_accepting(); }
void Listener::stop(DurationMs deadline, std::function<void()> done) {
  core_->stop(deadline, std::move(done));
}
std::uint16_t Listener::port() const { return core_->port(); }
ListenerCounts Listener::counts() const { return core_->counts(); }

}  // namespace sotto::transport
