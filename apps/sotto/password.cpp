// `sotto password`: the second factor of a new device.
#include "client/api/account.h"
#include "commands.h"
#include "passphrase.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

CommandResult<ExitCode> done(Session& session, const GlobalOptions& global, const std::string& what) {
  session.output().note(what);
  if (global.json) {
    SOTTO_TRY(const auto status, session.call(api::account_status, v1::Nothing()));
    session.output().status(status);
  }
  return session.close();
}

}  // namespace

CommandResult<ExitCode> run_password_set(const GlobalOptions& global, const PasswordOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(auto password, read_password(options.password_file, PassphraseUse::choose));
  SOTTO_TRY(auto told, api::take_password(session.api(), std::move(password)));
  SOTTO_CHECK_OK(session.wait_for(std::move(told), options.wait_s));
  return done(
      session, global,
      "The password is set. It never left this device, and adds a device only together with the code that "
      "`sotto devices link` shows.");
}

CommandResult<ExitCode> run_password_remove(const GlobalOptions& global, const PasswordOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_CHECK_OK(session.call(api::remove_password, v1::Nothing(), options.wait_s));
  return done(session, global, "The account has no password any more; new devices join by QR code or files.");
}

}  // namespace sotto::cli
