// Calls of apps: a caller of a second, much smaller kind (docs/specs/apps.md 6). The rest of agent.h is in
// agent.cpp.
#include <algorithm>

#include "agent/agent.h"
#include "agent/records.h"

namespace sotto::agent {

namespace api = client::api;

void Agent::call_as_app(client::AppRow app, std::string_view text, Reply reply) {
  handle({.app = app}, text, std::move(reply));
}

std::optional<client::AppRow> Agent::app_with_token(std::string_view token) {
  if (!client_) return std::nullopt;
  const auto app = client::app_with_token(client_->database(), token);
  return client_->database().take_failure() ? std::nullopt : app;
}

/// What there is and what is the user's alone look alike from here.
api::Started Agent::start_for_app(client::AppRow app, const RpcRequest& request,
                                  std::optional<RpcFailure>& protocol) {
  const auto methods = api::app_methods();
  const auto method =
      std::ranges::find_if(methods, [&](const auto& each) { return each.name == request.method; });
  if (method == methods.end()) {
    protocol = {noted(RpcError::method_not_found),
                "an app may call app.about, app.read, app.acknowledge and app.answer, and nothing else"};
    return api::Record();
  }
  auto parameters = record_from(*method->parameters, request.params);
  if (!parameters) {
    protocol = {noted(RpcError::invalid_params), parameters.error()};
    return api::Record();
  }
  if (waits_too_much({.app = app})) {
    protocol = {noted(RpcError::overloaded), "4 calls of this app wait already"};
    return api::Record();
  }
  if (!client_) return err(api::Failure{api::ExitCode::refused, "the token is worth nothing now"});
  api::AppCaller caller{*client_, app};
  return method->start(caller, **parameters);
}

}  // namespace sotto::agent
