#include "server/runtime.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "server/blob_edge.h"
#include "server/metrics_text.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::seconds kLogPatience{10};

std::string endpoint_text(const transport::Endpoint& endpoint) {
  if (const auto* unix_socket = std::get_if<transport::UnixEndpoint>(&endpoint)) return unix_socket->path;
  const auto& tcp = std::get<transport::TcpEndpoint>(endpoint);
  return fmt::format("{}:{}", tcp.host, tcp.port);
}

StartFailure cannot_listen(const transport::Endpoint& endpoint, std::string_view setting) {
  return {
      fmt::format("cannot listen on {}: the address is in use, not one of this machine's, or needs more "
                  "rights; stop the other server or change `{}`",
                  endpoint_text(endpoint), setting)};
}

StartFailure cannot_open_log(transparency_log::LogError error, const std::filesystem::path& database) {
  if (error == transparency_log::LogError::wrong_keys) {
    return {
        fmt::format("the transparency log in {} was made with other keys: put back the identity.key and "
                    "the transparency.key that belong to this database",
                    database.string())};
  }
  return {fmt::format("cannot open the transparency log in {}: {}", database.string(), describe(error))};
}

gateway::Notice code_notice(const identity::Handle& handle, std::string_view code) {
  return {
      .to = handle.text(),
      .subject = handle.kind() == identity::HandleKind::email ? fmt::format("Your code: {}", code) : "",
      .text = fmt::format("{} is your code for Sotto. It is good for {} minutes. If you did not ask for it, "
                          "somebody mistyped: ignore this.\n",
                          code, accounts::kCodeLifetime.value / minutes(1).value)};
}

}  // namespace

Runtime::Runtime(boost::asio::io_context& context, RuntimeOptions options, log::Logger& logger)
    : context_(context),
      options_(std::move(options)),
      logger_(logger),
      tick_timer_(context),
      due_timer_(context),
      drain_timer_(context) {}

Runtime::~Runtime() {
  // Connections go before the core, which they call; the store's last completions find no core and go
  // nowhere.
  listener_.reset();
  metrics_listener_.reset();
  callback_listener_.reset();
  kannel_.reset();
  core_.reset();
}

Result<std::unique_ptr<Runtime>, StartFailure> Runtime::start(boost::asio::io_context& context,
                                                              RuntimeOptions options, log::Logger& logger) {
  std::unique_ptr<Runtime> runtime(new Runtime(context, std::move(options), logger));
  SOTTO_CHECK_OK(runtime->open_store());
  SOTTO_CHECK_OK(runtime->open_core());
  SOTTO_CHECK_OK(runtime->open_gateway());
  runtime->schedule_tick();
  runtime->await_log();
  SOTTO_CHECK_OK(runtime->listen_for_metrics());
  SOTTO_CHECK_OK(runtime->listen());
  return runtime;
}

Result<void, StartFailure> Runtime::open_store() {
  // Completions come from the store's thread and are handed to the loop in the groups they came in.
  auto sink = [this](std::vector<storage::Completion> completions) {
    boost::asio::post(context_, [this, group = std::move(completions)] {
      core_->on_completions(group, clock_.now());
      end_turn();
    });
  };
  storage::RocksDbOptions options;
  options.directory = options_.database;
  auto store = storage::RocksDbStore::open(options, std::move(sink), logger_);
  if (!store) return err(StartFailure{store.error().message});
  store_ = std::move(*store);
  return {};
}

Result<void, StartFailure> Runtime::open_core() {
  auto core = Core::open(options_.core, options_.keys, *store_, random_, logger_,
                         static_cast<Effects&>(*this), clock_.now());
  if (!core) return err(cannot_open_log(core.error(), options_.database));
  core_ = *std::move(core);
  return {};
}

void Runtime::await_log() {
  const auto deadline = std::chrono::steady_clock::now() + kLogPatience;
  while (!core_->ready() && std::chrono::steady_clock::now() < deadline) context_.run_one_until(deadline);
}

Result<void, StartFailure> Runtime::listen() {
  transport::ListenerOptions options;
  options.endpoint = options_.listen;
  options.max_connections = options_.max_connections;
  options.max_message_octets = kMaxStrangerFrame;
  auto listener = transport::Listener::start(
      context_, std::move(options), options_.tls,
      [this](const transport::HttpRequest& request, const transport::HttpReply& reply) {
        answer_http(request, reply);
      },
      this);
  if (!listener) return err(cannot_listen(options_.listen, "listen"));
  listener_ = std::move(*listener);
  return {};
}

