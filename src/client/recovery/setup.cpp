#include "client/recovery/setup.h"

#include <algorithm>

#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/outbox/queue.h"
#include "recovery/limits.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

std::vector<identity::AccountId> stored_contacts(store::Database& database) {
  std::vector<identity::AccountId> out;
  store::Rows rows = database.query("SELECT account FROM recovery_contact ORDER BY position");
  while (rows.next()) out.push_back(rows.id<identity::AccountId>(0));
  return out;
}

/// Of the setup that was sent; empty if it says what none can say.
std::optional<RecoverySetup> parse(const v1::SyncEvent::RecoverySetup& from) {
  RecoverySetup out{.changed = {from.time_ms()}, .drilled = {from.drilled_ms()}};
  if (from.recovery_key().empty()) return out;
  auto key = identity::RecoveryPublicKey::decode(wire::octets(from.recovery_key()));
  if (!key || from.slots_size() < 1 || from.slots_size() != from.access_hashes_size()) return std::nullopt;
  for (int i = 0; i < from.slots_size(); ++i) {
    if (from.slots(i).size() != 16 || from.access_hashes(i).size() != 32) return std::nullopt;
  }
  out.key = *std::move(key);
  out.slot = to_array<16>(wire::octets(from.slots(0)));
  out.access_hash = to_array<32>(wire::octets(from.access_hashes(0)));
  if (from.threshold() == 0) return out;
  recovery::ContactsRecord contacts;
  const auto count = static_cast<std::uint32_t>(from.contacts_size());
  const bool allowed = from.slots_size() == 2 && from.set().size() == 16 && count <= recovery::kMaxContacts &&
                       from.threshold() >= recovery::kMinThreshold && from.threshold() <= count &&
                       from.delay_ms() <= recovery::kMaxDelay.value && !from.contacts_slot().empty() &&
                       from.contacts_slot().size() <= recovery::kMaxSealedSlot;
  if (!allowed) return std::nullopt;
  contacts.set = to_array<16>(wire::octets(from.set()));
  contacts.threshold = static_cast<std::uint8_t>(from.threshold());
  contacts.delay = {from.delay_ms()};
  contacts.access_hash = to_array<32>(wire::octets(from.access_hashes(1)));
  contacts.sealed = to_bytes(wire::octets(from.contacts_slot()));
  for (const auto& each : from.contacts()) {
    const auto account = identity::AccountId::from(wire::octets(each));
    if (!account || std::ranges::find(contacts.contacts, *account) != contacts.contacts.end()) {
      return std::nullopt;
    }
    contacts.contacts.push_back(*account);
  }
  out.contacts = std::move(contacts);
  return out;
}

void fill(const RecoverySetup& setup, const recovery::SlotId& contacts_slot,
          v1::SyncEvent::RecoverySetup& out) {
  out.set_time_ms(setup.changed.value);
  out.set_drilled_ms(setup.drilled.value);
  if (!setup.key) return;
  out.set_recovery_key(wire::field(setup.key->encoded()));
  out.add_slots(wire::field(setup.slot));
  out.add_access_hashes(wire::field(setup.access_hash));
  if (!setup.contacts) return;
  out.add_slots(wire::field(contacts_slot));
  out.add_access_hashes(wire::field(setup.contacts->access_hash));
  for (const auto& account : setup.contacts->contacts) out.add_contacts(wire::field(account.view()));
  out.set_threshold(setup.contacts->threshold);
  out.set_delay_ms(setup.contacts->delay.value);
  out.set_set(wire::field(setup.contacts->set));
  out.set_contacts_slot(wire::field(setup.contacts->sealed));
}

/// Keeps what is known of contacts whose set stays.
void save_contacts(store::Database& database, const std::optional<recovery::ContactsRecord>& before,
                   const std::optional<recovery::ContactsRecord>& after) {
  const bool same = before && after && before->set == after->set && before->contacts == after->contacts;
  if (same) return;
  database.run("DELETE FROM recovery_contact");
  if (!after) return;
  std::int64_t position = 0;
  for (const auto& account : after->contacts) {
    database.run("INSERT INTO recovery_contact (position, account, confirmed_ms) VALUES (?1, ?2, 0)",
                 ++position, account);
  }
}

}  // namespace

