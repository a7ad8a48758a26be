#include "client/recovery/drill.h"

#include "client/contacts/manifests.h"
#include "client/recovery/requests.h"
#include "client/recovery/setup.h"
#include "client/recovery/upkeep.h"
#include "recovery/slot.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

recovery::AccountName own_name(const Self& self) {
  return {self.account_id(), self.account->key.public_key().fingerprint()};
}

void fail(Work& work, std::string_view detail) {
  work.run.recovery.drill.reset();
  report_problem(work, v1::Problem::RECOVERY_REFUSED, detail);
  announce_recovery(work, v1::RecoveryProgress::FAILED, detail);
}

}  // namespace

void announce_recovery(Work& work, v1::RecoveryProgress::Stage stage, std::string_view detail) {
  auto* progress = work.effects.events.emplace_back().mutable_recovery();
  progress->set_stage(stage);
  progress->set_detail(std::string(detail));
}

RecoveryOutcome<recovery::RecoveryKey> check_recovery_key(Work& work, const recovery::RecoverySeed& seed) {
  if (!work.self.ready()) return err(RecoveryCommandError::not_registered);
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own || own->manifest().recovery == identity::RecoveryFingerprint{}) {
    return err(RecoveryCommandError::no_key);
  }
  auto key = recovery::RecoveryKey::derive(seed, own_name(work.self));
  if (key.public_key().fingerprint() != own->manifest().recovery) return err(RecoveryCommandError::wrong_key);
  return key;
}

RecoveryOutcome<void> drill_recovery_key(Work& work, const recovery::RecoverySeed& seed) {
  SOTTO_CHECK_OK(check_recovery_key(work, seed));
  const auto request = recovery_request(RecoveryStep::drill);
  if (!work.link.ready() || !work.link.may(request, work.now))
    return err(RecoveryCommandError::not_connected);
  const auto slot = recovery::SlotKey::derive(seed);
  v1::ClientFrame frame;
  auto& fetch = *frame.mutable_fetch_recovery();
  fetch.set_account(wire::field(work.self.account_id().view()));
  fetch.set_slot(wire::field(slot.slot));
  fetch.set_access(wire::field(recovery::wire_form(slot.access)));
  work.run.recovery.drill = seed.clone();
  work.link.send(work.effects, frame, {.key = request});
  return {};
}

void on_drill_slot(Work& work, const Request& request, const v1::RecoverySlot& slot) {
  work.link.succeeded(request.key);
  const auto seed = std::exchange(work.run.recovery.drill, std::nullopt);
  if (!seed) return;
  const auto opened = recovery::open_slot(*seed, wire::octets(slot.sealed()));
  const bool own = opened && opened->content.account.id == work.self.account_id() &&
                   opened->content.account.key.public_key() == work.self.account->key.public_key();
  if (!own) {
    renew_recovery_slots(work);
    return fail(work, "what the server keeps for this key does not open; it is being replaced, so try again");
  }
  note_recovery_drill(work);
  announce_recovery(work, v1::RecoveryProgress::SLOT_OPENED, "the key opens the account");
}

void on_drill_refused(Work& work, const Request& request, const v1::Error& error) {
  work.link.succeeded(request.key);
  if (error.code() == v1::Error::NO_SUCH_RECOVERY_SLOT) {
    // The manifest names this key: the server lost its slot, and any device can make it anew.
    renew_recovery_slots(work);
    return fail(work, "the server keeps nothing for this key; it is being stored again, so try again");
  }
  fail(work, error.detail().empty() ? v1::Error::Code_Name(error.code()) : error.detail());
}

}  // namespace sotto::client
