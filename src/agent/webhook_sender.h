// Tells webhooks of events: one request at a time, repeated until it is answered with 2xx
// (docs/specs/agent.md 6). What was told is in the store, so that a process killed anywhere tells again
// rather than not at all.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "client/api/client.h"
#include "client/events/webhooks.h"
#include "transport/http_client.h"

namespace sotto::agent {

/// Use from the loop's thread. The client must outlive it.
class WebhookSender {
 public:
  WebhookSender(boost::asio::io_context& loop, client::api::Client& client);
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  /// Begins the next request if one is due and none is running. Cheap; to be called often.
  void work();

 private:
  void send(const client::DueWebhook& webhook);
  void finish(const std::string& name, std::uint64_t sequence, const transport::HttpOutcome& outcome);
  void work_later();

  boost::asio::io_context& loop_;
  client::api::Client& client_;
  std::unique_ptr<transport::HttpClient> http_;
  boost::asio::steady_timer retry_;
  bool waiting_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sotto::agent
