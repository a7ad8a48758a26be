#include "client/outbox/fanout.h"

#include <set>
#include <vector>

#include "client/contacts/manifests.h"
#include "client/outbox/queue.h"
#include "client/transparency/clearance.h"

namespace sotto::client {
namespace {

/// Accounts with open items whose manifest is usable and newer than the items' last spread.
std::vector<identity::AccountId> accounts_to_spread(store::Database& database) {
  std::vector<identity::AccountId> out;
  store::Rows rows = database.query(
      "SELECT DISTINCT o.account FROM outbox_item o JOIN manifest m ON m.account = o.account"
      " LEFT JOIN contact c ON c.account = o.account"
      " WHERE o.done = 0 AND m.stale = 0 AND o.fanned_out < m.version AND c.changed_fingerprint IS NULL");
  while (rows.next()) out.push_back(rows.id<identity::AccountId>(0));
  return out;
}

struct OpenItem {
  OutboxItemId id;
  std::optional<identity::DeviceId> only;
  bool complete;  ///< open again because a device asked for it: nothing for devices that came since
};

std::vector<OpenItem> items_to_spread(store::Database& database, const identity::AccountId& account,
                                      std::uint64_t version, Clearance clearance) {
  std::vector<OpenItem> out;
  store::Rows rows = database.query(
      "SELECT id, device, complete, heads FROM outbox_item WHERE account = ?1 AND done = 0 AND fanned_out < "
      "?2 "
      "ORDER BY id",
      account, version);
  while (rows.next()) {
    if (clearance == Clearance::heads_only && !rows.flag(3)) continue;
    const auto only = rows.is_null(1) ? std::nullopt : std::optional(rows.id<identity::DeviceId>(1));
    out.push_back({rows.integer(0), only, rows.flag(2)});
  }
  return out;
}

void spread(Work& work, const OpenItem& item, const identity::VerifiedManifest& manifest) {
  std::set<identity::DeviceId> devices;
  for (const auto& listed : manifest.manifest().devices) {
    if (work.self.is({manifest.account(), listed.id})) continue;
    if (!item.only || *item.only == listed.id) devices.insert(listed.id);
  }
  std::vector<identity::DeviceId> removed;
  {
    store::Rows rows =
        work.db.query("SELECT device FROM outbox_delivery WHERE item = ?1 AND accepted = 0", item.id);
    while (rows.next()) {
      if (!devices.contains(rows.id<identity::DeviceId>(0)))
        removed.push_back(rows.id<identity::DeviceId>(0));
    }
  }
  for (const auto& device : removed) {
    work.db.run("DELETE FROM outbox_delivery WHERE item = ?1 AND device = ?2 AND accepted = 0", item.id,
                device);
  }
  if (item.complete) devices.clear();
  for (const auto& device : devices) {
    work.db.run(
        "INSERT OR IGNORE INTO outbox_delivery (item, account, device, accepted, resent) VALUES (?1, ?2, ?3, "
        "0, 0)",
        item.id, manifest.account(), device);
  }
  work.db.run("UPDATE outbox_item SET fanned_out = ?2 WHERE id = ?1", item.id, manifest.version());
}

}  // namespace

void fan_out(Work& work) {
  for (const auto& account : accounts_to_spread(work.db)) {
    const auto cleared = clearance(work, account);
    const auto manifest = load_manifest(work.db, account);
    if (!manifest || !may_leave(cleared)) continue;
    for (const OpenItem& item : items_to_spread(work.db, account, manifest->version(), cleared)) {
      spread(work, item, *manifest);
    }
    settle_items(work, account);
  }
}

}  // namespace sotto::client
