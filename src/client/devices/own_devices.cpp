#include "client/devices/own_devices.h"

#include <algorithm>

#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/devices/aftermath.h"
#include "client/devices/own_changes.h"
#include "client/devices/sync_key.h"
#include "client/inbox/held.h"
#include "client/outbox/queue.h"
#include "client/sync/registers.h"
#include "crypto/hash.h"
#include "identity/author.h"
#include "identity/wire_form.h"

namespace sotto::client {
namespace {

const RequestKey kPublishKey{RequestKind::publish, {}};
/// Manifests live 35 days; renewing with two weeks left survives a fortnight without any device online.
constexpr DurationMs kRenewBefore = days(14);
/// Names told to a new device; the conversations most recently added come first.
constexpr int kMaxSharedNames = 1000;

void renew_if_due(Work& work, const identity::VerifiedManifest& own) {
  if (own.manifest().expires > work.now + kRenewBefore) return;
  publish(work, identity::draft_successor(own, work.self.device.id, work.now));
}

bool rotation_due(Work& work, const identity::VerifiedManifest& own) {
  store::Rows rows = work.db.query("SELECT rotation_due FROM profile");
  // Names under a key that is not here are another device's rotation.
  return rows.next() && rows.flag(0) && !key_is_behind(work.self, own);
}

/// Without anybody's wish: renewal, and a new sync key when a device left by itself.
void publish_what_is_due(Work& work) {
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own || !own->find(work.self.device.id)) return;
  if (rotation_due(work, *own)) {
    return publish(work, identity::draft_successor(*own, work.self.device.id, work.now), Rotation::always);
  }
  work.db.run("UPDATE profile SET rotation_due = 0 WHERE rotation_due > 0");
  renew_if_due(work, *own);
}

bool was_refused(store::Database& database) {
  store::Rows rows = database.query("SELECT refused FROM pending_manifest");
  return rows.next() && rows.flag(0);
}

std::optional<identity::SyncKey> pending_key(store::Database& database) {
  store::Rows rows = database.query("SELECT sync_key FROM pending_manifest");
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return rows.secret_array<identity::SyncKey>(0);
}

ByteArray<16> reference(const identity::SignedManifest& manifest) {
  return to_array<16>(ByteView(crypto::sha384(manifest.m)).first(16));
}

void drop_pending(Work& work) {
  work.db.run("DELETE FROM pending_manifest");
  work.db.run("DELETE FROM own_change");
}

/// The waiting manifest is, or was, the account's: its key counts.
void take_effect(Work& work, std::uint64_t version) {
  auto key = pending_key(work.db);
  drop_pending(work);
  if (key) use_published_key(work, *std::move(key), version);
}

/// Another device was first: what the waiting manifest was to change is changed on top of the newest one.
void build_anew(Work& work, const identity::VerifiedManifest& newest) {
  const auto changes = load_changes(work.db);
  drop_pending(work);
  auto draft = identity::draft_successor(newest, work.self.device.id, work.now);
  if (apply_changes(work, draft, changes)) publish(work, draft);
}

/// What becomes of a waiting manifest now that `newest` is known.
void settle_pending(Work& work, const identity::VerifiedManifest& newest) {
  const auto pending = pending_manifest(work.db);
  if (!pending) return;
  const auto waiting = identity::parse_manifest(pending->m);
  if (!waiting) return work.db.report_damage();
  if (reference(*pending) == newest.ref().hash) return take_effect(work, waiting->version);
  if (waiting->version > newest.version()) {
    if (!was_refused(work.db)) return;
    drop_pending(work);
    return report_problem(work, v1::Problem::MANIFEST_REFUSED,
                          "the server refuses this device's change of the device list; nothing was changed");
  }
  const auto key = pending_key(work.db);
  if (key && opens_names(newest, *key)) return take_effect(work, waiting->version);
  build_anew(work, newest);
}

}  // namespace

