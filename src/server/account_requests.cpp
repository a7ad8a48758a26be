// The half of Core that asks the directory: registration, handles, manifests, prekeys, status.
#include <utility>

#include "identity/handle.h"
#include "server/core.h"
#include "wire/decode.h"

namespace sotto::server {

template <typename T, typename Fill>
directory::Reply<T> Core::reply_to(const Request& request, Fill fill) {
  return [this, request, fill = std::move(fill)](directory::DirectoryResult<T> result) mutable {
    const Connection* connection = finish(request);
    if (connection == nullptr) return;
    if (!result) return refuse(*connection, request.id, result.error());
    v1::ServerFrame frame;
    frame.set_request_id(request.id);
    fill(std::move(*result), frame);
    send(*connection, frame);
  };
}

void Core::register_account(Connection& connection, const v1::ClientFrame& frame) {
  if (!connection.greeting) return malformed(connection, frame.request_id(), "say hello first");
  const DurationMs wait = addresses_.register_account(connection.address_group, now_);
  if (wait != DurationMs{}) {
    return refuse(connection, frame.request_id(), v1::Error::RATE_LIMITED, "too many registrations", wait);
  }
  const v1::Register& request = frame.register_();
  const auto account = AccountId::from(wire::octets(request.account()));
  const auto handle = identity::Handle::username(request.handle());
  if (!account) return malformed(connection, frame.request_id(), "ids are 16 octets");
  if (!handle) {
    return refuse(connection, frame.request_id(), v1::Error::HANDLE_INVALID, describe(handle.error()));
  }
  const Request owed = begin(connection, frame);
  registrar_.authorise(*account, handle->text(), request.invite(), now_,
                       [this, owed, request](accounts::AccountsResult<void> may) {
                         if (may) return create_account(owed, request);
                         if (const Connection* asker = finish(owed)) refuse(*asker, owed.id, may.error());
                       });
}

void Core::create_account(const Request& owed, const v1::Register& request) {
  directory_.register_account(
      request, now_, reply_to<v1::Registered>(owed, [](v1::Registered registered, v1::ServerFrame& out) {
        *out.mutable_registered() = std::move(registered);
      }));
}

void Core::fetch_manifests(Connection& connection, const v1::ClientFrame& frame, const AccountId& asker) {
  auto reply = reply_to<v1::Manifests>(
      begin(connection, frame),
      [](v1::Manifests manifests, v1::ServerFrame& out) { *out.mutable_manifests() = std::move(manifests); });
  reply(directory_.fetch_manifests(asker, frame.fetch_manifests(), now_));
}

void Core::publish_manifest(Connection& connection, const v1::ClientFrame& frame, const AccountId& account) {
  auto answer = reply_to<directory::Published>(
      begin(connection, frame), [](const directory::Published& published, v1::ServerFrame& out) {
        out.mutable_manifest_published()->set_version(published.version);
      });
  // What follows from the new manifest happens even if the publishing connection is gone by then.
  directory_.publish_manifest(account, frame.publish_manifest(), now_,
                              [this, account, answer = std::move(answer)](
                                  directory::DirectoryResult<directory::Published> result) mutable {
                                answer(result);
                                if (result) manifest_changed(account, *result);
                              });
}

void Core::manifest_changed(const AccountId& account, const directory::Published& published) {
  for (const DeviceId& device : published.removed) revoke({account, device});
  v1::ServerFrame frame;
  frame.mutable_manifest_changed()->set_account(wire::field(account.view()));
  frame.mutable_manifest_changed()->set_version(published.version);
  for (const ConnectionId id : connections_.of_account(account)) send(*connections_.find(id), frame);
}

void Core::revoke(const DeviceAddress& device) {
  if (Connection* connection = connections_.find(device)) {
    ++counts_.connections_revoked;
    goodbye(*connection, v1::Goodbye::REVOKED, {});
    drop(*connection, transport::CloseCode::policy_violation);
  }
  if (!relay_.remove(device)) {
    // Nobody can read it any more; its age removes it.
    logger_.warning("mailbox_not_removed", {log::field("device", device.device)});
  }
}

void Core::upload_prekeys(Connection& connection, const v1::ClientFrame& frame) {
  directory_.upload_prekeys(
      *connection.device, frame.upload_prekeys(), now_,
      reply_to<v1::PrekeysUploaded>(begin(connection, frame),
                                    [](const v1::PrekeysUploaded& uploaded, v1::ServerFrame& out) {
                                      *out.mutable_prekeys_uploaded() = uploaded;
                                    }));
}

void Core::fetch_bundles(Connection& connection, const v1::ClientFrame& frame) {
  const auto owner = AccountId::from(wire::octets(frame.fetch_bundles().account()));
  directory_.fetch_bundles(
      connection.device->account, frame.fetch_bundles(), now_,
      reply_to<directory::Fetched>(begin(connection, frame),
                                   [this, owner](directory::Fetched fetched, v1::ServerFrame& out) {
                                     *out.mutable_bundles() = std::move(fetched.bundles);
                                     for (const auto& left : fetched.left)
                                       prekeys_taken({*owner, left.device}, left.remaining);
                                   }));
}

void Core::prekeys_taken(const DeviceAddress& device, std::uint32_t remaining) {
  const Connection* connection = connections_.find(device);
  if (connection == nullptr || remaining >= kPrekeysLow) return;
  v1::ServerFrame frame;
  frame.mutable_prekeys_low()->set_remaining(remaining);
  send(*connection, frame);
}

accounts::AccountsResult<void> Core::send_code(const AccountId& account, const identity::Handle& handle) {
  const bool by_sms = handle.kind() == identity::HandleKind::phone && !options_.sms.numbers.empty();
  if (by_sms) {
    if (const auto may = text_messages_.charge_code(handle.text(), now_); !may) {
      const bool never = may.error() == gateway::SmsError::unreachable;
      return err(never ? accounts::AccountsError::unprovable : accounts::AccountsError::too_many_codes);
    }
  }
  SOTTO_TRY(const std::string code, handle_proofs_.issue(account, handle.text(), now_));
  const CodeSending sending = effects_.send_code(handle, code);
  if (sending == CodeSending::queued) return {};
  handle_proofs_.withdraw(account, handle.text());
  return err(sending == CodeSending::unsupported ? accounts::AccountsError::unprovable
                                                 : accounts::AccountsError::overloaded);
}

void Core::manage_handle(Connection& connection, const v1::ClientFrame& frame) {
  const v1::ManageHandle& request = frame.manage_handle();
  const AccountId& account = connection.device->account;
  const auto handle = identity::Handle::parse(request.has_prove() ? request.prove().handle() : request.add());
  const bool to_prove = handle && handle->kind() != identity::HandleKind::username;
  if (request.has_add() && to_prove) {
    // Who has the handle is said to nobody who has not proved it.
    if (const auto sent = send_code(account, *handle); !sent) {
      return refuse(connection, frame.request_id(), sent.error());
    }
    v1::ServerFrame answer;
    answer.set_request_id(frame.request_id());
    answer.mutable_handle_managed()->set_code_sent_to(handle->text());
    return send(connection, answer);
  }
  if (!request.has_prove()) return change_handle(connection, frame, request);
  if (!handle) {
    return refuse(connection, frame.request_id(), v1::Error::HANDLE_INVALID, describe(handle.error()));
  }
  if (const auto proved = handle_proofs_.redeem(account, handle->text(), request.prove().code(), now_);
      !proved) {
    return refuse(connection, frame.request_id(), proved.error());
  }
  v1::ManageHandle add;
  add.set_add(handle->text());
  change_handle(connection, frame, add);
}

void Core::change_handle(Connection& connection, const v1::ClientFrame& frame,
                         const v1::ManageHandle& change) {
  directory_.manage_handle(connection.device->account, change, now_,
                           reply_to<v1::HandleManaged>(begin(connection, frame),
                                                       [](v1::HandleManaged managed, v1::ServerFrame& out) {
                                                         *out.mutable_handle_managed() = std::move(managed);
                                                       }));
}

void Core::account_status(Connection& connection, const v1::ClientFrame& frame) {
  auto reply = reply_to<v1::AccountStatus>(begin(connection, frame),
                                           [](v1::AccountStatus status, v1::ServerFrame& out) {
                                             *out.mutable_account_status() = std::move(status);
                                           });
  reply(status_of(connection.device->account));
}

void Core::report_account(Connection& connection, const v1::ClientFrame& frame) {
  const auto reported = AccountId::from(wire::octets(frame.report_account().account()));
  if (!reported) return malformed(connection, frame.request_id(), "ids are 16 octets");
  if (const auto known = directory_.account_status(*reported); !known) {
    return refuse(connection, frame.request_id(), known.error());
  }
  const Request owed = begin(connection, frame);
  reports_.file(connection.device->account, frame.report_account(), now_,
                [this, owed](accounts::AccountsResult<void> filed) {
                  const Connection* asker = finish(owed);
                  if (asker == nullptr) return;
                  if (!filed) return refuse(*asker, owed.id, filed.error());
                  done(*asker, owed.id);
                });
}

std::vector<std::string> Core::handles_of(const AccountId& account) {
  const auto status = directory_.account_status(account);
  if (!status) return {};
  return {status->handles().begin(), status->handles().end()};
}

directory::DirectoryResult<v1::AccountStatus> Core::status_of(const AccountId& account) {
  SOTTO_TRY(v1::AccountStatus report, directory_.account_status(account));
  SOTTO_TRY(const directory::CurrentManifestPtr manifest, directory_.current_manifest(account));
  for (const DeviceId& device : manifest->devices) {
    const auto status = relay_.status({account, device});
    if (!status)
      return err(directory::Failure{directory::DirectoryError::storage_unavailable, relay::kRetryStorage});
    v1::MailboxStatus& mailbox = *report.add_mailboxes();
    mailbox.set_device(wire::field(device.view()));
    mailbox.set_envelopes(status->envelopes);
    mailbox.set_bytes(status->octets);
    mailbox.set_oldest_ms(status->oldest.value);
  }
  for (v1::SmsRoute& route : text_messages_.routes_of(account)) *report.add_sms_routes() = std::move(route);
  return report;
}

directory::DirectoryResult<AccountHoldings> Core::holdings(const std::string& handle, UnixMs now) {
  now_ = now;
  if (!log_->ready()) return err(directory::failure_of(transparency_log::LogError::not_ready));
  SOTTO_TRY(const directory::Directory::Holder holder, directory_.holder_of(handle, now));
  AccountHoldings holdings;
  holdings.account = holder.account;
  holdings.handle_given_up = holder.given_up;
  holdings.retired = holder.retired;
  SOTTO_TRY(holdings.status, status_of(holdings.account));
  SOTTO_TRY(const directory::CurrentManifestPtr manifest, directory_.current_manifest(holdings.account));
  holdings.manifest_version = manifest->version;
  for (const DeviceId& device : manifest->devices) {
    SOTTO_TRY(const std::uint32_t left, directory_.prekeys_remaining({holdings.account, device}));
    holdings.prekeys.push_back(left);
  }
  auto recovery = recovery_slots_.list(holdings.account);
  if (!recovery) {
    return err(directory::Failure{directory::DirectoryError::storage_unavailable, relay::kRetryStorage});
  }
  holdings.recovery = *std::move(recovery);
  const auto kept = blobs_.sum(holdings.account);
  if (!kept || !add_sign_in(holdings)) {
    return err(directory::Failure{directory::DirectoryError::storage_unavailable, relay::kRetryStorage});
  }
  holdings.blobs = *kept;
  SOTTO_TRY(holdings.first_contacts, directory_.first_contacts(holdings.account, now));
  return holdings;
}

void Core::create_invite(const accounts::NewInvite& invite, UnixMs now, accounts::Reply<std::string> reply) {
  registrar_.create_invite(invite, now, std::move(reply));
}

void Core::revoke_invite(const std::string& token, accounts::Reply<void> reply) {
  registrar_.revoke_invite(token, std::move(reply));
}

}  // namespace sotto::server
