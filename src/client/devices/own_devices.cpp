#include "client/devices/own_devices.h"

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/inbox/held.h"
#include "client/outbox/queue.h"
#include "client/recovery/alarms.h"
#include "client/recovery/setup.h"
#include "identity/author.h"
#include "identity/wire_form.h"

namespace sotto::client {
namespace {

const RequestKey kPublishKey{RequestKind::publish, {}};
/// Manifests live 35 days; renewing with two weeks left survives a fortnight without any device online.
constexpr DurationMs kRenewBefore = days(14);
/// Names told to a new device; the conversations most recently added come first.
constexpr int kMaxSharedNames = 1000;

void renew_if_due(Work& work) {
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own || own->manifest().expires > work.now + kRenewBefore || !own->find(work.self.device.id)) return;
  publish(work, identity::draft_successor(*own, work.self.device.id, work.now));
}

void share_all_names(Work& work, const identity::DeviceId& device) {
  std::vector<std::pair<identity::AccountId, std::string>> names;
  {
    store::Rows rows = work.db.query(
        "SELECT account, handle FROM contact WHERE account IS NOT NULL AND handle IS NOT NULL ORDER BY id "
        "DESC LIMIT ?1",
        kMaxSharedNames);
    while (rows.next()) names.emplace_back(rows.id<identity::AccountId>(0), rows.text(1));
  }
  for (const auto& [account, handle] : names) share_contact_name(work, account, handle, device);
}

}  // namespace

void publish(Work& work, const identity::Manifest& draft) {
  const auto signed_manifest =
      identity::sign_manifest(draft, *work.self.account, work.self.device, work.random);
  work.db.run("INSERT OR REPLACE INTO pending_manifest (id, octets) VALUES (1, ?1)",
              identity::encode(signed_manifest));
}

std::optional<identity::SignedManifest> pending_manifest(store::Database& database) {
  store::Rows rows = database.query("SELECT octets FROM pending_manifest");
  if (!rows.next()) return std::nullopt;
  auto pending = identity::parse_signed_manifest(rows.octets(0));
  if (!pending) {
    database.report_damage();
    return std::nullopt;
  }
  return *std::move(pending);
}

void keep_manifest(Work& work) {
  if (!work.self.manifest_confirmed || !work.link.may(kPublishKey, work.now)) return;
  if (!pending_manifest(work.db)) renew_if_due(work);
  const auto pending = pending_manifest(work.db);
  if (!pending) return;
  v1::ClientFrame frame;
  identity::to_wire(*pending, *frame.mutable_publish_manifest()->mutable_manifest());
  work.link.send(work.effects, frame, {.key = kPublishKey});
}

void on_manifest_published(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  const auto pending = pending_manifest(work.db);
  const auto before = load_manifest(work.db, work.self.account_id());
  work.db.run("DELETE FROM pending_manifest");
  if (!pending || !before) return;
  auto verified = identity::verify_successor(*before, *pending);
  if (!verified) {
    // Another device published in between and the server took ours all the same, or answered out of turn:
    // look.
    mark_stale(work.db, work.self.account_id());
    return;
  }
  save_manifest(work, *verified);
  on_own_manifest(work, before, *verified);
}

void on_publish_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.code() == v1::Error::MANIFEST_REJECTED) {
    work.db.run("DELETE FROM pending_manifest");
    mark_stale(work.db, work.self.account_id());
    report_problem(
        work, v1::Problem::MANIFEST_REFUSED,
        "the server refused the new device list, most likely because another device changed it; try again",
        error.detail());
  }
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
}

void on_own_manifest(Work& work, const std::optional<identity::VerifiedManifest>& before,
                     const identity::VerifiedManifest& newest) {
  if (!work.self.manifest_confirmed) {
    work.self.manifest_confirmed = true;
    save_self(work.db, work.self);
  }
  if (newest.find(work.self.device.id) == nullptr) {
    report_problem(
        work, v1::Problem::DEVICE_REVOKED,
        "this device was removed from the account by another one; it can neither send nor receive");
  }
  process_held(work, newest.account());
  if (!before || before->version() == newest.version()) return;
  note_recovery_in_manifest(work, *before, newest);
  const auto changes = identity::diff(before->manifest(), newest.manifest());
  auto* event = work.effects.events.emplace_back().mutable_own_devices();
  event->set_version(newest.version());
  for (const auto& device : changes.added) {
    event->add_added(to_hex(device.view()));
    if (device == work.self.device.id) continue;
    share_all_names(work, device);
    share_recovery_setup(work, device);
  }
  for (const auto& device : changes.removed) event->add_removed(to_hex(device.view()));
}

void share_contact_name(Work& work, const identity::AccountId& account, std::string_view handle,
                        std::optional<identity::DeviceId> only) {
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own || own->manifest().devices.size() < 2) return;
  v1::Content content;
  auto* name = content.mutable_sync()->mutable_contact_name();
  name->set_account(std::string(as_chars(account.view())));
  name->set_handle(std::string(handle));
  const auto authored =
      author_content(work, work.self.account_id(), content, work.random.array<16>(), work.now);
  queue_content(work, {.account = work.self.account_id(), .device = only}, authored);
}

}  // namespace sotto::client
