#include "client/devices/own_changes.h"

#include "client/devices/device_name.h"
#include "client/devices/sync_key.h"
#include "identity/author.h"

namespace sotto::client {
namespace {

bool add(Work& work, identity::Manifest& draft, const OwnChange& change) {
  const auto key = crypto::HybridPublicKey::decode(change.octets);
  if (!key) {
    work.db.report_damage();
    return false;
  }
  return identity::add_device(draft,
                              {.id = change.device,
                               .key = *key,
                               .sealed_name = seal_device_name(change.name, *work.self.sync_key, work.random),
                               .capabilities = change.capabilities})
      .has_value();
}

bool rename(Work& work, identity::Manifest& draft, const OwnChange& change) {
  for (auto& device : draft.devices) {
    if (device.id != change.device) continue;
    if (own_device_name(work.db, work.self, device) == change.name) return false;
    device.sealed_name = seal_device_name(change.name, *work.self.sync_key, work.random);
    return true;
  }
  return false;
}

bool apply(Work& work, identity::Manifest& draft, const OwnChange& change) {
  switch (change.kind) {
    case ChangeKind::add: return add(work, draft, change);
    case ChangeKind::remove: return identity::remove_device(draft, change.device).has_value();
    case ChangeKind::rename: return rename(work, draft, change);
    case ChangeKind::recovery: {
      if (change.octets.size() != draft.recovery.size()) {
        work.db.report_damage();
        return false;
      }
      const bool differs = !equal(draft.recovery, change.octets);
      draft.recovery = to_array<std::tuple_size_v<identity::RecoveryFingerprint>>(change.octets);
      return differs;
    }
  }
  work.db.report_damage();
  return false;
}

/// Names are sealed, mostly under a key that is gone: of them the newest list says all that can be known.
bool is_made(const identity::Manifest& list, const OwnChange& change) {
  switch (change.kind) {
    case ChangeKind::add: return list.find(change.device) != nullptr;
    case ChangeKind::remove: return list.find(change.device) == nullptr;
    case ChangeKind::recovery: return equal(list.recovery, change.octets);
    case ChangeKind::rename: break;
  }
  return false;
}

}  // namespace

std::vector<OwnChange> changes_between(Work& work, const identity::Manifest& before,
                                       const identity::Manifest& after) {
  std::vector<OwnChange> out;
  for (const auto& device : after.devices) {
    const std::string name = own_device_name(work.db, work.self, device);
    const auto* listed = before.find(device.id);
    if (listed == nullptr) {
      out.push_back({ChangeKind::add, device.id, name, to_bytes(device.key.encoded()), device.capabilities});
    } else if (listed->sealed_name != device.sealed_name &&
               own_device_name(work.db, work.self, *listed) != name) {
      out.push_back({ChangeKind::rename, device.id, name, {}});
    }
  }
  for (const auto& device : before.devices) {
    if (after.find(device.id) == nullptr) out.push_back({ChangeKind::remove, device.id, {}, {}});
  }
  if (after.recovery != before.recovery) {
    out.push_back({ChangeKind::recovery, {}, {}, to_bytes(after.recovery)});
  }
  return out;
}

void save_changes(Work& work, const std::vector<OwnChange>& changes) {
  work.db.run("DELETE FROM own_change");
  for (const OwnChange& change : changes) {
    work.db.run(
        "INSERT INTO own_change (kind, device, name, octets, capabilities) VALUES (?1, ?2, ?3, ?4, ?5)",
        change.kind, change.device, std::string_view(change.name), change.octets, change.capabilities);
  }
}

std::vector<OwnChange> load_changes(store::Database& database) {
  std::vector<OwnChange> out;
  store::Rows rows =
      database.query("SELECT kind, device, name, octets, capabilities FROM own_change ORDER BY rowid");
  while (rows.next()) {
    out.push_back({static_cast<ChangeKind>(rows.integer(0)), rows.id<identity::DeviceId>(1), rows.text(2),
                   rows.octets(3), static_cast<std::uint32_t>(rows.integer(4))});
  }
  return out;
}

void forget_made_changes(Work& work, const identity::Manifest& list) {
  auto changes = load_changes(work.db);
  if (std::erase_if(changes, [&](const auto& change) { return is_made(list, change); }) > 0) {
    save_changes(work, changes);
  }
}

bool apply_changes(Work& work, identity::Manifest& draft, const std::vector<OwnChange>& changes) {
  bool any = false;
  for (const OwnChange& change : changes) any |= apply(work, draft, change);
  return any;
}

}  // namespace sotto::client
