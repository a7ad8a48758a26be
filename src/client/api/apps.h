// Services Apps, which is the user's, and App, which is all that an app may call (docs/specs/apps.md 6).
#pragma once

#include <span>

#include "client/api/client.h"
#include "client/api/method.h"
#include "client/api/wait.h"
#include "client/apps/installed.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

CommandResult<v1::AppList> list_apps(Client& client, const v1::Nothing& request);
CommandResult<v1::ConnectedApp> add_app(Client& client, const v1::AppRequest& request);
CommandResult<v1::AppList> remove_app(Client& client, const v1::AppRequest& request);
CommandResult<v1::ConnectedApp> change_app_grants(Client& client, const v1::AppRequest& request);
CommandResult<v1::Message> tell_app(Client& client, const v1::AppTellRequest& request);

/// An app that calls: nothing of the client is within its reach but these methods.
struct AppCaller {
  Client& client;
  AppRow app;
};
/// Before an HTTP request is answered with 503 (docs/specs/agent.md 2).
inline constexpr std::uint32_t kLongestAppWait = 25;

std::span<const Method<AppCaller>> app_methods();

}  // namespace sotto::client::api
