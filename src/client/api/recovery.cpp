#include "client/api/recovery.h"

#include "client/api/contacts.h"
#include "client/api/devices.h"
#include "client/conversations/records.h"
#include "client/recovery/alarms.h"
#include "client/recovery/attempt.h"
#include "client/recovery/commands.h"
#include "client/recovery/drill.h"
#include "client/recovery/records.h"
#include "client/recovery/shares.h"
#include "client/recovery/upkeep.h"

namespace sotto::client::api {
namespace {

/// The old key's slots are read, a manifest is published, slots are stored.
constexpr DurationMs kRecoveryPatience = minutes(2);

using recovery::RecoverySeed;

CommandResult<RecoverySeed> read_seed(const std::string& typed) {
  auto parsed = recovery::parse_seed(typed);
  if (parsed) return *std::move(parsed);
  return err(
      Failure{ExitCode::usage, parsed.error() == recovery::RecoveryError::mistyped
                                   ? std::string(recovery::describe(parsed.error()))
                                   : "a recovery key has nine groups of four letters and digits 2 to 7"});
}

/// For a call that goes on when something has happened.
CommandResult<std::shared_ptr<const RecoverySeed>> seed_of(const std::string& typed) {
  SOTTO_TRY(auto seed, read_seed(typed));
  return std::make_shared<const RecoverySeed>(std::move(seed));
}

v1::RecoveryStatus status_now(Client& client) {
  return client::recovery_status(client.database(), *client.core.self(), client.now());
}

/// Until manifest, server and setup agree.
bool is_kept(Client& client) {
  return recovery_is_kept(client.database(), client.core.self()->account_id()) && client.core.settled();
}

using Command = std::function<RecoveryOutcome<void>(Work&)>;

/// Asks once everything that waited is taken in, and waits until it is done and at the server.
Wait<v1::RecoveryStatus> done_after(Client& client, Command command, bool (*is_done)(Client&)) {
  const auto asked = std::make_shared<bool>(false);
  return {.look = [&client, command = std::move(command), is_done,
                   asked](const v1::Event* event) -> std::optional<CommandResult<v1::RecoveryStatus>> {
            if (event != nullptr) return std::nullopt;
            if (!*asked) {
              if (!client.core.settled()) return std::nullopt;
              if (const auto done = run_in(client, command); !done) return err(done.error());
              *asked = true;
            }
            if (!is_done(client)) return std::nullopt;
            return status_now(client);
          },
          .late = [&client, asked]() -> CommandResult<v1::RecoveryStatus> {
            if (!*asked) return err(not_answered(client));
            const Failure late =
                not_answered(client, "the change is kept and goes on with the next connection");
            return err(Failure{ExitCode::queued, late.message});
          }};
}

/// The setup is another one.
Wait<v1::RecoveryStatus> kept_after(Client& client, Command command) {
  return done_after(client, std::move(command), is_kept);
}

CommandResult<Wait<v1::Status>> begin(
    Client& client, const v1::RecoverRequest& request,
    const std::function<RecoveryOutcome<void>(Work&, const RecoveryWish&)>& with) {
  SOTTO_CHECK_OK(set_up_device(client, request.server(), request.pin(), request.device_name()));
  const RecoveryWish wish{.handle = request.handle(), .keep_devices = request.keep_devices()};
  SOTTO_CHECK_OK(run_on_new_device(client, [&](Work& work) { return with(work, wish); }));
  client.reconnect();
  return Wait<v1::Status>{
      .look = [&client](const v1::Event* event) -> std::optional<CommandResult<v1::Status>> {
        if (const auto* refusal =
                problem_in(event, {v1::Problem::RECOVERY_REFUSED, v1::Problem::SERVER_IDENTITY_CHANGED})) {
          return err(Failure{ExitCode::refused, refusal->detail()});
        }
        if (!client.core.self()->ready() || !is_kept(client)) return std::nullopt;
        return status_record(client.database(), *client.core.self());
      },
      .deadline = kRecoveryPatience};
}

CommandResult<v1::SharesRequest> read(const std::string& armored) {
  const auto summary = summarize_recovery_request(armored);
  if (!summary) return err(failure_of(summary.error()));
  v1::SharesRequest out;
  out.set_request(armored);
  out.set_handle(summary->handle);
  out.set_fingerprint(summary->fingerprint);
  return out;
}

}  // namespace

CommandResult<v1::RecoveryStatus> recovery_status(Client& client, const v1::Nothing&) {
  SOTTO_CHECK_OK(registered(client.core));
  return read_in(client, [&](const Self&) { return status_now(client); });
}

CommandResult<v1::RecoveryKey> make_recovery_key(Client& client, const v1::Nothing&) {
  SOTTO_CHECK_OK(registered(client.core));
  v1::RecoveryKey key;
  key.set_key(recovery::seed_text(crypto::random_secret<RecoverySeed>(client.random)));
  return key;
}

CommandResult<Wait<v1::RecoveryStatus>> confirm_recovery_key(Client& client, const v1::RecoveryKey& request) {
  SOTTO_CHECK_OK(registered(client.core));
  SOTTO_TRY(const auto seed, seed_of(request.key()));
  return kept_after(client, [seed](Work& work) { return set_up_recovery(work, *seed); });
}

CommandResult<Wait<v1::RecoveryStatus>> drill_recovery_key(Client& client, const v1::RecoveryKey& request) {
  SOTTO_CHECK_OK(registered(client.core));
  SOTTO_TRY(const auto seed, seed_of(request.key()));
  return Wait<v1::RecoveryStatus>{.look = [&client, seed, asked = false](const v1::Event* event) mutable
                                      -> std::optional<CommandResult<v1::RecoveryStatus>> {
    if (asked && event != nullptr && event->has_recovery()) {
      if (event->recovery().stage() == v1::RecoveryProgress::SLOT_OPENED) return status_now(client);
      return err(Failure{ExitCode::refused, event->recovery().detail()});
    }
    if (asked || event != nullptr || !client.core.settled()) return std::nullopt;
    asked = true;
    const auto done = run_in(client, [&](Work& work) { return client::drill_recovery_key(work, *seed); });
    if (!done) return err(done.error());
    return std::nullopt;
  }};
}

CommandResult<Wait<v1::RecoveryStatus>> remove_recovery(Client& client, const v1::Nothing&) {
  SOTTO_CHECK_OK(registered(client.core));
  return kept_after(client, client::remove_recovery);
}

CommandResult<Wait<v1::RecoveryStatus>> set_recovery_contacts(Client& client,
                                                              const v1::RecoveryContactsRequest& request) {
  SOTTO_TRY(const auto seed, seed_of(request.key()));
  SOTTO_TRY(auto known, until_known(client, {request.contacts().begin(), request.contacts().end()}));
  auto kept = kept_after(client, [seed, request](Work& work) {
    const std::vector<std::string> handles(request.contacts().begin(), request.contacts().end());
    return client::set_recovery_contacts(
        work, *seed,
        {.handles = handles, .threshold = request.threshold(), .delay = seconds(request.delay_s())});
  });
  return Wait<v1::RecoveryStatus>{
      .look = [known = std::move(known.look), kept = std::move(kept.look), there = false](
                  const v1::Event* event) mutable -> std::optional<CommandResult<v1::RecoveryStatus>> {
        if (!there) {
          const auto answer = known(event);
          if (!answer) return std::nullopt;
          if (!*answer) return err(answer->error());
          there = true;
        }
        return kept(event);
      },
      .late = std::move(kept.late)};
}

CommandResult<v1::RecoveryStatus> drill_recovery_contacts(Client& client, const v1::Nothing&) {
  SOTTO_CHECK_OK(run_in(client, [](Work& work) { return client::drill_recovery_contacts(work); }));
  return status_now(client);
}

CommandResult<Wait<v1::Status>> recover(Client& client, const v1::RecoverRequest& request) {
  if (request.shares().empty()) {
    SOTTO_TRY(const RecoverySeed seed, read_seed(request.key()));
    return recover_with(client, request, seed);
  }
  if (!request.key().empty()) {
    return err(Failure{ExitCode::usage, "the account comes back with its key or with shares, not with both"});
  }
  const std::vector<std::string> shares(request.shares().begin(), request.shares().end());
  return begin(client, request,
               [&](Work& work, const RecoveryWish& wish) { return recover_with_shares(work, wish, shares); });
}

CommandResult<Wait<v1::Status>> recover_with(Client& client, const v1::RecoverRequest& request,
                                             const RecoverySeed& seed) {
  return begin(client, request,
               [&](Work& work, const RecoveryWish& wish) { return recover_with_key(work, wish, seed); });
}

CommandResult<v1::SharesRequest> ask_for_shares(Client& client, const v1::RecoverRequest& request) {
  SOTTO_CHECK_OK(set_up_device(client, request.server(), request.pin(), request.device_name()));
  SOTTO_TRY(const std::string armored, run_on_new_device(client, [&](Work& work) {
              return make_recovery_request(work, request.handle());
            }));
  return read(armored);
}

CommandResult<v1::SharesRequest> read_shares_request(Client& /*client*/, const v1::SharesRequest& request) {
  return read(request.request());
}

CommandResult<Wait<v1::ReleasedShare>> release_share(Client& client, const v1::SharesRequest& request) {
  SOTTO_TRY(const auto asked, read(request.request()));
  SOTTO_TRY(auto known, until_known(client, {asked.handle()}));
  return Wait<v1::ReleasedShare>{
      .look = [&client, known = std::move(known.look), armored = asked.request()](
                  const v1::Event* event) -> std::optional<CommandResult<v1::ReleasedShare>> {
        const auto answer = known(event);
        if (!answer) return std::nullopt;
        if (!*answer) return err(answer->error());
        // A refusal of the owner's may be among what waits.
        if (event != nullptr || !client.core.settled()) return std::nullopt;
        const auto release = run_in(client, [&](Work& work) { return client::release_share(work, armored); });
        if (!release) return err(release.error());
        v1::ReleasedShare out;
        out.set_share(release->armored.value_or(""));
        out.set_not_before_ms(release->not_before.value);
        return out;
      }};
}

CommandResult<Wait<v1::RecoveryStatus>> refuse_recovery(Client& client, const v1::Nothing& /*request*/) {
  SOTTO_CHECK_OK(registered(client.core));
  return done_after(
      client,
      [](Work& work) -> RecoveryOutcome<void> {
        SOTTO_CHECK_OK(veto_recovery(work));
        return {};
      },
      [](Client& at) { return at.core.settled(); });
}

}  // namespace sotto::client::api