void publish(Work& work, const identity::Manifest& draft, Rotation rotation) {
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own) return;
  const auto changes = changes_between(work, own->manifest(), draft);
  save_changes(work, changes);
  // A device that removes itself must not know the next key: those that remain make it.
  const bool stays = draft.find(work.self.device.id) != nullptr;
  const bool removes =
      std::ranges::any_of(changes, [](const OwnChange& change) { return change.kind == ChangeKind::remove; });
  std::optional<identity::SyncKey> key;
  identity::Manifest out = draft;
  if (stays && (rotation == Rotation::always || removes || key_is_behind(work.self, *own))) {
    key = crypto::random_secret<identity::SyncKey>(work.random);
    seal_names(work, out, *key);
  }
  const auto signed_manifest =
      identity::sign_manifest(out, *work.self.account, work.self.device, work.random);
  work.db.run("INSERT OR REPLACE INTO pending_manifest (id, octets, sync_key, refused) VALUES (1, ?1, ?2, 0)",
              identity::encode(signed_manifest), key);
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
  if (!pending_manifest(work.db)) publish_what_is_due(work);
  const auto pending = pending_manifest(work.db);
  if (!pending || was_refused(work.db)) return;
  v1::ClientFrame frame;
  identity::to_wire(*pending, *frame.mutable_publish_manifest()->mutable_manifest());
  work.link.send(work.effects, frame, {.key = kPublishKey, .manifest = reference(*pending)});
}

void on_manifest_published(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  const auto pending = pending_manifest(work.db);
  const auto before = load_manifest(work.db, work.self.account_id());
  if (!pending || !before || reference(*pending) != request.manifest) return;
  auto verified = identity::verify_successor(*before, *pending);
  if (!verified) {
    // Another device published in between and the server took ours all the same, or answered out of turn:
    // look.
    mark_stale(work.db, work.self.account_id());
    return;
  }
  take_own_manifest(work, *before, *verified);
}

void pass_own_manifest(Work& work, const identity::VerifiedManifest& link) {
  // A device restored from a backup may wait to add what others have removed since.
  const auto pending = pending_manifest(work.db);
  const auto waiting =
      pending ? identity::parse_manifest(pending->m) : err(identity::IdentityError::malformed);
  if (waiting && waiting->version <= link.version()) forget_made_changes(work, link.manifest());
}

void take_own_manifest(Work& work, const identity::VerifiedManifest& before,
                       const identity::VerifiedManifest& newest) {
  save_manifest(work, newest);
  compare_with_log(work, nullptr, newest.account());
  on_devices_changed(work, before, newest);
  on_own_manifest(work, newest);
}

void on_publish_refused(Work& work, const Request& request, const v1::Error& error) {
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
  if (error.code() != v1::Error::MANIFEST_REJECTED) return;
  const auto pending = pending_manifest(work.db);
  if (!pending || reference(*pending) != request.manifest) return;
  // Most likely another device was first: what this one wants is then done on top of that.
  work.db.run("UPDATE pending_manifest SET refused = 1");
  mark_stale(work.db, work.self.account_id());
}

void on_own_manifest(Work& work, const identity::VerifiedManifest& newest) {
  if (!work.self.manifest_confirmed) {
    work.self.manifest_confirmed = true;
    save_self(work.db, work.self);
  }
  if (newest.find(work.self.device.id) == nullptr) {
    if (newest.manifest().author != work.self.device.id) {
      report_problem(
          work, v1::Problem::DEVICE_REVOKED,
          "this device was removed from the account by another one; it can neither send nor receive");
    }
    return leave(work);
  }
  settle_pending(work, newest);
  note_own_names(work, newest);
  process_held(work, newest.account());
}

bool is_leaving(Work& work) {
  const auto pending = pending_manifest(work.db);
  const auto waiting =
      pending ? identity::parse_manifest(pending->m) : err(identity::IdentityError::malformed);
  return waiting && waiting->find(work.self.device.id) == nullptr;
}

void leave(Work& work) {
  drop_pending(work);
  work.self.stage = v1::Status::REMOVED;
  save_self(work.db, work.self);
  work.effects.disconnect = Disconnect::refused;
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
  share_registers(work, device);
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
