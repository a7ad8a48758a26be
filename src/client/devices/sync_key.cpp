#include "client/devices/sync_key.h"

#include <vector>

#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/devices/device_name.h"
#include "client/outbox/queue.h"
#include "client/recovery/upkeep.h"
#include "wire/decode.h"

namespace sotto::client {

/// The one place where the key leaves its type: as a field of what own devices tell each other inside SP/1.
class SyncKeyMessage {
 public:
  static std::string field(const identity::SyncKey& key) { return wire::field(SecretCodec::view(key)); }
};

namespace {

/// Offered keys that no list has shown yet; every removal makes one, and a list is fetched within seconds.
constexpr std::int64_t kMaxOffered = 32;

std::optional<std::string> remembered(store::Database& database, const identity::DeviceId& device) {
  store::Rows rows = database.query("SELECT name FROM own_device_name WHERE device = ?1", device);
  return rows.next() ? std::optional(rows.text(0)) : std::nullopt;
}

struct Offered {
  std::uint64_t version;
  identity::SyncKey key;
};

std::vector<Offered> newer_offers(Work& work) {
  std::vector<Offered> out;
  store::Rows rows = work.db.query(
      "SELECT version, key FROM offered_sync_key WHERE version > ?1 ORDER BY version DESC, id DESC",
      work.self.sync_key_version);
  while (rows.next()) {
    if (auto key = rows.secret_array<identity::SyncKey>(1)) out.push_back({rows.count(0), *std::move(key)});
  }
  return out;
}

void use(Work& work, identity::SyncKey key, std::uint64_t version) {
  work.self.sync_key = std::move(key);
  work.self.sync_key_version = version;
  save_self(work.db, work.self);
  work.db.run("DELETE FROM offered_sync_key WHERE version <= ?1", version);
  work.db.run("UPDATE profile SET rotation_due = 0 WHERE rotation_due <= ?1", version);
  renew_recovery_slots(work);
}

}  // namespace

std::string own_device_name(store::Database& database, const Self& self,
                            const identity::ManifestDevice& device) {
  if (auto opened = open_device_name(device.sealed_name, *self.sync_key)) return *std::move(opened);
  return remembered(database, device.id).value_or("");
}

bool opens_names(const identity::VerifiedManifest& own, const identity::SyncKey& key) {
  for (const auto& device : own.manifest().devices) {
    if (open_device_name(device.sealed_name, key)) return true;
  }
  return false;
}

bool key_is_behind(const Self& self, const identity::VerifiedManifest& own) {
  const auto* entry = own.find(self.device.id);
  return entry != nullptr && !open_device_name(entry->sealed_name, *self.sync_key);
}

void seal_names(Work& work, identity::Manifest& draft, const identity::SyncKey& key) {
  for (auto& device : draft.devices) {
    device.sealed_name = seal_device_name(own_device_name(work.db, work.self, device), key, work.random);
  }
}

void note_own_names(Work& work, const identity::VerifiedManifest& own) {
  for (Offered& offered : newer_offers(work)) {
    if (!opens_names(own, offered.key)) continue;
    use(work, std::move(offered.key), offered.version);
    break;
  }
  for (const auto& device : own.manifest().devices) {
    if (const auto name = open_device_name(device.sealed_name, *work.self.sync_key)) {
      work.db.run("INSERT OR REPLACE INTO own_device_name (device, name) VALUES (?1, ?2)", device.id,
                  std::string_view(*name));
    }
  }
}

void use_published_key(Work& work, identity::SyncKey key, std::uint64_t version) {
  use(work, std::move(key), version);
  share_sync_key(work);
}

void share_sync_key(Work& work, std::optional<identity::DeviceId> only) {
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own || own->manifest().devices.size() < 2 || work.self.sync_key_version == 0) return;
  v1::Content content;
  auto* event = content.mutable_sync()->mutable_new_sync_key();
  event->set_key(SyncKeyMessage::field(*work.self.sync_key));
  event->set_manifest_version(work.self.sync_key_version);
  const auto authored =
      author_content(work, work.self.account_id(), content, work.random.array<16>(), work.now);
  queue_content(work, {.account = work.self.account_id(), .device = only}, authored);
}

void take_sync_key(Work& work, const v1::SyncEvent::NewSyncKey& offered) {
  const ByteView octets = wire::octets(offered.key());
  if (octets.size() != identity::SyncKey::kSize || offered.manifest_version() <= work.self.sync_key_version)
    return;
  work.db.run("INSERT INTO offered_sync_key (version, key) VALUES (?1, ?2)", offered.manifest_version(),
              identity::SyncKey::copy_of(octets));
  work.db.run("DELETE FROM offered_sync_key WHERE id <= ?1", work.db.last_insert_id() - kMaxOffered);
  if (const auto own = load_manifest(work.db, work.self.account_id())) note_own_names(work, *own);
}

}  // namespace sotto::client
