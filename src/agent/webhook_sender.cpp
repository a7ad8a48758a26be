#include "agent/webhook_sender.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "agent/records.h"
#include "client/events/event_log.h"

namespace sotto::agent {
namespace {

/// How often to look whether the pause after a failure is over.
constexpr std::chrono::seconds kRetryPoll{1};
/// For an answer; what a program does with events it does afterwards.
constexpr DurationMs kPatience = seconds(10);
/// Of an answer, which says nothing that counts.
constexpr std::size_t kMaxAnswer = std::size_t{64} << 10;

std::string reason_of(const transport::HttpOutcome& outcome) {
  if (outcome) return "it answered with status " + std::to_string(outcome->status);
  const auto& failure = outcome.error();
  return failure.detail.empty() ? std::string(transport::describe(failure.reason)) : failure.detail;
}

}  // namespace

WebhookSender::WebhookSender(boost::asio::io_context& loop, client::api::Client& client)
    : loop_(loop), client_(client), retry_(loop) {}

WebhookSender::~WebhookSender() = default;

void WebhookSender::work() {
  if (http_ || client_.core.self() == nullptr) return;
  const auto due = client::due_webhook(client_.database(), client_.now());
  if (due) return send(*due);
  client_.database().take_failure();  // the next turn reads it
  work_later();
}

void WebhookSender::send(const client::DueWebhook& webhook) {
  const auto page = client::read_events(client_.database(), *client_.core.self(), webhook.acknowledged,
                                        client::kWebhookEvents, client_.now());
  if (client_.database().take_failure()) return work_later();
  const bool whole = page.events_size() < static_cast<int>(client::kWebhookEvents);
  const std::uint64_t sequence = whole ? page.newest() : page.events(page.events_size() - 1).sequence();
  if (page.events_size() == 0) {  // what happened is gone already
    client::webhook_told(client_.database(), webhook.name, sequence);
    return work_later();
  }
  std::optional<transport::TlsClientContext> tls;
  if (webhook.url.secure) {
    auto made =
        transport::TlsClientContext::create(transport::AuthorityTrust{}, {.allow_classical_groups = true});
    if (!made) return finish(webhook.name, sequence, err(transport::HttpFailure{made.error(), {}}));
    tls = *std::move(made);
  }
  transport::HttpAsk ask{.method = "POST", .target = webhook.url.target, .fields = {}, .body = json_of(page)};
  ask.fields.emplace_back("Content-Type", "application/json");
  ask.fields.emplace_back("Sotto-Signature", client::webhook_signature(webhook.secret, ask.body));
  http_ = std::make_unique<transport::HttpClient>(
      loop_,
      transport::HttpClientOptions{.endpoint = transport::TcpEndpoint{webhook.url.host, webhook.url.port},
                                   .server_name = webhook.url.host,
                                   .patience = kPatience,
                                   .max_body_octets = kMaxAnswer},
      std::move(tls));
  http_->ask(std::move(ask), [this, name = webhook.name, sequence](const transport::HttpOutcome& outcome) {
    finish(name, sequence, outcome);
  });
}

void WebhookSender::finish(const std::string& name, std::uint64_t sequence,
                           const transport::HttpOutcome& outcome) {
  if (outcome && outcome->status >= 200 && outcome->status < 300) {
    client::webhook_told(client_.database(), name, sequence);
  } else {
    client::webhook_failed(client_.database(), name, reason_of(outcome), client_.now());
  }
  client_.database().take_failure();  // it is told again
  // Not from inside of the client that is to go.
  boost::asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    http_.reset();
    work();
  });
}

void WebhookSender::work_later() {
  if (!client::has_failing_webhook(client_.database()) || std::exchange(waiting_, true)) return;
  retry_.expires_after(kRetryPoll);
  retry_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& failure) {
    if (failure || alive.expired()) return;
    waiting_ = false;
    work();
  });
}

}  // namespace sotto::agent
