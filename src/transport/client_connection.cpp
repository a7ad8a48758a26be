#include "transport/client_connection.h"

#include <openssl/rand.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "result/check.h"
#include "transport/client_core.h"

namespace sotto::transport {
namespace {

using Wait = boost::asio::posix::descriptor_base;

/// One TLS record.
constexpr std::size_t kScratchOctets = 16 * 1024;

}  // namespace

ClientCore::ClientCore(boost::asio::io_context& context, ClientOptions options,
                       std::optional<TlsClientContext> tls, ClientConnectionHandler& handler)
    : executor_(context.get_executor()),
      options_(std::move(options)),
      tls_(std::move(tls)),
      handler_(&handler),
      dialer_(executor_, options_.endpoint, options_.server_name),
      alarm_(executor_),
      scratch_(kScratchOctets) {}

void ClientCore::start() {
  set_alarm(Alarm::connect, options_.connect_timeout);
  // Posted, so that the handler is not called before open() has returned.
  boost::asio::post(executor_, [self = shared_from_this()] {
    boost::asio::co_spawn(self->executor_, self->run(self), [self](std::exception_ptr) {
      // Only an exception, out of memory, ends the coroutine without a report.
      self->fail(TransportError::library_failure, "out of memory");
      self->report();
    });
  });
}

Awaitable<void> ClientCore::run(std::shared_ptr<ClientCore> self) {
  if (!end_ && co_await establish()) co_await converse();
  co_await part();
  report();
}

Awaitable<bool> ClientCore::establish() {
  if (auto failure = co_await dialer_.dial(tls_)) co_return fail(failure->reason, std::move(failure->detail));
  std::optional<Bytes> surplus = co_await upgrade();
  if (!surplus || end_) co_return false;
  open_stream(std::move(*surplus));
  co_return !end_;
}

Awaitable<std::optional<Bytes>> ClientCore::upgrade() {
  ByteArray<16> nonce{};
  SOTTO_CHECK(RAND_bytes(nonce.data(), nonce.size()) == 1);
  UpgradeRequest request(dialer_.host_field(), options_.stream_path, nonce);
  const std::string octets = request.octets();
  if (const IoStatus status = co_await dialer_.link->write_all(as_bytes(octets)); status != IoStatus::done) {
    fail_link(status, "while asking for the stream");
    co_return std::nullopt;
  }
  for (;;) {
    const IoResult result = dialer_.link->records->read(scratch_);
    if (result.status == IoStatus::done) {
      const auto agreed = request.feed(ByteView(scratch_).first(result.octets));
      if (!agreed) fail(agreed.error(), request.detail());
      if (!agreed) co_return std::nullopt;
      if (*agreed) co_return to_bytes(request.rest());
    } else if (!co_await dialer_.link->ready(result.status)) {
      fail_link(result.status, "while asking for the stream");
      co_return std::nullopt;
    }
  }
}

void ClientCore::open_stream(Bytes surplus) {
  auto info = dialer_.link->records->info();
  if (!info) {
    fail(info.error(), "no exporter value");
    return;
  }
  stream_.emplace(Role::client, *dialer_.link->records, options_.max_message_octets,
                  options_.max_unsent_octets);
  set_alarm(Alarm::idle, options_.ping_interval);
  handler_->on_open(
      {.exporter = info->exporter, .tls_group = std::move(info->tls_group), .server_pin = info->peer_pin});
  if (!end_) settle(stream_->decode(surplus, *this));
}

Awaitable<void> ClientCore::converse() {
  while (!end_) {
    const Stream::Progress progress = stream_->read(scratch_, *this);
    settle(progress);
    if (end_) break;
    if (progress == Stream::Progress::more) {
      co_await boost::asio::post(executor_, kAwait);
    } else {
      const bool to_read = progress == Stream::Progress::drained;
      co_await dialer_.link->descriptor.async_wait(to_read ? Wait::wait_read : Wait::wait_write, kAwait);
    }
  }
}

/// Lets the last octets leave, then waits for the server to close, all within close_timeout.
Awaitable<void> ClientCore::part() {
  if (!dialer_.link || dialer_.link->aborted() || !dialer_.link->records) co_return;
  set_alarm(Alarm::close, options_.close_timeout);
  if (stream_) {
    IoStatus status = stream_->flush();
    while (co_await dialer_.link->ready(status)) status = stream_->flush();
    if (status != IoStatus::done) co_return;
  }
  co_await dialer_.link->linger();
}

void ClientCore::report() {
  alarm_.cancel();
  if (handler_ == nullptr) return;
  if (dialer_.link && dialer_.link->records) end_->server_pin = dialer_.link->records->peer_pin();
  stream_.reset();
  dialer_.link.reset();
  std::exchange(handler_, nullptr)->on_close(*end_);
}

void ClientCore::on_message(ByteView message) {
  if (handler_ == nullptr || end_) return;
  delivered_ = true;
  handler_->on_message(message);
}

/// What reading left to do: output, the alarm, the end.
void ClientCore::settle(Stream::Progress progress) {
  if (end_) return;
  schedule_turn();
  if (progress == Stream::Progress::ended) {
    const StreamEnd& stream_end = *stream_->end();
    fail(stream_end.reason, std::string(describe(stream_end.reason)));
    end_->close_code = stream_end.received;
  } else {
    set_alarm(Alarm::idle, options_.ping_interval);
  }
}

void ClientCore::schedule_turn() {
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  boost::asio::post(executor_, [self = shared_from_this()] { self->turn_end(); });
}

void ClientCore::turn_end() {
  if (std::exchange(delivered_, false) && handler_ != nullptr && !end_) handler_->on_turn_end();
  turn_scheduled_ = false;
  if (!waits_to_write_) flush();
}

void ClientCore::flush() {
  if (!stream_ || dialer_.link->aborted()) return;
  const IoStatus status = stream_->flush();
  if (status == IoStatus::want_write) {
    waits_to_write_ = true;
    dialer_.link->descriptor.async_wait(Wait::wait_write,
                                        [self = shared_from_this()](boost::system::error_code code) {
                                          self->waits_to_write_ = false;
                                          if (!code && !self->end_) self->flush();
                                        });
  } else if (status != IoStatus::done && status != IoStatus::want_read) {
    fail_link(status, "while sending");
    dialer_.link->abort();
  }
}

bool ClientCore::send(ByteView message) {
  if (!stream_ || end_) return false;
  if (!stream_->send_message(message)) {
    abort(TransportError::slow_consumer, "the server takes no more");
    return false;
  }
  schedule_turn();
  return true;
}

void ClientCore::close() {
  if (end_) return;
  if (!stream_) return abort(TransportError::closed_locally, {});
  stream_->send_close(CloseCode::normal);
  fail(TransportError::closed_locally, {});
  boost::system::error_code ignored;
  dialer_.link->descriptor.cancel(ignored);
}

void ClientCore::dispose() {
  handler_ = nullptr;
  abort(TransportError::closed_locally, {});
  alarm_.cancel();
}

void ClientCore::set_alarm(Alarm alarm, DurationMs length) {
  alarm_.expires_after(std::chrono::milliseconds(length.value));
  alarm_.async_wait([self = shared_from_this(), alarm](boost::system::error_code code) {
    if (!code) self->on_alarm(alarm);
  });
}

void ClientCore::on_alarm(Alarm alarm) {
  if (alarm == Alarm::idle && !end_) {
    stream_->send_ping();
    schedule_turn();
    return set_alarm(Alarm::pong, options_.pong_timeout);
  }
  abort(TransportError::timed_out, alarm == Alarm::pong ? "no answer to a ping" : "no connection in time");
}

bool ClientCore::fail(TransportError reason, std::string detail) {
  if (!end_)
    end_ = ConnectionEnd{
        .reason = noted(reason), .detail = std::move(detail), .server_pin = {}, .close_code = {}};
  return false;
}

void ClientCore::abort(TransportError reason, std::string detail) {
  fail(reason, std::move(detail));
  dialer_.abort();
}

bool ClientCore::fail_link(IoStatus status, const char* doing) {
  DialFailure failure = dialer_.failure_of(status, doing);
  return fail(failure.reason, std::move(failure.detail));
}

std::unique_ptr<ClientConnection> ClientConnection::open(boost::asio::io_context& context,
                                                         ClientOptions options,
                                                         std::optional<TlsClientContext> tls,
                                                         ClientConnectionHandler& handler) {
  auto core = std::make_shared<ClientCore>(context, std::move(options), std::move(tls), handler);
  core->start();
  return std::unique_ptr<ClientConnection>(new ClientConnection(std::move(core)));
}

ClientConnection::~ClientConnection() { core_->dispose(); }
bool ClientConnection::send(ByteView message) { return core_->send(message); }
std::size_t ClientConnection::unsent() const { return core_->unsent(); }
void ClientConnection::close() { core_->close(); }

}  // namespace sotto::transport
