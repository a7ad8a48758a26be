// `sotto handles`: the names by which this account is found.
#include "client/api/account.h"
#include "commands.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

using Change = CommandResult<api::Wait<v1::OwnHandles>>(api::Client&, const v1::HandleRequest&);

CommandResult<ExitCode> change(const GlobalOptions& global, const HandleOptions& options, Change* function) {
  v1::HandleRequest request;
  request.set_handle(options.handle);
  request.set_code(options.code);
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const auto handles, session.call(function, request, options.wait_s));
  session.output().own_handles(handles);
  return session.close();
}

}  // namespace

CommandResult<ExitCode> run_handles_list(const GlobalOptions& global, const HandleOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const auto handles, session.call(api::own_handles, v1::Nothing(), options.wait_s));
  session.output().own_handles(handles);
  return session.close();
}

CommandResult<ExitCode> run_handles_add(const GlobalOptions& global, const HandleOptions& options) {
  return change(global, options, api::add_handle);
}

CommandResult<ExitCode> run_handles_prove(const GlobalOptions& global, const HandleOptions& options) {
  return change(global, options, api::prove_handle);
}

CommandResult<ExitCode> run_handles_remove(const GlobalOptions& global, const HandleOptions& options) {
  return change(global, options, api::remove_handle);
}

}  // namespace sotto::cli
