#include "client/api/account.h"

#include "bytes/hex.h"
#include "client/accounts/retire.h"
#include "client/api/server_address.h"
#include "client/conversations/records.h"
#include "client/devices/manage.h"
#include "client/notices/notices.h"
#include "client/outbox/queue.h"
#include "client/sms/texts.h"
#include "identity/account_password.h"
#include "identity/handle.h"

namespace sotto::client::api {
namespace {

/// What was written before goes out first.
constexpr DurationMs kFarewell = minutes(1);

v1::Status status_now(Client& client) {
  auto status = status_record(client.database(), *client.core.self());
  add_sent_lately(client.database(), client.now(), status);
  return status;
}

/// What the server said no to, in words that say what to do.
Failure explain_refusal(const v1::Problem& problem, const std::string& username) {
  if (problem.detail() == v1::Error::Code_Name(v1::Error::HANDLE_TAKEN)) {
    return {ExitCode::refused,
            "the name " + username + " is taken on this server; run the command with another one"};
  }
  if (problem.detail() == v1::Error::Code_Name(v1::Error::REGISTRATION_CLOSED)) {
    return {ExitCode::refused,
            "this server takes no registrations without an invitation; ask its operator for one"};
  }
  if (problem.detail() == v1::Error::Code_Name(v1::Error::INVITE_INVALID)) {
    return {ExitCode::refused,
            "the invitation is not valid, or was used up; ask the server's operator for another"};
  }
  if (problem.code() != v1::Problem::REGISTRATION_REFUSED) return {ExitCode::refused, problem.detail()};
  return {ExitCode::refused,
          "the server refused the registration: " + problem.detail() + " " + problem.subject()};
}

using Ask = std::function<StoreResult<Outcome<bool>>(Core&, UnixMs)>;

/// Asks once this device is signed in, and until it was asked. Errors: those of the store.
CommandResult<bool> asked(Client& client, const Ask& ask) {
  if (!client.core.signed_in()) return false;
  auto outcome = ask(client.core, client.now());
  if (!outcome) return err(failure_of(outcome.error()));
  client.perform(std::move(outcome->effects));
  return outcome->value;
}

Wait<v1::OwnHandles> answer_about_handles(Client& client, Ask ask) {
  return {.look = [&client, ask = std::move(ask), done = false](
                      const v1::Event* event) mutable -> std::optional<CommandResult<v1::OwnHandles>> {
    if (done && event != nullptr && event->has_own_handles()) return event->own_handles();
    if (const auto* refusal = problem_in(event, {v1::Problem::HANDLE_REFUSED}); done && refusal != nullptr) {
      return err(Failure{ExitCode::refused, refusal->subject() + ": " + refusal->detail()});
    }
    if (done || event != nullptr) return std::nullopt;  // an event comes from inside of an input
    const auto now = asked(client, ask);
    if (!now) return err(now.error());
    done = *now;
    return std::nullopt;
  }};
}

CommandResult<Wait<v1::OwnHandles>> change_handle(Client& client, const std::string& handle,
                                                  const v1::ManageHandle& wish) {
  SOTTO_CHECK_OK(registered(client.core));
  if (!identity::Handle::parse(handle)) {
    return err(Failure{
        ExitCode::usage,
        "this is no handle: a user name of 2 to 32 letters, digits, dots, - and _, an e-mail address, "
        "or a telephone number that starts with + and the country"});
  }
  return answer_about_handles(client,
                              [wish](Core& core, UnixMs now) { return core.change_handle(wish, now); });
}

/// A password on its way: stretched where nothing waits for it, then told to the server.
struct Stretching {
  bool over = false;
  std::optional<Failure> failure;
  std::optional<NewPassword> password;
};

Wait<v1::Nothing> password_told(Client& client, std::shared_ptr<Stretching> stretching) {
  return {.look = [&client, stretching = std::move(stretching), done = false](
                      const v1::Event* event) mutable -> std::optional<CommandResult<v1::Nothing>> {
    if (stretching->over && stretching->failure) return err(*stretching->failure);
    if (const auto* refusal = problem_in(event, {v1::Problem::SIGN_IN_REFUSED}); done && refusal != nullptr) {
      return err(Failure{ExitCode::refused, "the server did not take the change: " + refusal->detail()});
    }
    if (done && client.core.password_changed()) return v1::Nothing();
    if (done || event != nullptr || !stretching->over) return std::nullopt;
    const auto now = asked(
        client, [&](Core& core, UnixMs time) { return core.change_password(stretching->password, time); });
    if (!now) return err(now.error());
    done = *now;
    return std::nullopt;
  }};
}

/// How far leaving is.
struct Leaving {
  v1::DeregisterRequest request;
  bool told = false;
  bool gone = false;  ///< the account ended before, as the server says

