// `sotto app`: programs of others on this device.
#include "client/api/apps.h"

#include <fmt/core.h>

#include "commands.h"
#include "delivery.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// To let it do more, or less.
v1::AppRequest request_of(const AppOptions& options, bool more) {
  v1::AppRequest request;
  request.set_name(options.name);
  for (const auto& place : options.hear) (more ? request.add_hear() : request.add_not_hear())->assign(place);
  if (options.send) request.set_may_send(more);
  return request;
}

CommandResult<ExitCode> show_after(const GlobalOptions& global,
                                   CommandResult<v1::ConnectedApp> (*change)(api::Client&,
                                                                             const v1::AppRequest&),
                                   const v1::AppRequest& request) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto record, session.call(change, request));
  session.output().app(record);
  return ExitCode::ok;
}

}  // namespace

void Output::app(const v1::ConnectedApp& app) const {
  if (json_) return json(app);
  fmt::print("/{}  {}, connected {}\n", app.name(),
             app.may_send() ? "answers where it was asked" : "answers into your notes",
             local_time(app.added_ms()));
  for (const auto& place : app.hears()) fmt::print("    others may ask it in {}\n", harmless(place));
  if (app.waiting() > 0) fmt::print("    not taken yet: {}\n", app.waiting());
  if (app.lost() > 0) fmt::print("    not taken in time: {}\n", app.lost());
  if (!app.token().empty()) fmt::print("token, shown this once: {}\n", app.token());
}

CommandResult<ExitCode> run_app_list(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_apps, v1::Nothing()));
  for (const auto& record : list.apps()) session.output().app(record);
  if (list.apps().empty()) session.output().note("No apps are connected.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_app_add(const GlobalOptions& global, const AppOptions& options) {
  return show_after(global, api::add_app, request_of(options, true));
}

CommandResult<ExitCode> run_app_remove(const GlobalOptions& global, const AppOptions& options) {
  v1::AppRequest request;
  request.set_name(options.name);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(session.call(api::remove_app, request));
  session.output().note("Its token is worth nothing any more, and what waited for it is erased.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_app_grant(const GlobalOptions& global, const AppOptions& options) {
  return show_after(global, api::change_app_grants, request_of(options, true));
}

CommandResult<ExitCode> run_app_revoke(const GlobalOptions& global, const AppOptions& options) {
  return show_after(global, api::change_app_grants, request_of(options, false));
}

CommandResult<ExitCode> run_app_tell(const GlobalOptions& global, const AppOptions& options) {
  v1::AppTellRequest request;
  request.set_name(options.name);
  request.set_text(options.text);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto message, session.call(api::tell_app, request));
  return finish_send(session, message, message.conversation(), options.wait_s);
}

}  // namespace sotto::cli
