#include "client/runtime/runtime.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "wire/decode.h"

namespace sotto::client {
namespace {

using transport::TransportError;

/// For a person: what happened to the connection.
std::string explain(const transport::ConnectionEnd& end) {
  switch (end.reason) {
    case TransportError::dns_failed: return "the server's name has no address";
    case TransportError::unreachable: return "nothing answers at the server's address";
    case TransportError::timed_out: return "the server does not answer";
    case TransportError::certificate_mismatch: return "the server shows another TLS key than the pinned one";
    case TransportError::certificate_untrusted: return "the server's certificate is not trusted";
    case TransportError::tls_failed: return "the TLS handshake failed";
    case TransportError::not_post_quantum: return "the server offers no post-quantum TLS";
    case TransportError::closed_by_peer:
    case TransportError::shutting_down: return "the server closed the connection";
    case TransportError::connection_lost: return "the connection was lost";
    default: return std::string(transport::describe(end.reason));
  }
}

bool for_good(store::StoreError error) {
  return error != store::StoreError::busy && error != store::StoreError::disk_full &&
         error != store::StoreError::io_failed;
}

}  // namespace

struct Runtime::Watched {
  Watched(boost::asio::io_context& context, int number, std::function<bool()> readable)
      : descriptor(context, ::dup(number)), on_readable(std::move(readable)) {}
  boost::asio::posix::stream_descriptor descriptor;
  std::function<bool()> on_readable;
};

Runtime::Runtime(Core& core, crypto::RandomSource& random, RuntimeOptions options, EventHandler on_event)
    : core_(core),
      random_(random),
      options_(std::move(options)),
      on_event_(std::move(on_event)),
      own_loop_(std::make_unique<boost::asio::io_context>(1)),
      context_(*own_loop_) {
  prepare();
}

Runtime::Runtime(boost::asio::io_context& loop, Core& core, crypto::RandomSource& random,
                 RuntimeOptions options, EventHandler on_event)
    : core_(core),
      random_(random),
      options_(std::move(options)),
      on_event_(std::move(on_event)),
      context_(loop) {
  prepare();
}

void Runtime::prepare() {
  data_version_ = core_.database().data_version();
  connect_at_ = clock_.now();
  if (options_.profile.empty()) return;
  transfers_ = std::make_unique<TransferRunner>(
      context_, core_, AttachmentFolder(options_.profile),
      [this](store::StoreResult<Effects> effects) { handle(std::move(effects)); });
  if (options_.media_program.empty()) return;
  pictures_ = std::make_unique<PictureRunner>(
      context_, core_, random_, AttachmentFolder(options_.profile), options_.media_program,
      [this](store::StoreResult<Effects> effects) { handle(std::move(effects)); });
}

Runtime::~Runtime() = default;

void Runtime::perform(Effects effects) { handle(std::move(effects)); }

void Runtime::handle(store::StoreResult<Effects> effects) {
  if (!effects) {
    // The core forgot its connection; what the server has not heard of is sent again on the next one.
    if (for_good(effects.error())) store_failure_ = effects.error();
    drop_connection(store::describe(effects.error()));
    retry_later();
    return;
  }
  for (const Bytes& frame : effects->frames) {
    if (connection_ && open_) connection_->send(frame);
  }
  next_tick_ = effects->next_tick;
  tell(*effects);
  if (effects->disconnect == Disconnect::none) return;
  refused_ = effects->disconnect == Disconnect::refused;
  drop_connection("the connection was ended here");
  retry_later();
}

void Runtime::drop_connection(std::string_view detail) {
  if (!connection_) return;
  connection_.reset();
  open_ = false;
  last_failure_ = detail;
  auto effects = core_.disconnected(detail, clock_.now());
  if (effects) tell(*effects);
}

void Runtime::tell(const Effects& effects) {
  for (const auto& event : effects.events) on_event_(event);
  on_input_();
}

void Runtime::start() {
  on_timer();
  arm_timer();
}

void Runtime::reconnect() {
  refused_ = false;
  failures_ = 0;
  if (!connection_) connect_at_ = clock_.now();
}

void Runtime::retry_later() {
  const std::uint32_t doublings = std::min(failures_++, 10U);
  std::uint64_t pause = std::min(options_.first_retry.value << doublings, options_.longest_retry.value);
  const auto jitter = random_.array<1>();
  pause += pause * jitter[0] / 512;
  connect_at_ = clock_.now() + DurationMs{pause};
}

void Runtime::connect() {
  connect_at_.reset();
  const auto server = load_server(core_.database());
  if (!server || !core_.wants_connection()) return;
  transport::ServerVerification verification = transport::AuthorityTrust{};
  if (seen_key_) {
    verification = transport::PinnedKeys{{*seen_key_}};
  } else if (server->tls_pin) {
    verification = transport::PinnedKeys{{*server->tls_pin}};
  }
  seen_key_.reset();
  auto tls = transport::TlsClientContext::create(verification);
  if (!tls) {
    last_failure_ = transport::describe(tls.error());
    retry_later();
    return;
  }
  transport::ClientOptions options;
  options.endpoint = transport::TcpEndpoint{server->host, server->port};
  connection_ = transport::ClientConnection::open(context_, std::move(options), *std::move(tls), *this);
}

bool Runtime::trust_seen_key(const transport::ConnectionEnd& end) {
  if (!end.server_pin) return false;
  const auto server = load_server(core_.database());
  if (!server) return false;
  const bool first_contact = server->identity.empty();
  // First contact without a pin: the key is believed now and held to from then on. Later: the server's pinned
  // identity must vouch for a new TLS key, which the core checks before it says anything.
  const bool untrusted =
      first_contact && !server->tls_pin && end.reason == TransportError::certificate_untrusted;
  const bool renewed = !first_contact && (end.reason == TransportError::certificate_mismatch ||
                                          end.reason == TransportError::certificate_untrusted);
  if (!untrusted && !renewed) return false;
  seen_key_ = end.server_pin;
  return true;
}

void Runtime::on_open(const transport::ClientConnectionInfo& info) {
  open_ = true;
  handle(core_.connected({.channel = info.exporter, .tls_key = info.server_pin, .tls_group = info.tls_group},
                         clock_.now()));
}

void Runtime::on_message(ByteView message) {
  v1::ServerFrame frame;
  if (!wire::decode(message, wire::kMaxFrameBytes, frame)) {
    drop_connection("the server sent something that does not parse");
    retry_later();
    return;
  }
  const bool signed_in = core_.signed_in();
  handle(core_.receive(frame, clock_.now()));
  // Something useful came through: the next loss is a new one. Being settled would be too much to ask of a
  // busy client, and being signed in too little of a server whose every push ends the connection.
  if (signed_in && core_.signed_in()) failures_ = 0;
}

void Runtime::on_close(const transport::ConnectionEnd& end) {
  const bool was_open = std::exchange(open_, false);
  connection_.reset();
  if (closing_) return;
  if (!was_open && trust_seen_key(end)) {
    connect_at_ = clock_.now();
    return;
  }
  last_failure_ = explain(end);
  if (end.reason == TransportError::certificate_mismatch) {
    // First contact with another key than the user was told to expect.
    refused_ = true;
    v1::Event event;
    event.mutable_problem()->set_code(noted(v1::Problem::SERVER_IDENTITY_CHANGED));
    event.mutable_problem()->set_detail(
        "the server's TLS key is not the one given with --pin; compare it with what sottod prints");
    on_event_(event);
  }
  auto effects = core_.disconnected(last_failure_, clock_.now());
  if (effects) tell(*effects);
  retry_later();
}

void Runtime::on_timer() {
  const UnixMs now = clock_.now();
  if (!connection_ && connect_at_ && now >= *connect_at_ && !refused_ && !store_failure_) connect();
  const std::int64_t version = core_.database().data_version();
  if (version != data_version_ || (next_tick_ && now >= *next_tick_)) {
    data_version_ = version;
    handle(core_.tick(now));
  }
  if (transfers_) transfers_->work();
  if (pictures_) pictures_->work();
}

void Runtime::arm_timer() {
  timer_.expires_after(std::chrono::milliseconds(options_.poll_interval.value));
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& failure) {
    if (failure || alive.expired()) return;
    on_timer();
    arm_timer();
  });
}

