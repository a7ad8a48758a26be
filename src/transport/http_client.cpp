#include "transport/http_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "result/check.h"
#include "transport/dial.h"

namespace sotto::transport {
namespace {

/// Each time that much has moved, the patience starts anew.
constexpr std::size_t kProgressOctets = std::size_t{64} * 1024;
constexpr std::size_t kScratchOctets = std::size_t{64} * 1024;

}  // namespace

class HttpClientCore final : public std::enable_shared_from_this<HttpClientCore> {
 public:
  HttpClientCore(boost::asio::io_context& context, HttpClientOptions options,
                 std::optional<TlsClientContext> tls)
      : executor_(context.get_executor()),
        options_(std::move(options)),
        tls_(std::move(tls)),
        alarm_(executor_),
        scratch_(kScratchOctets) {}

  void ask(HttpAsk request, std::function<void(HttpOutcome)> done) {
    SOTTO_CHECK(!busy_);
    busy_ = true;
    // Spawned from the loop, so that `done` is not called before ask() has returned.
    boost::asio::post(executor_, [self = shared_from_this(), request = std::move(request),
                                  done = std::move(done)]() mutable {
      boost::asio::co_spawn(self->executor_, self->run(self, std::move(request)),
                            [self, done = std::move(done)](std::exception_ptr error, HttpOutcome outcome) {
                              self->alarm_.cancel();
                              self->busy_ = false;
                              if (self->disposed_) return;
                              // Only an exception, out of memory, ends the coroutine without an outcome.
                              if (error)
                                outcome = err(HttpFailure{TransportError::library_failure, "out of memory"});
                              done(std::move(outcome));
                            });
    });
  }
  void dispose() {
    disposed_ = true;
    alarm_.cancel();
    if (dialer_) dialer_->abort();
  }
  [[nodiscard]] bool busy() const { return busy_; }

 private:
  Awaitable<HttpOutcome> run(std::shared_ptr<HttpClientCore> self, HttpAsk request) {
    const bool kept = dialer_ != nullptr;
    HttpOutcome outcome = co_await attempt(request);
    // A server may close an idle connection whenever it likes; what was asked on it then never arrived.
    const bool stale =
        !outcome && kept && !answered_ && outcome.error().reason == TransportError::connection_lost;
    if (!outcome) dialer_.reset();
    if (stale && !disposed_) outcome = co_await attempt(request);
    if (!outcome || !outcome->keep_alive) dialer_.reset();
    co_return outcome;
  }
  Awaitable<HttpOutcome> attempt(const HttpAsk& request) {
    answered_ = timed_out_ = false;
    wait_for_progress();
    if (!dialer_) {
      dialer_ = std::make_unique<Dialer>(executor_, options_.endpoint, options_.server_name);
      if (auto failure = co_await dialer_->dial(tls_)) co_return err(reason(*std::move(failure)));
    }
    const std::string head = serialize(request, dialer_->host_field());
    if (auto failure = co_await write(as_bytes(head))) co_return err(*std::move(failure));
    if (auto failure = co_await write(as_bytes(request.body))) co_return err(*std::move(failure));
    co_return co_await read(request.method == "HEAD");
  }
  Awaitable<std::optional<HttpFailure>> write(ByteView rest) {
    while (!rest.empty()) {
      wait_for_progress();
      const ByteView piece = rest.first(std::min(rest.size(), kProgressOctets));
      const IoStatus status = co_await dialer_->link->write_all(piece);
      if (status != IoStatus::done) co_return reason(dialer_->failure_of(status, "while asking"));
      rest = rest.subspan(piece.size());
    }
    co_return std::nullopt;
  }
  Awaitable<HttpOutcome> read(bool head) {
    HttpAnswerReader reader(options_.max_body_octets, head);
    for (;;) {
      const IoResult result = dialer_->link->records->read(scratch_);
      if (result.status == IoStatus::done) {
        answered_ = true;
        wait_for_progress();
        const auto complete = reader.feed(ByteView(scratch_).first(result.octets));
        if (!complete)
          co_return err(HttpFailure{noted(complete.error()), "the answer is not HTTP, or too long"});
        if (*complete) co_return reader.take();
      } else if (result.status == IoStatus::closed && reader.close()) {
        co_return reader.take();
      } else if (!co_await dialer_->link->ready(result.status)) {
        co_return err(reason(dialer_->failure_of(result.status, "before the whole answer came")));
      }
    }
  }
  HttpFailure reason(DialFailure failure) const {
    if (timed_out_) return {noted(TransportError::timed_out), "the server does not answer"};
    return {noted(failure.reason), std::move(failure.detail)};
  }
  void wait_for_progress() {
    alarm_.expires_after(std::chrono::milliseconds(options_.patience.value));
    alarm_.async_wait([self = shared_from_this()](boost::system::error_code code) {
      if (code) return;
      self->timed_out_ = true;
      if (self->dialer_) self->dialer_->abort();
    });
  }

  Executor executor_;
  HttpClientOptions options_;
  std::optional<TlsClientContext> tls_;
  Timer alarm_;
  Bytes scratch_;
  std::unique_ptr<Dialer> dialer_;  ///< of the connection that is open, or being opened
  bool busy_ = false;
  bool answered_ = false;  ///< octets of the answer came
  bool timed_out_ = false;
  bool disposed_ = false;
};

HttpClient::HttpClient(boost::asio::io_context& context, HttpClientOptions options,
                       std::optional<TlsClientContext> tls)
    : core_(std::make_shared<HttpClientCore>(context, std::move(options), std::move(tls))) {}

HttpClient::~HttpClient() { core_->dispose(); }

void HttpClient::ask(HttpAsk request, std::function<void(HttpOutcome)> done) {
  core_->ask(std::move(request), std::move(done));
}

bool HttpClient::busy() const { return core_->busy(); }

}  // namespace sotto::transport
