// `sotto recovery`: the ways back into the account, on a device of it.
#include <fmt/core.h>

#include "client/recovery/alarms.h"
#include "client/recovery/commands.h"
#include "client/recovery/drill.h"
#include "client/recovery/records.h"
#include "client/recovery/upkeep.h"
#include "commands.h"
#include "confirm.h"
#include "lookup.h"
#include "profile.h"
#include "recovery_key.h"

namespace sotto::cli {
namespace {

using client::RecoveryCommandError;
using client::RecoveryOutcome;

/// A profile with its connection, everything that waited taken in.
struct Session {
  std::unique_ptr<Profile> profile;
  std::unique_ptr<Connection> connection;
  std::vector<v1::RecoveryProgress> progress;

  [[nodiscard]] client::Runtime& runtime() const { return connection->runtime(); }
  [[nodiscard]] client::store::Database& database() const { return profile->database(); }
  [[nodiscard]] const client::Self& self() const { return *profile->core().self(); }
  [[nodiscard]] v1::RecoveryStatus status() const {
    return client::recovery_status(database(), self(), SystemClock().now());
  }
};

CommandResult<std::unique_ptr<Session>> connect(std::unique_ptr<Profile> profile,
                                                const RecoveryOptions& options, const Output& output) {
  auto session = std::make_unique<Session>();
  session->profile = std::move(profile);
  SOTTO_TRY(session->connection,
            Connection::open(*session->profile, output, [raw = session.get()](const v1::Event& event) {
              if (event.has_recovery()) raw->progress.push_back(event.recovery());
            }));
  const auto end =
      session->runtime().run(seconds(options.wait_s), [&] { return session->profile->core().settled(); });
  if (end != client::RunEnd::condition) {
    return err(session->connection->explain(end, session->profile->server_name()));
  }
  return session;
}

CommandResult<std::unique_ptr<Session>> open(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  return connect(std::move(profile), options, Output(global.json));
}

template <typename T>
CommandResult<T> run(Session& session, const std::function<RecoveryOutcome<T>(client::Work&)>& body) {
  auto outcome = session.profile->core().run_command<RecoveryOutcome<T>>(
      SystemClock().now(), err(RecoveryCommandError::not_registered), body);
  if (!outcome) return err(failure_of(outcome.error()));
  session.runtime().perform(std::move(outcome->effects));
  if (!outcome->value) return err(failure_of(outcome->value.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(outcome->value);
  }
}

/// Until manifest, server and setup agree; what is not there yet comes with the next connection.
CommandResult<ExitCode> finish(Session& session, const GlobalOptions& global,
                               const RecoveryOptions& options) {
  const auto kept = [&] {
    return client::recovery_is_kept(session.database(), session.self().account_id()) &&
           session.profile->core().settled();
  };
  const auto end = session.runtime().run(seconds(options.wait_s), kept);
  if (end != client::RunEnd::condition) {
    Failure failure = session.connection->explain(end, session.profile->server_name());
    failure.message += "; the change is kept and goes on with the next connection";
    return err(Failure{ExitCode::queued, failure.message});
  }
  const auto status = session.status();
  session.runtime().close();
  Output(global.json).recovery_status(status);
  return ExitCode::ok;
}

CommandResult<void> look_up_all(Session& session, const RecoveryOptions& options) {
  for (const std::string& handle : options.handles) {
    if (handle == session.self().handle) continue;  // the core says what is wrong with it
    SOTTO_CHECK_OK(look_up(*session.profile, *session.connection, handle, options.wait_s));
  }
  return {};
}

KeySource source_of(const RecoveryOptions& options) {
  return options.key_from_stdin ? KeySource::standard_input : KeySource::terminal;
}

constexpr std::string_view kAsk = "Recovery key: ";

}  // namespace

CommandResult<ExitCode> run_recovery_setup(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(auto profile, Profile::open(global));
  SOTTO_TRY(const client::Self* self, profile->self());
  if (client::recovery_status(profile->database(), *self, SystemClock().now()).key() && !options.replace) {
    return err(
        Failure{ExitCode::usage,
                "the account has a recovery key; --replace makes a new one, and the old paper worthless"});
  }
  const auto seed = crypto::random_secret<recovery::RecoverySeed>(profile->random());
  SOTTO_CHECK_OK(show_recovery_key(seed, source_of(options)));
  SOTTO_TRY(const auto session, connect(std::move(profile), options, Output(global.json)));
  SOTTO_CHECK_OK(
      run<void>(*session, [&](client::Work& work) { return client::set_up_recovery(work, seed); }));
  return finish(*session, global, options);
}

CommandResult<ExitCode> run_recovery_drill(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(const auto seed, read_recovery_key(kAsk, source_of(options)));
  SOTTO_TRY(const auto session, open(global, options));
  SOTTO_CHECK_OK(
      run<void>(*session, [&](client::Work& work) { return client::drill_recovery_key(work, seed); }));
  const auto end =
      session->runtime().run(seconds(options.wait_s), [&] { return !session->progress.empty(); });
  if (session->progress.empty()) {
    return err(session->connection->explain(end, session->profile->server_name()));
  }
  if (session->progress.back().stage() != v1::RecoveryProgress::SLOT_OPENED) {
    return err(Failure{ExitCode::refused, session->progress.back().detail()});
  }
  return finish(*session, global, options);
}

CommandResult<ExitCode> run_recovery_remove(const GlobalOptions& global, const RecoveryOptions& options) {
  const bool sure =
      options.yes || confirm(
                         "Without recovery key and contacts nothing brings the account back when the "
                         "last device is gone. Remove them?");
  if (!sure) return err(Failure{ExitCode::refused, "nothing was changed"});
  SOTTO_TRY(const auto session, open(global, options));
  SOTTO_CHECK_OK(run<void>(*session, client::remove_recovery));
  return finish(*session, global, options);
}

CommandResult<ExitCode> run_recovery_status(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const client::Self* self, profile->self());
  const auto status = client::recovery_status(profile->database(), *self, SystemClock().now());
  if (const auto failure = profile->database().take_failure()) return err(failure_of(*failure));
  Output(global.json).recovery_status(status);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_recovery_contacts_set(const GlobalOptions& global,
                                                  const RecoveryOptions& options) {
  SOTTO_TRY(const auto seed, read_recovery_key(kAsk, source_of(options)));
  SOTTO_TRY(const auto session, open(global, options));
  SOTTO_CHECK_OK(look_up_all(*session, options));
  SOTTO_CHECK_OK(run<void>(*session, [&](client::Work& work) {
    return client::set_recovery_contacts(
        work, seed,
        {.handles = options.handles, .threshold = options.threshold, .delay = seconds(options.delay_s)});
  }));
  return finish(*session, global, options);
}

CommandResult<ExitCode> run_recovery_contacts_drill(const GlobalOptions& global,
                                                    const RecoveryOptions& options) {
  SOTTO_TRY(const auto session, open(global, options));
  const UnixMs begun = SystemClock().now();
  SOTTO_CHECK_OK(run<void>(*session, client::drill_recovery_contacts));
  const auto all = session->status().contacts();
  const auto answered = [&] { return client::confirmed_contacts(session->database(), begun); };
  session->runtime().run(seconds(options.wait_s), [&] { return answered() == all; });
  if (answered() < all) {
    Output(global.json)
        .note(fmt::format("{} of {} contacts have answered so far; the others may be offline, and "
                          "`sotto recovery status` counts them when they do.",
                          answered(), all));
  }
  const auto status = session->status();
  session->runtime().close();
  Output(global.json).recovery_status(status);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_recovery_veto(const GlobalOptions& global, const RecoveryOptions& options) {
  SOTTO_TRY(const auto session, open(global, options));
  SOTTO_TRY(const std::size_t count, run<std::size_t>(*session, client::veto_recovery));
  const auto end =
      session->runtime().run(seconds(options.wait_s), [&] { return session->profile->core().settled(); });
  if (end != client::RunEnd::condition) {
    return err(
        Failure{ExitCode::queued, "the refusal is kept and leaves with the next connection; connect soon"});
  }
  const auto status = session->status();
  session->runtime().close();
  const Output output(global.json);
  output.note(fmt::format("Refused {} request{}; every contact is told.", count, count == 1 ? "" : "s"));
  output.recovery_status(status);
  return ExitCode::ok;
}

}  // namespace sotto::cli
