// The half of Core that asks the directory: registration, handles, manifests, prekeys, status.
#include <utility>

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
  if (options_.registration == Registration::closed) {
    return refuse(connection, frame.request_id(), v1::Error::REGISTRATION_CLOSED,
                  "this server takes no registrations");
  }
  directory_.register_account(
      frame.register_(), now_,
      reply_to<v1::Registered>(begin(connection, frame), [](v1::Registered registered, v1::ServerFrame& out) {
        *out.mutable_registered() = std::move(registered);
      }));
}

void Core::resolve_handle(Connection& connection, const v1::ClientFrame& frame) {
  auto reply = reply_to<v1::HandleResolved>(begin(connection, frame),
                                            [](v1::HandleResolved resolved, v1::ServerFrame& out) {
                                              *out.mutable_handle_resolved() = std::move(resolved);
                                            });
  reply(directory_.resolve_handle(connection.device->account, frame.resolve_handle(), now_));
}

void Core::fetch_manifests(Connection& connection, const v1::ClientFrame& frame) {
  auto reply = reply_to<v1::Manifests>(
      begin(connection, frame),
      [](v1::Manifests manifests, v1::ServerFrame& out) { *out.mutable_manifests() = std::move(manifests); });
  reply(directory_.fetch_manifests(connection.device->account, frame.fetch_manifests(), now_));
}

void Core::publish_manifest(Connection& connection, const v1::ClientFrame& frame) {
  const AccountId account = connection.device->account;
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

void Core::manage_handle(Connection& connection, const v1::ClientFrame& frame) {
  directory_.manage_handle(connection.device->account, frame.manage_handle(), now_,
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
  reply(account_report(connection.device->account));
}

directory::DirectoryResult<v1::AccountStatus> Core::account_report(const AccountId& account) {
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
  return report;
}

}  // namespace sotto::server