  [[nodiscard]] v1::Status::Stage goal() const {
    return request.account() ? v1::Status::RETIRED : v1::Status::REMOVED;
  }
};

CommandResult<void> tell_leaving(Client& client, const Leaving& leaving) {
  if (leaving.gone) return run_in(client, take_as_retired);
  if (leaving.request.account()) return run_in(client, [](Work& work) { return retire_account(work); });
  const auto removed =
      run_in(client, [](Work& work) { return remove_device(work, to_hex(work.self.device.id.view())); });
  if (!removed) return err(removed.error());
  return {};
}

std::optional<CommandResult<v1::Status>> go_on_leaving(Client& client, Leaving& leaving,
                                                       const v1::Event* event) {
  if (client.core.self()->stage == leaving.goal()) return status_now(client);
  if (const auto* refusal = problem_in(event, {v1::Problem::RETIREMENT_REFUSED})) {
    return err(Failure{ExitCode::refused, refusal->detail() + ": " + refusal->subject()});
  }
  const auto* gone = problem_in(event, {v1::Problem::ACCOUNT_GONE});
  if (gone != nullptr && gone->subject().empty()) leaving.gone = leaving.request.account();  // no contact's
  if (leaving.told || event != nullptr) return std::nullopt;
  const bool sent = leaving.request.abandon() || unsent(client.database()) == 0;
  if (!leaving.gone && !(sent && client.core.settled())) return std::nullopt;
  leaving.told = true;
  const auto told = tell_leaving(client, leaving);
  if (!told) return err(told.error());
  if (client.core.self()->stage == leaving.goal()) return status_now(client);
  return std::nullopt;
}

Failure late_leaving(const Client& client, const Leaving& leaving) {
  if (leaving.told) return not_answered(client, "it is done with the next connection");
  if (!client.core.settled()) return not_answered(client);
  return {ExitCode::queued,
          "messages wait that are not sent yet and that nobody would get any more; wait longer, or give them "
          "up (--abandon)"};
}

}  // namespace

CommandResult<Wait<v1::Status>> register_account(Client& client, const v1::RegisterRequest& request) {
  SOTTO_TRY(const ServerRecord server, parse_server(request.server(), request.pin()));
  const std::string device = request.device_name().empty() ? host_name() : request.device_name();
  const auto set_up =
      client.core.set_up_account(request.username(), request.invite(), device, server, client.now());
  if (!set_up) return err(failure_of(set_up.error()));
  if (!*set_up) return err(failure_of(set_up->error()));
  client.reconnect();
  return Wait<v1::Status>{.look = [&client, name = request.username()](
                                      const v1::Event* event) -> std::optional<CommandResult<v1::Status>> {
                            const auto* refusal = problem_in(event, {v1::Problem::REGISTRATION_REFUSED,
                                                                     v1::Problem::SERVER_IDENTITY_CHANGED,
                                                                     v1::Problem::UNSUPPORTED_SERVER});
                            if (refusal != nullptr) return err(explain_refusal(*refusal, name));
                            if (!client.core.settled()) return std::nullopt;
                            return status_now(client);
                          },
                          .late = [&client]() -> CommandResult<v1::Status> {
                            return err(not_answered(client, "your keys are kept, and asking again goes on"));
                          }};
}

CommandResult<v1::Status> account_status(Client& client, const v1::Nothing&) {
  if (client.core.self() == nullptr) SOTTO_CHECK_OK(registered(client.core));
  auto transaction = store::Transaction::begin_reading(client.database());
  if (!transaction) return err(failure_of(transaction.error()));
  auto status = status_now(client);
  const auto committed = transaction->commit();
  if (!committed) return err(failure_of(committed.error()));
  return status;
}

CommandResult<v1::NoticeList> list_notices(Client& client, const v1::Nothing& /*request*/) {
  return read_in(client, [&](const Self& /*self*/) {
    v1::NoticeList list;
    for (auto& notice : unseen_notices(client.database())) *list.add_notices() = std::move(notice);
    return list;
  });
}

CommandResult<v1::Nothing> dismiss_notice(Client& client, const v1::NoticeRequest& request) {
  client::dismiss_notice(client.database(), static_cast<NoticeId>(request.id()));
  if (const auto failure = client.database().take_failure()) return err(failure_of(*failure));
  return v1::Nothing();
}

CommandResult<Wait<v1::OwnHandles>> own_handles(Client& client, const v1::Nothing&) {
  SOTTO_CHECK_OK(registered(client.core));
  return answer_about_handles(client, [](Core& core, UnixMs now) { return core.own_handles(now); });
}

CommandResult<Wait<v1::OwnHandles>> add_handle(Client& client, const v1::HandleRequest& request) {
  v1::ManageHandle wish;
  wish.set_add(request.handle());
  return change_handle(client, request.handle(), wish);
}

CommandResult<Wait<v1::OwnHandles>> prove_handle(Client& client, const v1::HandleRequest& request) {
  v1::ManageHandle wish;
  wish.mutable_prove()->set_handle(request.handle());
  wish.mutable_prove()->set_code(request.code());
  return change_handle(client, request.handle(), wish);
}

CommandResult<Wait<v1::OwnHandles>> remove_handle(Client& client, const v1::HandleRequest& request) {
  v1::ManageHandle wish;
  wish.set_remove(request.handle());
  return change_handle(client, request.handle(), wish);
}

CommandResult<Wait<v1::Nothing>> set_password(Client& client, const v1::PasswordRequest& request) {
  return take_password(client, crypto::SecretBytes::copy_of(as_bytes(request.password())));
}

CommandResult<Wait<v1::Nothing>> take_password(Client& client, crypto::SecretBytes chosen) {
  SOTTO_TRY(const Self* self, registered(client.core));
  const auto password = std::make_shared<const crypto::SecretBytes>(std::move(chosen));
  if (const auto strong = identity::check_strength(*password, self->handle); !strong) {
    return err(Failure{ExitCode::usage, std::string(identity::describe(strong.error()))});
  }
  const auto server = load_server(client.database());
  const auto stretching = std::make_shared<Stretching>();
  stretching->password = NewPassword{.salt = client.random.array<16>(), .authenticator = {}};
  client.offload(
      [stretching, password, name = server ? server->name : std::string()] {
        const auto authenticator = identity::derive_authenticator(*password, stretching->password->salt,
                                                                  stretching->password->cost, name);
        if (authenticator) {
          stretching->password->authenticator = *authenticator;
        } else {
          stretching->failure =
              Failure{ExitCode::failed, std::string(identity::describe(authenticator.error()))};
        }
      },
      [stretching] { stretching->over = true; });
  return password_told(client, stretching);
}

CommandResult<Wait<v1::Nothing>> remove_password(Client& client, const v1::Nothing&) {
  SOTTO_CHECK_OK(registered(client.core));
  const auto none = std::make_shared<Stretching>();
  none->over = true;
  return password_told(client, none);
}

CommandResult<Wait<v1::Status>> deregister(Client& client, const v1::DeregisterRequest& request) {
  SOTTO_CHECK_OK(registered(client.core));
  const auto leaving = std::make_shared<Leaving>(Leaving{.request = request});
  return Wait<v1::Status>{
      .look = [&client, leaving](const v1::Event* event) { return go_on_leaving(client, *leaving, event); },
      .deadline = kFarewell,
      .late = [&client, leaving]() -> CommandResult<v1::Status> {
        return err(late_leaving(client, *leaving));
      }};
}

CommandResult<v1::SmsPermissionList> list_sms(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self&) {
    v1::SmsPermissionList list;
    for (auto& permission : sms_permissions(client.database())) {
      *list.add_permissions() = std::move(permission);
    }
    return list;
  });
}

CommandResult<v1::SmsPermission> allow_sms(Client& client, const v1::SmsRequest& request) {
  return run_in(client, [&](Work& work) { return set_sms_permission(work, request.number(), true); });
}

CommandResult<v1::SmsPermission> forbid_sms(Client& client, const v1::SmsRequest& request) {
  return run_in(client, [&](Work& work) { return set_sms_permission(work, request.number(), false); });
}

}  // namespace sotto::client::api
