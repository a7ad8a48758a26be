#include "client/recovery/alarms.h"

#include <algorithm>

#include "client/contacts/contact_records.h"
#include "client/notices/notices.h"
#include "client/recovery/messages.h"
#include "client/recovery/setup.h"
#include "client/recovery/upkeep.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// A contact that invents requests gets no further than this in a day.
constexpr int kMaxAlarmsPerDay = 8;
constexpr DurationMs kAlarmsKept = days(60);

bool is_contact(const std::optional<RecoverySetup>& setup, const identity::AccountId& account, ByteView set) {
  return setup && setup->contacts && equal(setup->contacts->set, set) &&
         std::ranges::find(setup->contacts->contacts, account) != setup->contacts->contacts.end();
}

UnixMs before(UnixMs now, DurationMs length) {
  return {now.value > length.value ? now.value - length.value : 0};
}

bool too_many(Work& work, const identity::AccountId& contact) {
  work.db.run("DELETE FROM recovery_alarm WHERE time_ms < ?1", before(work.now, kAlarmsKept));
  store::Rows rows = work.db.query("SELECT count(*) FROM recovery_alarm WHERE contact = ?1 AND time_ms >= ?2",
                                   contact, before(work.now, hours(24)));
  return !rows.next() || rows.integer(0) >= kMaxAlarmsPerDay;
}

std::string name_of(Work& work, const identity::AccountId& account) {
  const auto contact = find_contact(work.db, account);
  return contact ? display_name(*contact) : "a recovery contact";
}

}  // namespace

void take_alarm(Work& work, const identity::AccountId& contact,
                const v1::RecoveryMessage::Requested& message) {
  const auto setup = load_recovery_setup(work.db);
  const bool fits = is_contact(setup, contact, wire::octets(message.set())) &&
                    message.request_hash().size() == 32 &&
                    message.release_ms() <= (work.now + days(60)).value;
  if (!fits || too_many(work, contact)) return;
  work.db.run(
      "INSERT OR IGNORE INTO recovery_alarm (contact, request_hash, set_id, time_ms, release_ms, vetoed)"
      " VALUES (?1, ?2, ?3, ?4, ?5, 0)",
      contact, to_array<32>(wire::octets(message.request_hash())), setup->contacts->set, work.now,
      message.release_ms());
  if (work.db.changes() == 0) return;
  give_notice(work, v1::Notice::RECOVERY_REQUESTED,
              "somebody who says that you lost all devices asked " + name_of(work, contact) +
                  " for the share of your recovery key. If it was not you, refuse that; the command is "
                  "`sotto recovery veto`");
}

void take_confirmation(Work& work, const identity::AccountId& contact,
                       const v1::RecoveryMessage::Kept& message) {
  const auto setup = load_recovery_setup(work.db);
  if (!is_contact(setup, contact, wire::octets(message.set()))) return;
  // Where the shares were made it is known which one the contact should have.
  work.db.run(
      "UPDATE recovery_contact SET confirmed_ms = ?2 WHERE account = ?1 AND (share_hash IS NULL OR "
      "share_hash "
      "= ?3)",
      contact, work.now, wire::octets(message.share_hash16()));
}

RecoveryOutcome<std::size_t> veto_recovery(Work& work) {
  if (!work.self.ready()) return err(RecoveryCommandError::not_registered);
  const auto setup = load_recovery_setup(work.db);
  std::vector<crypto::Sha256Digest> requests;
  {
    store::Rows rows = work.db.query(
        "SELECT DISTINCT request_hash FROM recovery_alarm WHERE vetoed = 0 ORDER BY request_hash");
    while (rows.next()) requests.push_back(rows.array<32>(0));
  }
  if (requests.empty() || !setup || !setup->contacts) return err(RecoveryCommandError::nothing_asked);
  for (const auto& request : requests) {
    v1::RecoveryMessage message;
    message.mutable_veto()->set_set(wire::field(setup->contacts->set));
    message.mutable_veto()->set_request_hash(wire::field(request));
    // All of them: others may be asked next.
    for (const auto& account : setup->contacts->contacts) tell(work, account, message);
  }
  work.db.run("UPDATE recovery_alarm SET vetoed = 1");
  return requests.size();
}

void note_recovery_in_manifest(Work& work, const identity::VerifiedManifest& before,
                               const identity::VerifiedManifest& newest) {
  // Whoever left could store slots of its own until this list was published.
  if (!identity::diff(before.manifest(), newest.manifest()).removed.empty()) renew_recovery_slots(work);
  if (newest.manifest().recovery_authored()) {
    give_notice(work, v1::Notice::RECOVERED,
                "your account was recovered with its recovery key. If it was not you, whoever has that key "
                "has your account: make a new one on a device that is still listed; the command is `sotto "
                "recovery setup`");
  }
  const bool here = newest.manifest().author == work.self.device.id;
  if (here || before.manifest().recovery == newest.manifest().recovery) return;
  give_notice(work, v1::Notice::RECOVERY_CHANGED,
              newest.manifest().recovery == identity::RecoveryFingerprint{}
                  ? "your account has no recovery key any more"
                  : "your account has a new recovery key; an older one on paper is worthless now. If it was "
                    "not you, remove the device that did it");
}

}  // namespace sotto::client
