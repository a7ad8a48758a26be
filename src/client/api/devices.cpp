#include "client/api/devices.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/api/server_address.h"
#include "client/conversations/records.h"
#include "client/devices/manage.h"
#include "client/devices/own_devices.h"
#include "identity/account_password.h"

namespace sotto::client::api {
namespace {

/// Somebody goes to the other device and types; a run lasts twelve minutes at most (docs/specs/linking.md 4,
/// 8).
constexpr DurationMs kLongestRun = minutes(14);

v1::DeviceList devices_now(Client& client) {
  v1::DeviceList list;
  for (auto& device : device_records(client.database(), *client.core.self())) {
    *list.add_devices() = std::move(device);
  }
  return list;
}

std::optional<v1::Device> device_now(Client& client, const identity::DeviceId& id) {
  for (auto& device : device_records(client.database(), *client.core.self())) {
    if (device.device() == to_hex(id.view())) return std::move(device);
  }
  return std::nullopt;
}

bool has_left(const Client& client) { return client.core.self()->stage == v1::Status::REMOVED; }

using Change = std::function<Result<identity::DeviceId, DeviceError>(Work&)>;
/// Whether the newest list of devices shows what was asked for.
using Done = std::function<bool()>;

/// How far a change of the list of devices is.
struct ListChange {
  Change change;
  Done done;
  bool made = false;
};

std::optional<CommandResult<v1::DeviceList>> go_on(Client& client, ListChange& it) {
  if (it.made && has_left(client)) return devices_now(client);
  if (!client.core.settled()) return std::nullopt;
  if (!it.made) {
    auto outcome = client.core.command(client.now(), it.change);
    if (!outcome) return err(failure_of(outcome.error()));
    client.perform(std::move(outcome->effects));
    it.made = outcome->value.has_value();
    if (!it.made && outcome->value.error() != DeviceError::publishing) {
      return err(failure_of(outcome->value.error()));
    }
    return std::nullopt;
  }
  if (it.done()) return devices_now(client);
  if (pending_manifest(client.database())) return std::nullopt;
  return err(
      Failure{ExitCode::refused, "the server refuses the change of the device list; nothing was changed"});
}

/// Asks for the change until it can be asked for, and waits until it is published.
Wait<v1::DeviceList> published(Client& client, Change change, Done done) {
  const auto it =
      std::make_shared<ListChange>(ListChange{.change = std::move(change), .done = std::move(done)});
  return {.look = [&client, it](const v1::Event* event) -> std::optional<CommandResult<v1::DeviceList>> {
            if (event != nullptr) return std::nullopt;
            return go_on(client, *it);
          },
          .late = [&client, it]() -> CommandResult<v1::DeviceList> {
            return err(
                not_answered(client, it->made ? "the change is kept and made with the next connection" : ""));
          }};
}

CommandResult<identity::DeviceId> device_called(Client& client, const std::string& which) {
  SOTTO_TRY(const Self* self, registered(client.core));
  const auto known = find_own_device(client.database(), *self, which);
  if (!known) return err(failure_of(known.error()));
  return *known;
}

/// What the server asks for before it lets a new device see the account's offer.
struct PasswordAnswer {
  crypto::SecretBytes password;
  bool begun = false;
  bool over = false;
  std::optional<identity::Authenticator> authenticator;
  std::optional<Failure> failure;
};

CommandResult<void> answer_challenge(Client& client, const std::shared_ptr<PasswordAnswer>& answer) {
  if (answer->over) {
    if (answer->failure) return err(*answer->failure);
    if (!answer->authenticator) return {};
    auto sent = client.core.sign_in(*answer->authenticator, client.now());
    answer->authenticator.reset();
    if (!sent) return err(failure_of(sent.error()));
    client.perform(std::move(sent->effects));
    return {};
  }
  const PasswordChallenge* challenge = client.core.password_challenge();
  if (challenge == nullptr || answer->begun) return {};
  answer->begun = true;
  client.offload(
      [answer, asked = *challenge] {
        const auto stretched =
            identity::derive_authenticator(answer->password, asked.salt, asked.cost, asked.server_name);
        if (stretched) {
          answer->authenticator = *stretched;
        } else {
          answer->failure = Failure{ExitCode::refused, std::string(identity::describe(stretched.error()))};
        }
      },
      [answer] { answer->over = true; });
  return {};
}

CommandResult<void> begin_link(Client& client, const v1::LinkRequest& request) {
  if (request.handle().empty() == request.qr().empty()) {
    return err(Failure{ExitCode::usage, "give the account's name, or the text of a QR code"});
  }
  SOTTO_CHECK_OK(set_up_device(client, request.server(), request.pin(), request.device_name()));
  const UnixMs now = client.now();
  auto begun = request.qr().empty() ? client.core.join_by_code(request.handle(), request.code(), now)
                                    : client.core.join_by_qr(request.qr(), now);
  if (!begun) return err(failure_of(begun.error()));
  client.perform(std::move(begun->effects));
  if (!begun->value) return err(failure_of(begun->value.error()));
  return {};
}

}  // namespace

CommandResult<void> set_up_device(Client& client, const std::string& server, const std::string& pin,
                                  const std::string& name) {
  SOTTO_TRY(const ServerRecord address, parse_server(server, pin));
  const auto set_up = client.core.set_up_device(name.empty() ? host_name() : name, address, client.now());
  if (!set_up) return err(failure_of(set_up.error()));
  if (!*set_up) return err(failure_of(set_up->error()));
  return {};
}

CommandResult<v1::DeviceList> list_devices(Client& client, const v1::Nothing&) {
  return read_in(client, [&](const Self&) { return devices_now(client); });
}

CommandResult<Wait<v1::DeviceList>> rename_device(Client& client, const v1::DeviceRequest& request) {
  SOTTO_TRY(const auto device, device_called(client, request.device()));
  return published(
      client,
      [device, name = request.name()](Work& work) {
        return client::rename_device(work, to_hex(device.view()), name);
      },
      [&client, device, name = request.name()] {
        const auto shown = device_now(client, device);
        return shown && shown->name() == name;
      });
}

CommandResult<Wait<v1::DeviceList>> remove_device(Client& client, const v1::DeviceRequest& request) {
  SOTTO_TRY(const auto device, device_called(client, request.device()));
  return published(
      client, [device](Work& work) { return client::remove_device(work, to_hex(device.view())); },
      [&client, device] { return !device_now(client, device); });
}

CommandResult<Wait<v1::LinkProgress>> offer_link(Client& client, const v1::OfferLinkRequest& request) {
  SOTTO_CHECK_OK(registered(client.core));
  const auto kind = request.qr() ? OfferKind::qr : OfferKind::code;
  return Wait<v1::LinkProgress>{.look = [&client, kind, offered = false](const v1::Event* event) mutable
                                    -> std::optional<CommandResult<v1::LinkProgress>> {
    if (offered && event != nullptr && event->has_link()) return event->link();
    if (offered || event != nullptr || !client.core.settled()) return std::nullopt;
    offered = true;
    auto outcome = client.core.offer_link(kind, client.now());
    if (!outcome) return err(failure_of(outcome.error()));
    client.perform(std::move(outcome->effects));
    if (!outcome->value) return err(failure_of(outcome->value.error()));
    return std::nullopt;
  }};
}

CommandResult<v1::Nothing> withdraw_link(Client& client, const v1::Nothing&) {
  SOTTO_CHECK_OK(registered(client.core));
  auto outcome = client.core.withdraw_offer(client.now());
  if (!outcome) return err(failure_of(outcome.error()));
  client.perform(std::move(outcome->effects));
  return v1::Nothing();
}

CommandResult<Wait<v1::LinkProgress>> link(Client& client, const v1::LinkRequest& request) {
  return link_with(client, request, crypto::SecretBytes::copy_of(as_bytes(request.password())));
}

CommandResult<Wait<v1::LinkProgress>> link_with(Client& client, const v1::LinkRequest& request,
                                                crypto::SecretBytes password) {
  SOTTO_CHECK_OK(begin_link(client, request));
  const auto answer = std::make_shared<PasswordAnswer>(PasswordAnswer{.password = std::move(password)});
  client.reconnect();
  return Wait<v1::LinkProgress>{
      .look = [&client, answer, last = v1::LinkProgress()](
                  const v1::Event* event) mutable -> std::optional<CommandResult<v1::LinkProgress>> {
        if (event != nullptr && event->has_link()) last = event->link();
        if (last.stage() == v1::LinkProgress::FAILED) return err(Failure{ExitCode::refused, last.failure()});
        if (const auto* refusal = problem_in(event, {v1::Problem::SIGN_IN_REFUSED, v1::Problem::LINK_FAILED,
                                                     v1::Problem::SERVER_IDENTITY_CHANGED})) {
          return err(Failure{ExitCode::refused, refusal->detail()});
        }
        if (event != nullptr) return std::nullopt;
        if (const auto answered = answer_challenge(client, answer); !answered) return err(answered.error());
        if (client.core.self()->ready() && client.core.settled()) {
          last.set_stage(v1::LinkProgress::LINKED);
          return last;
        }
        return std::nullopt;
      },
      .deadline = kLongestRun};
}

}  // namespace sotto::client::api