RunEnd Runtime::run(std::optional<DurationMs> deadline, const std::function<bool()>& condition) {
  const auto begun = std::chrono::steady_clock::now();
  start();
  context_.restart();
  RunEnd end = RunEnd::condition;
  while (!condition()) {
    if (store_failure_) end = RunEnd::store;
    if (refused_) end = RunEnd::refused;
    if (interrupted_) end = RunEnd::interrupted;
    if (end != RunEnd::condition) break;
    if (deadline && std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds(deadline->value)) {
      end = RunEnd::deadline;
      break;
    }
    context_.run_one_for(std::chrono::milliseconds(options_.poll_interval.value));
  }
  timer_.cancel();
  return end;
}

void Runtime::close() {
  if (!connection_) return;
  closing_ = true;
  connection_->close();
  // on_close resets connection_; the transport bounds how long that takes.
  context_.restart();
  while (connection_ && context_.run_one_for(std::chrono::seconds(3)) > 0) {
  }
  connection_.reset();
  open_ = false;
  closing_ = false;
}

void Runtime::watch(int descriptor, std::function<bool()> on_readable) {
  wait_readable(std::make_shared<Watched>(context_, descriptor, std::move(on_readable)));
}

void Runtime::wait_readable(const std::shared_ptr<Watched>& watched) {
  watched->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                 [this, watched](const boost::system::error_code& failure) {
                                   if (!failure && watched->on_readable()) wait_readable(watched);
                                 });
}

}  // namespace sotto::client
