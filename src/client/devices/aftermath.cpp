#include "client/devices/aftermath.h"

#include <algorithm>
#include <map>
#include <vector>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/conversations/system_lines.h"
#include "client/devices/own_devices.h"
#include "client/devices/sync_key.h"
#include "client/groups/changes.h"
#include "client/notices/notices.h"
#include "client/outbox/queue.h"
#include "client/recovery/alarms.h"
#include "client/recovery/setup.h"

namespace sotto::client {
namespace {

/// A mailbox keeps envelopes for 30 days (docs/specs/relay.md); some time more for a server set otherwise.
constexpr DurationMs kEnvelopesMayCome = days(45);

using identity::DeviceAddress;
using identity::DeviceId;
using identity::VerifiedManifest;

/// Its sessions are over: no key of them stays.
void end_sessions(Work& work, const DeviceAddress& device) {
  work.peers.forget(device);
  work.db.run("DELETE FROM peer_record WHERE account = ?1 AND device = ?2", device.account, device.device);
  work.db.run("DELETE FROM peer_device WHERE account = ?1 AND device = ?2", device.account, device.device);
  work.db.run("INSERT OR REPLACE INTO departed_device (account, device, since_ms) VALUES (?1, ?2, ?3)",
              device.account, device.device, work.now);
}

/// "tablet (3f2a9c01)"
std::string called(Work& work, const VerifiedManifest& list, const DeviceId& device) {
  const std::string name = own_device_name(work.db, work.self, *list.find(device));
  return name.empty() ? short_id(device) : name + " (" + short_id(device) + ")";
}

void tell_of_own(Work& work, const VerifiedManifest& list, const DeviceId& device, bool added) {
  const std::string name = called(work, list, device);
  if (device != work.self.device.id) {
    give_notice(work, added ? v1::Notice::DEVICE_ADDED : v1::Notice::DEVICE_REMOVED,
                added ? "the device " + name +
                            " joined your account and reads what is sent from now on. If it is not yours, "
                            "remove it; the command is `sotto devices remove " +
                            short_id(device) + "`"
                      : "the device " + name +
                            " was removed from your account; it reads nothing that is "
                            "sent from now on");
  }
  tell_all_conversations(
      work, {.kind = added ? v1::SystemLine::DEVICE_ADDED : v1::SystemLine::DEVICE_REMOVED,
             .devices = {device},
             .words = added ? "your device " + name + " was added" : "your device " + name + " was removed",
             .cause = {work.self.account_id(), device}});
}

void on_own_devices_changed(Work& work, const VerifiedManifest& before, const VerifiedManifest& newest,
                            const identity::ManifestDiff& changes) {
  auto* event = work.effects.events.emplace_back().mutable_own_devices();
  event->set_version(newest.version());
  note_recovery_in_manifest(work, before, newest);
  for (const auto& device : changes.added) {
    event->add_added(to_hex(device.view()));
    tell_of_own(work, newest, device, true);
    if (device == work.self.device.id) continue;
    share_all_names(work, device);
    share_recovery_setup(work, device);
    share_sync_key(work, device);
  }
  for (const auto& device : changes.removed) {
    event->add_removed(to_hex(device.view()));
    tell_of_own(work, before, device, false);
    work.db.run("DELETE FROM own_device_name WHERE device = ?1", device);
  }
  if (changes.removed.empty() || newest.find(work.self.device.id) == nullptr) return;
  // Who left alone could not make the next key. The names tell: they are under the old one still.
  if (!key_is_behind(work.self, newest)) {
    work.db.run("UPDATE profile SET rotation_due = ?1", newest.version());
  }
  std::vector<crypto::Fingerprint> left;
  for (const auto& device : changes.removed) left.push_back(before.find(device)->key.fingerprint());
  say_devices_left(work, left);
  renew_all_keys(work);
}

void on_contacts_devices_changed(Work& work, const VerifiedManifest& newest,
                                 const identity::ManifestDiff& changes) {
  const auto contact = find_contact(work.db, newest.account());
  if (!contact) return;
  const std::string name = display_name(*contact);
  for (const auto& device : changes.added) {
    tell_conversation(work, newest.account(),
                      {.kind = v1::SystemLine::DEVICE_ADDED,
                       .devices = {device},
                       .words = name + " added the device " + short_id(device),
                       .cause = {newest.account(), newest.manifest().author}});
  }
  for (const auto& device : changes.removed) {
    tell_conversation(work, newest.account(),
                      {.kind = v1::SystemLine::DEVICE_REMOVED,
                       .devices = {device},
                       .words = name + " removed the device " + short_id(device),
                       .cause = {newest.account(), newest.manifest().author}});
  }
}

}  // namespace

void on_devices_changed(Work& work, const VerifiedManifest& before, const VerifiedManifest& newest) {
  if (before.version() == newest.version()) return;
  const auto changes = identity::diff(before.manifest(), newest.manifest());
  for (const auto& device : changes.removed) end_sessions(work, {newest.account(), device});
  for (const auto& device : changes.added) {
    work.db.run("DELETE FROM departed_device WHERE account = ?1 AND device = ?2", newest.account(), device);
  }
  if (newest.account() == work.self.account_id()) {
    on_own_devices_changed(work, before, newest, changes);
  } else {
    on_contacts_devices_changed(work, newest, changes);
  }
}

bool has_departed(store::Database& database, const DeviceAddress& device) {
  return database
      .query("SELECT 1 FROM departed_device WHERE account = ?1 AND device = ?2", device.account,
             device.device)
      .next();
}

void forget_old_departures(Work& work) {
  const UnixMs oldest{work.now.value - std::min(work.now.value, kEnvelopesMayCome.value)};
  work.db.run(
      "DELETE FROM peer_session WHERE EXISTS (SELECT 1 FROM departed_device d WHERE d.account ="
      " peer_session.account AND d.device = peer_session.device AND d.since_ms < ?1)",
      oldest);
  work.db.run("DELETE FROM departed_device WHERE since_ms < ?1", oldest);
}

void renew_all_keys(Work& work) {
  std::map<identity::AccountId, std::vector<DeviceId>> known;
  {
    store::Rows rows = work.db.query("SELECT account, device FROM peer_device ORDER BY account, device");
    while (rows.next()) known[rows.id<identity::AccountId>(0)].push_back(rows.id<DeviceId>(1));
  }
  for (const auto& [account, devices] : known) {
    const auto manifest = load_manifest(work.db, account);
    if (!manifest) continue;
    for (const DeviceId& device : devices) {
      const auto peer = peer_device(*manifest, device);
      if (peer && work.peers.get(peer->identity()).rekey()) queue_protocol_parts(work, peer->address());
    }
  }
}

}  // namespace sotto::client
