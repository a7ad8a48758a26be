// `sotto recovery`: the ways back into the account, on a device of it.
#include "client/api/recovery.h"

#include <fmt/core.h>

#include "client/recovery/records.h"
#include "commands.h"
#include "confirm.h"
#include "recovery_key.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

constexpr std::string_view kAsk = "Recovery key: ";

KeySource source_of(const RecoveryOptions& options) {
  return options.key_from_stdin ? KeySource::standard_input : KeySource::terminal;
}

v1::RecoveryKey key_of(const recovery::RecoverySeed& seed) {
  v1::RecoveryKey key;
  key.set_key(recovery::seed_text(seed));
  return key;
}

/// What was asked for is done: how things stand now.
ExitCode show(Session& session, const v1::RecoveryStatus& status) {
  session.close();
  session.output().recovery_status(status);
  return ExitCode::ok;
}

CommandResult<v1::RecoveryStatus> status_of(Session& session) {
  return session.call(api::recovery_status, v1::Nothing());
}

}  // namespace

CommandResult<ExitCode> run_recovery_setup(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const auto before, api::recovery_status(session.api(), {}));  // nobody is kept waiting by a pen
  if (before.key() && !options.replace) {
    return err(
        Failure{ExitCode::usage,
                "the account has a recovery key; --replace makes a new one, and the old paper worthless"});
  }
  const auto seed = crypto::random_secret<recovery::RecoverySeed>(session.profile().random());
  SOTTO_CHECK_OK(show_recovery_key(seed, source_of(options)));
  SOTTO_TRY(const auto status, session.call(api::confirm_recovery_key, key_of(seed), options.wait_s));
  return show(session, status);
}

CommandResult<ExitCode> run_recovery_drill(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(const auto seed, read_recovery_key(kAsk, source_of(options)));
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const auto status, session.call(api::drill_recovery_key, key_of(seed), options.wait_s));
  return show(session, status);
}

CommandResult<ExitCode> run_recovery_remove(const GlobalOptions& global, const RecoveryOptions& options) {
  const bool sure =
      options.yes || confirm(
                         "Without recovery key and contacts nothing brings the account back when the "
                         "last device is gone. Remove them?");
  if (!sure) return err(Failure{ExitCode::refused, "nothing was changed"});
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const auto status, session.call(api::remove_recovery, v1::Nothing(), options.wait_s));
  return show(session, status);
}

CommandResult<ExitCode> run_recovery_status(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto status, status_of(session));
  return show(session, status);
}

CommandResult<ExitCode> run_recovery_contacts_set(const GlobalOptions& global,
                                                  const RecoveryOptions& options) {
  SOTTO_TRY(const auto seed, read_recovery_key(kAsk, source_of(options)));
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  v1::RecoveryContactsRequest request;
  request.set_key(recovery::seed_text(seed));
  request.mutable_contacts()->Assign(options.handles.begin(), options.handles.end());
  request.set_threshold(static_cast<std::uint32_t>(options.threshold));
  request.set_delay_s(options.delay_s);
  SOTTO_TRY(const auto status, session.call(api::set_recovery_contacts, request, options.wait_s));
  return show(session, status);
}

CommandResult<ExitCode> run_recovery_contacts_drill(const GlobalOptions& global,
                                                    const RecoveryOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  auto& core = session.profile().core();
  if (const auto cut = session.work_until(seconds(options.wait_s), [&] { return core.settled(); })) {
    return err(*cut);
  }
  const UnixMs begun = SystemClock().now();
  SOTTO_TRY(const auto asked, session.call(api::drill_recovery_contacts, v1::Nothing()));
  const std::size_t all = asked.contacts();
  const auto answered = [&] { return client::confirmed_contacts(session.profile().database(), begun); };
  if (session.work_until(seconds(options.wait_s), [&] { return answered() == all; })) {
    session.output().note(
        fmt::format("{} of {} contacts have answered so far; the others may be offline, and "
                    "`sotto recovery status` counts them when they do.",
                    answered(), all));
  }
  SOTTO_TRY(const auto status, status_of(session));
  return show(session, status);
}

CommandResult<ExitCode> run_recovery_veto(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  const auto settled = [&] { return session.profile().core().settled(); };
  if (const auto cut = session.work_until(seconds(options.wait_s), settled)) return err(*cut);
  SOTTO_TRY(const auto before, status_of(session));  // with what came just now
  SOTTO_TRY(const auto status, session.call(api::refuse_recovery, v1::Nothing(), options.wait_s));
  session.output().note(fmt::format("Refused {} request{}; every contact is told.", before.asked(),
                                    before.asked() == 1 ? "" : "s"));
  return show(session, status);
}

}  // namespace sotto::cli
