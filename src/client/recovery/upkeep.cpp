#include "client/recovery/upkeep.h"

#include "client/contacts/manifests.h"
#include "client/devices/own_devices.h"
#include "client/recovery/requests.h"
#include "client/recovery/setup.h"
#include "identity/author.h"
#include "recovery/slot.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

struct Open {
  bool unnamed = false;
  std::int64_t stale = 0;
};
Open open_work(store::Database& database) {
  store::Rows rows = database.query("SELECT unnamed, stale FROM recovery_setup");
  if (!rows.next()) return {};
  return {rows.flag(0), rows.integer(1)};
}

identity::RecoveryFingerprint wanted_name(const RecoverySetup& setup) {
  return setup.key ? setup.key->fingerprint() : identity::RecoveryFingerprint{};
}

bool is_named(const RecoverySetup& setup, const identity::VerifiedManifest& own) {
  return own.manifest().recovery == wanted_name(setup);
}

void name_key(Work& work, const RecoverySetup& setup, const identity::VerifiedManifest& own) {
  if (is_named(setup, own)) {
    work.db.run("UPDATE recovery_setup SET unnamed = 0");
    return;
  }
  if (!work.self.manifest_confirmed || pending_manifest(work.db) || !own.find(work.self.device.id)) return;
  auto draft = identity::draft_successor(own, work.self.device.id, work.now);
  draft.recovery = wanted_name(setup);
  publish(work, draft);
}

/// Once the server has a share, its contact does; here it would make a copy of what contacts alone hold.
void erase_delivered_shares(Work& work) {
  work.db.run(
      "DELETE FROM outbox_item WHERE done = 1 AND id IN (SELECT item FROM recovery_contact WHERE item IS NOT "
      "NULL)");
  work.db.run(
      "UPDATE recovery_contact SET item = NULL WHERE item IS NOT NULL AND item NOT IN (SELECT id FROM "
      "outbox_item)");
}

void add_slot(v1::StoreRecovery& request, const recovery::SlotId& slot, const recovery::AccessHash& access,
              ByteView sealed) {
  auto& out = *request.add_slots();
  out.set_slot(wire::field(slot));
  out.set_access_hash(wire::field(access));
  out.set_sealed(wire::field(sealed));
}

void store_slots(Work& work, const RecoverySetup& setup, const identity::VerifiedManifest& own,
                 std::int64_t change) {
  const auto key = recovery_request(RecoveryStep::store);
  if (!work.link.may(key, work.now)) return;
  v1::ClientFrame frame;
  auto& request = *frame.mutable_store_recovery();
  if (setup.key) {
    const auto sealed = recovery::seal_slot(
        *setup.key, setup.slot,
        {*work.self.account, *work.self.sync_key, work.self.handle, own.ref(), setup.contacts}, work.random);
    if (!sealed) return work.db.report_damage();  // what is stored was checked before
    add_slot(request, setup.slot, setup.access_hash, *sealed);
  }
  if (setup.contacts) {
    const auto slot = recovery::contacts_slot_id(setup.contacts->sealed);
    if (slot) add_slot(request, *slot, setup.contacts->access_hash, setup.contacts->sealed);
  }
  work.run.recovery.storing = change;
  work.link.send(work.effects, frame, {.key = key});
}

}  // namespace

void renew_recovery_slots(Work& work) { work.db.run("UPDATE recovery_setup SET stale = stale + 1"); }

void keep_recovery(Work& work) {
  const Open open = open_work(work.db);
  if (!open.unnamed && open.stale == 0) return erase_delivered_shares(work);
  const auto setup = load_recovery_setup(work.db);
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!setup || !own) return;
  if (open.unnamed) name_key(work, *setup, *own);
  // Until the new key is named the old one opens the old slot.
  if (open.stale != 0 && is_named(*setup, *own)) store_slots(work, *setup, *own, open.stale);
}

void on_slots_stored(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  // Something may have changed since they left.
  work.db.run("UPDATE recovery_setup SET stale = 0 WHERE stale = ?1", work.run.recovery.storing);
}

void on_store_refused(Work& work, const Request& request, const v1::Error& error) {
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
  if (error.retry_after_ms() != 0) return;
  report_problem(work, v1::Problem::RECOVERY_REFUSED,
                 "the server does not keep what leads back into the account: " +
                     (error.detail().empty() ? v1::Error::Code_Name(error.code()) : error.detail()));
}

bool recovery_key_is_named(store::Database& database, const identity::AccountId& own) {
  const auto setup = load_recovery_setup(database);
  const auto manifest = load_manifest(database, own);
  return setup && setup->key && manifest && is_named(*setup, *manifest);
}

bool recovery_is_kept(store::Database& database, const identity::AccountId& own) {
  const auto setup = load_recovery_setup(database);
  const auto manifest = load_manifest(database, own);
  const Open open = open_work(database);
  return setup && manifest && is_named(*setup, *manifest) && !open.unnamed && open.stale == 0;
}

}  // namespace sotto::client
