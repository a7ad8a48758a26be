#include "client/recovery/records.h"

#include "client/contacts/manifests.h"
#include "client/recovery/setup.h"
#include "client/recovery/upkeep.h"

namespace sotto::client {

std::uint32_t requests_for_shares(store::Database& database) {
  store::Rows rows =
      database.query("SELECT count(DISTINCT request_hash) FROM recovery_alarm WHERE vetoed = 0");
  return rows.next() ? static_cast<std::uint32_t>(rows.integer(0)) : 0;
}

std::uint32_t confirmed_contacts(store::Database& database, UnixMs since) {
  store::Rows rows = database.query(
      "SELECT count(*) FROM recovery_contact WHERE confirmed_ms > 0 AND confirmed_ms >= ?1", since);
  return rows.next() ? static_cast<std::uint32_t>(rows.integer(0)) : 0;
}

v1::RecoveryStatus recovery_status(store::Database& database, const Self& self, UnixMs now) {
  v1::RecoveryStatus out;
  const auto manifest = load_manifest(database, self.account_id());
  const auto setup = load_recovery_setup(database);
  if (manifest) out.set_other_devices(static_cast<std::uint32_t>(manifest->manifest().devices.size() - 1));
  out.set_key(recovery_key_is_named(database, self.account_id()));
  if (out.key()) out.set_key_drilled_ms(setup->drilled.value);
  if (out.key() && setup->contacts) {
    out.set_contacts(static_cast<std::uint32_t>(setup->contacts->contacts.size()));
    out.set_threshold(setup->contacts->threshold);
    const UnixMs oldest{now.value - std::min(now.value, kConfirmationCounts.value)};
    out.set_contacts_confirmed(confirmed_contacts(database, oldest));
  }
  out.set_asked(requests_for_shares(database));
  const bool by_contacts = out.threshold() > 0 && out.contacts_confirmed() >= out.threshold();
  out.set_independent_ways((out.key() ? 1U : 0U) + (by_contacts ? 1U : 0U) +
                           (out.other_devices() > 0 ? 1U : 0U));
  return out;
}

}  // namespace sotto::client