std::optional<RecoverySetup> load_recovery_setup(store::Database& database) {
  store::Rows rows = database.query(
      "SELECT time_ms, recovery_key, slot, access_hash, set_id, threshold, delay_ms, contacts_access_hash,"
      " contacts_slot, drilled_ms FROM recovery_setup");
  if (!rows.next()) return std::nullopt;
  RecoverySetup out{.changed = rows.time(0), .drilled = rows.time(9)};
  if (rows.is_null(1)) return out;
  auto key = identity::RecoveryPublicKey::decode(rows.octets(1));
  if (!key) {
    database.report_damage();
    return std::nullopt;
  }
  out.key = *std::move(key);
  out.slot = rows.array<16>(2);
  out.access_hash = rows.array<32>(3);
  if (rows.is_null(4)) return out;
  out.contacts = recovery::ContactsRecord{.set = rows.array<16>(4),
                                          .threshold = static_cast<std::uint8_t>(rows.integer(5)),
                                          .delay = {rows.count(6)},
                                          .access_hash = rows.array<32>(7),
                                          .sealed = rows.octets(8),
                                          .contacts = stored_contacts(database)};
  return out;
}

void save_recovery_setup(Work& work, const RecoverySetup& setup) {
  const auto before = load_recovery_setup(work.db);
  const auto& contacts = setup.contacts;
  save_contacts(work.db, before ? before->contacts : std::nullopt, contacts);
  work.db.run(
      "INSERT INTO recovery_setup (id, time_ms, recovery_key, slot, access_hash, set_id, threshold, delay_ms,"
      " contacts_access_hash, contacts_slot, drilled_ms, unnamed, stale)"
      " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 1) ON CONFLICT (id) DO UPDATE SET time_ms = "
      "?1,"
      " recovery_key = ?2, slot = ?3, access_hash = ?4, set_id = ?5, threshold = ?6, delay_ms = ?7,"
      " contacts_access_hash = ?8, contacts_slot = ?9, drilled_ms = ?10, stale = stale + 1",
      setup.changed, setup.key ? std::optional(setup.key->encoded()) : std::nullopt, setup.slot,
      setup.access_hash, contacts ? std::optional(contacts->set) : std::nullopt,
      contacts ? contacts->threshold : std::uint8_t{0}, contacts ? contacts->delay.value : 0,
      contacts ? std::optional(contacts->access_hash) : std::nullopt,
      contacts ? std::optional(contacts->sealed) : std::nullopt, setup.drilled);
}

void change_recovery_setup(Work& work, RecoverySetup setup) {
  const auto before = load_recovery_setup(work.db);
  // Later than what it replaces, whatever the clocks of the devices say.
  setup.changed = work.now;
  if (before && before->changed >= setup.changed) setup.changed = before->changed + DurationMs{1};
  save_recovery_setup(work, setup);
  share_recovery_setup(work);
}

void note_recovery_drill(Work& work) {
  auto setup = load_recovery_setup(work.db);
  if (!setup) return;
  setup->drilled = work.now;
  change_recovery_setup(work, *std::move(setup));
}

void take_recovery_setup(Work& work, const v1::SyncEvent::RecoverySetup& offered) {
  const auto parsed = parse(offered);
  if (!parsed) return;
  const auto before = load_recovery_setup(work.db);
  const bool older = before && before->changed >= parsed->changed;
  // A clock that is far ahead would keep all later changes out.
  if (older || elapsed(work.now, parsed->changed) > identity::kMaxClockSkew) return;
  save_recovery_setup(work, *parsed);
  work.db.run("UPDATE recovery_setup SET unnamed = 0");  // whoever changed it says so in a manifest
}

void share_recovery_setup(Work& work, std::optional<identity::DeviceId> only) {
  const auto setup = load_recovery_setup(work.db);
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!setup || !own || own->manifest().devices.size() < 2) return;
  v1::Content content;
  const auto slot = setup->contacts ? recovery::contacts_slot_id(setup->contacts->sealed) : std::nullopt;
  fill(*setup, slot.value_or(recovery::SlotId{}), *content.mutable_sync()->mutable_recovery_setup());
  const auto authored =
      author_content(work, work.self.account_id(), content, work.random.array<16>(), work.now);
  queue_content(work, {.account = work.self.account_id(), .device = only}, authored);
}

}  // namespace sotto::client