Result<void, StartFailure> Runtime::listen_for_metrics() {
  if (!options_.metrics) return {};
  transport::ListenerOptions options;
  options.endpoint = *options_.metrics;
  options.max_connections = 64;  // scrapers, not users
  const auto answer = [this](const transport::HttpRequest& request) {
    if (request.path() != "/metrics") return transport::HttpResponse{.status = 404, .body = "see /metrics\n"};
    return transport::HttpResponse{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                   .body = metrics_text()};
  };
  auto listener = transport::Listener::start(context_, std::move(options), std::nullopt,
                                             transport::at_once(answer), nullptr);
  if (!listener) return err(cannot_listen(*options_.metrics, "metrics"));
  metrics_listener_ = std::move(*listener);
  return {};
}

void Runtime::answer_http(const transport::HttpRequest& request, const transport::HttpReply& reply) {
  if (request.path().starts_with(kBlobPath)) {
    core_->on_blob_request(request, clock_.now(), reply);
    return end_turn();
  }
  if (request.path() != "/healthz") return reply({.status = 404, .body = "not found\n"});
  if (draining_) return reply({.status = 503, .body = "shutting down\n"});
  reply({.status = 200, .body = "ok\n"});
}

std::string Runtime::metrics_text() const {
  return server::metrics_text(core_->counts(), listener_ ? listener_->counts() : transport::ListenerCounts{});
}

void Runtime::schedule_tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    core_->tick(clock_.now());
    end_turn();
    schedule_tick();
  });
}

void Runtime::schedule_due() {
  const auto due = core_->due();
  if (!due || due_at_ == due) return;
  due_at_ = due;
  due_timer_.expires_after(std::chrono::milliseconds(elapsed(clock_.now(), *due).value));
  due_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    due_at_.reset();
    end_turn();
  });
}

void Runtime::end_turn() {
  const bool more = core_->turn_end(clock_.now());
  if (draining_ && core_->idle()) boost::asio::post(context_, [this] { finish_drain(); });
  schedule_due();
  if (!more || turn_posted_) return;
  turn_posted_ = true;
  boost::asio::post(context_, [this] {
    turn_posted_ = false;
    end_turn();
  });
}

void Runtime::drain(DurationMs deadline, std::function<void()> done) {
  if (draining_) return;
  draining_ = true;
  drain_deadline_ = deadline;
  drained_ = std::move(done);
  listener_->stop_accepting();
  core_->begin_drain(clock_.now());
  // Half of the time for answers that are owed, half for peers to take them.
  drain_timer_.expires_after(std::chrono::milliseconds(deadline.value / 2));
  drain_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) finish_drain();
  });
  end_turn();
}

void Runtime::finish_drain() {
  if (!drained_) return;
  drain_timer_.cancel();
  tick_timer_.cancel();
  due_timer_.cancel();
  listener_->stop({drain_deadline_.value / 2}, std::exchange(drained_, nullptr));
}

transport::Endpoint Runtime::endpoint() const {
  transport::Endpoint endpoint = options_.listen;
  if (auto* tcp = std::get_if<transport::TcpEndpoint>(&endpoint)) tcp->port = listener_->port();
  return endpoint;
}

std::uint16_t Runtime::callback_port() const { return callback_listener_ ? callback_listener_->port() : 0; }

std::uint16_t Runtime::metrics_port() const { return metrics_listener_ ? metrics_listener_->port() : 0; }

void Runtime::on_open(const transport::ConnectionInfo& info) { core_->on_open(info, clock_.now()); }

void Runtime::on_message(transport::ConnectionId id, ByteView message) {
  core_->on_message(id, message, clock_.now());
}

void Runtime::on_close(transport::ConnectionId id, transport::TransportError) {
  core_->on_close(id, clock_.now());
}

void Runtime::send(ConnectionId connection, ByteView message) {
  // False means that the connection is gone or too slow; on_close says so.
  (void)listener_->send(connection, message);
}

void Runtime::authenticated(ConnectionId connection) {
  listener_->set_message_limit(connection, wire::kMaxFrameBytes);
}

void Runtime::close(ConnectionId connection, transport::CloseCode code) {
  listener_->close(connection, code);
}

CodeSending Runtime::send_code(const identity::Handle& handle, std::string_view code) {
  gateway::Courier* courier = options_.mail.get();
  if (handle.kind() == identity::HandleKind::phone) {
    courier = kannel_ ? kannel_.get() : options_.text_messages.get();
  }
  if (courier == nullptr) return CodeSending::unsupported;
  return courier->send(code_notice(handle, code)) ? CodeSending::queued : CodeSending::overloaded;
}

}  // namespace sotto::server
