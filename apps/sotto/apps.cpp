// `sotto app`: programs of others on this device.
#include <fmt/core.h>

#include "client/apps/exchange.h"
#include "client/conversations/commands.h"
#include "commands.h"
#include "speech.h"

namespace sotto::cli {
namespace {

using client::Work;

/// To let it do more, or less.
v1::AppRequest request_of(const AppOptions& options, bool more) {
  v1::AppRequest request;
  request.set_name(options.name);
  for (const auto& place : options.hear) (more ? request.add_hear() : request.add_not_hear())->assign(place);
  if (options.send) request.set_may_send(more);
  return request;
}

template <typename Change>
CommandResult<ExitCode> show_after(const GlobalOptions& global, Change&& change) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const v1::ConnectedApp record, run_in(*profile, std::forward<Change>(change)));
  Output(global.json).app(record);
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
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  const auto records = client::app_records(profile->database(), *self);
  if (const auto broken = profile->database().take_failure()) return err(failure_of(*broken));
  const Output output(global.json);
  for (const auto& record : records) output.app(record);
  if (records.empty()) output.note("No apps are connected.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_app_add(const GlobalOptions& global, const AppOptions& options) {
  return show_after(global, [&](Work& work) { return client::add_app(work, request_of(options, true)); });
}

CommandResult<ExitCode> run_app_remove(const GlobalOptions& global, const AppOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_CHECK_OK(run_in(*profile, [&](Work& work) { return client::remove_app(work, options.name); }));
  Output(global.json).note("Its token is worth nothing any more, and what waited for it is erased.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_app_grant(const GlobalOptions& global, const AppOptions& options) {
  return show_after(global,
                    [&](Work& work) { return client::change_app_grants(work, request_of(options, true)); });
}

CommandResult<ExitCode> run_app_revoke(const GlobalOptions& global, const AppOptions& options) {
  return show_after(global,
                    [&](Work& work) { return client::change_app_grants(work, request_of(options, false)); });
}

CommandResult<ExitCode> run_app_tell(const GlobalOptions& global, const AppOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  if (!client::find_app(profile->database(), options.name)) return err(failure_of(client::AppError::no_app));
  v1::Content content;
  content.mutable_text()->set_body("/" + options.name + " " + options.text);
  const std::string notes = self->handle;
  SOTTO_TRY(const auto id,
            run_in(*profile, [&](Work& work) { return client::send_entry(work, notes, content, {}); }));
  return finish_send(*profile, Output(global.json), id, notes, options.wait_s);
}

}  // namespace sotto::cli
