// The half of Runtime between the core and Kannel: texts out through libcurl's thread, callbacks in by HTTP.
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "server/runtime.h"

namespace sotto::server {
namespace {

/// Kannel's boxes, and whoever should not be there.
constexpr std::size_t kMaxCallbackConnections = 64;

std::string url_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

transport::HttpResponse plain(unsigned status, std::string_view text) {
  // Kannel would send what stands in an answer to a text back to its sender.
  return {.status = status, .body = status == 200 ? "" : std::string(text) + "\n"};
}

unsigned http_status(gateway::CallbackError error) {
  switch (error) {
    case gateway::CallbackError::wrong_source:
    case gateway::CallbackError::wrong_secret: return 403;
    case gateway::CallbackError::no_such_path: return 404;
    case gateway::CallbackError::malformed: return 400;
    case gateway::CallbackError::not_text: return 200;  // nothing that could be shown; again would not help
  }
  return 400;
}

/// Kannel calls again after 503. What is nobody's, or not remembered, stays so.
transport::HttpResponse answer_to(const gateway::SmsResult<void>& result) {
  if (result || result.error() == gateway::SmsError::unroutable ||
      result.error() == gateway::SmsError::unknown_text) {
    return plain(200, "");
  }
  return plain(503, gateway::describe(result.error()));
}

}  // namespace

Result<void, StartFailure> Runtime::open_gateway() {
  if (!options_.sms) return {};
  transport::ListenerOptions options;
  options.endpoint = options_.sms->callbacks;
  options.max_connections = kMaxCallbackConnections;
  options.behind_proxy = false;
  options.max_http_body_octets = gateway::kMaxCallbackOctets;
  auto listener = transport::Listener::start(
      context_, std::move(options), std::nullopt,
      [this](const transport::HttpRequest& request, const transport::HttpReply& reply) {
        answer_callback(request, reply);
      },
      nullptr);
  const auto& endpoint = options_.sms->callbacks;
  if (!listener) {
    return err(StartFailure{fmt::format(
        "cannot listen on {}:{} for Kannel: the address is in use, not one of this machine's, or needs more "
        "rights; stop the other program or change `text_messages.callbacks`",
        endpoint.host, endpoint.port)});
  }
  callback_listener_ = std::move(*listener);
  gateway::KannelServer server = options_.sms->server;
  server.callbacks = fmt::format("http://{}:{}", url_host(endpoint.host), callback_listener_->port());
  const auto done = [this](const gateway::SmsRef& ref, gateway::HandOver result) {
    boost::asio::post(context_, [this, ref, result] {
      core_->sms_handed_over(ref, result, clock_.now());
      end_turn();
    });
  };
  kannel_ = std::make_unique<gateway::KannelSender>(std::move(server), options_.core.sms.numbers.front(),
                                                    done, logger_);
  return {};
}

void Runtime::hand_over_sms(const gateway::OutgoingSms& text) { kannel_->send(text); }

void Runtime::answer_callback(const transport::HttpRequest& request, const transport::HttpReply& reply) {
  const auto callback = gateway::read_callback(
      {request.remote_address, request.method, request.target, request.field("Content-Type"), request.body},
      options_.sms->rules);
  if (!callback) {
    logger_.warning("callback_refused",
                    {log::operator_text("reason", std::string(describe(callback.error())))});
    return reply(plain(http_status(callback.error()), describe(callback.error())));
  }
  const auto answer = [reply](const gateway::SmsResult<void>& result) { reply(answer_to(result)); };
  if (const auto* text = std::get_if<gateway::IncomingSms>(&*callback)) {
    core_->sms_received(*text, clock_.now(), answer);
  } else if (const auto* report = std::get_if<gateway::KannelReport>(&*callback)) {
    core_->sms_report(report->ref, report->state, clock_.now(), answer);
  } else {
    reply(plain(200, ""));
  }
  end_turn();
}

}  // namespace sotto::server
