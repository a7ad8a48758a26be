#include "client/recovery/attempt.h"

#include "client/recovery/recovery_run.h"
#include "client/recovery/requests.h"
#include "identity/armor.h"
#include "identity/handle.h"
#include "recovery/request.h"
#include "recovery/share.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// What an earlier attempt with the other choice made is of no use to this one.
void begin_anew(Work& work, bool keep_devices) {
  const auto earlier = load_recovery_run(work.db);
  if (!earlier || earlier->keep_devices == keep_devices) return;
  work.self.account.reset();
  work.self.sync_key.reset();
  save_self(work.db, work.self);
}

RecoveryOutcome<std::string> checked(Work& work, std::string_view handle) {
  if (work.self.stage != v1::Status::WAITING_FOR_LINK) return err(RecoveryCommandError::already_linked);
  const auto normal = identity::Handle::parse(handle);
  if (!normal) return err(RecoveryCommandError::bad_handle);
  return normal->text();
}

void fetch_slot(Work& work, const RecoveryRun& run, const recovery::RecoverySeed& seed) {
  const auto slot = recovery::SlotKey::derive(seed);
  v1::ClientFrame frame;
  auto& fetch = *frame.mutable_fetch_recovery();
  if (run.owner) {
    fetch.set_account(wire::field(run.owner->account.view()));
  } else {
    fetch.set_handle(run.handle);
  }
  fetch.set_slot(wire::field(slot.slot));
  fetch.set_access(wire::field(recovery::wire_form(slot.access)));
  work.link.phase = Phase::recovering;
  work.link.send(work.effects, frame, {.key = recovery_request(RecoveryStep::fetch)});
}

}  // namespace

RecoveryOutcome<void> recover_with_key(Work& work, const RecoveryWish& wish,
                                       const recovery::RecoverySeed& seed) {
  SOTTO_TRY(const std::string handle, checked(work, wish.handle));
  begin_anew(work, wish.keep_devices);
  start_recovery_run(work.db, handle, wish.keep_devices);
  work.db.run("UPDATE recovery_run SET seed = ?1", seed);
  return {};
}

RecoveryOutcome<std::string> make_recovery_request(Work& work, std::string_view handle) {
  SOTTO_TRY(const std::string normal, checked(work, handle));
  if (const auto made = load_recovery_request(work.db); made && made->handle == normal) {
    return identity::armor(recovery::kRequestArmor, made->octets);
  }
  const auto keys = recovery::RequestKeys::generate(work.random);
  const auto request = recovery::make_request(keys, normal, work.now);
  if (!request) return err(RecoveryCommandError::bad_handle);
  start_recovery_run(work.db, normal, false);
  work.db.run("UPDATE recovery_run SET request = ?1, ec_key = ?2, kem_key = ?3", *request, keys.ec.scalar(),
              keys.kem.seed());
  return identity::armor(recovery::kRequestArmor, *request);
}

RecoveryOutcome<void> recover_with_shares(Work& work, const RecoveryWish& wish,
                                          std::span<const std::string> armored) {
  SOTTO_TRY(const std::string handle, checked(work, wish.handle));
  const auto made = load_recovery_request(work.db);
  if (!made || made->handle != handle) return err(RecoveryCommandError::no_request);
  std::vector<recovery::Share> shares;
  for (const std::string& text : armored) {
    const auto octets = identity::dearmor(recovery::kReleaseArmor, text);
    if (!octets) return err(RecoveryCommandError::bad_share);
    auto share = recovery::open_release(*octets, made->octets, made->keys);
    if (!share) return err(failure_of(share.error()));
    shares.push_back(*std::move(share));
  }
  const auto combined = recovery::combine_shares(shares);
  if (!combined) return err(failure_of(combined.error()));
  begin_anew(work, wish.keep_devices);
  work.db.run(
      "UPDATE recovery_run SET keep_devices = ?1, seed = NULL, opener = ?2, account = ?3, account_key = ?4,"
      " set_id = ?5",
      wish.keep_devices, combined->opener, combined->terms.owner.account, combined->terms.owner.key.octets(),
      combined->terms.set);
  return {};
}

bool is_recovering(store::Database& database) {
  const auto run = load_recovery_run(database);
  return run && (run->seed || run->opener);
}

bool begin_recovery(Work& work) {
  const auto run = load_recovery_run(work.db);
  if (!run || (!run->seed && !run->opener)) return false;
  work.run.recovery.attempt = {};
  fetch_slot(work, *run, run->seed ? *run->seed : *run->opener);
  return true;
}

void on_recovery_slot(Work& work, const Request& request, const v1::RecoverySlot& slot) {
  work.link.succeeded(request.key);
  const auto run = load_recovery_run(work.db);
  if (!run || (!run->seed && !run->opener)) return;
  const ByteView sealed = wire::octets(slot.sealed());
  if (!run->seed) {
    const auto seed = recovery::open_contacts_slot(*run->opener, *run->owner, run->set, sealed);
    if (!seed)
      return give_up(work, "the server answered with something else than what the contacts' shares open");
    work.db.run("UPDATE recovery_run SET seed = ?1", *seed);
    return fetch_slot(work, *run, *seed);
  }
  auto opened = recovery::open_slot(*run->seed, sealed);
  if (!opened) {
    return give_up(work,
                   "what the server keeps for this key does not open with it: it is damaged, or the server "
                   "lies; ask its operator");
  }
  const recovery::AccountName name{opened->content.account.id,
                                   opened->content.account.key.public_key().fingerprint()};
  if (run->owner && name != *run->owner) {
    return give_up(work, "the key leads to another account than the contacts' shares");
  }
  work.run.recovery.attempt.opened = *std::move(opened);
  announce_recovery(work, v1::RecoveryProgress::SLOT_OPENED, "the key opens the account");
  ask_recovery_chain(work);
}

void on_recovery_refused(Work& work, const Request& request, const v1::Error& error) {
  // What may pass by itself, and a list that another device changed meanwhile.
  if (error.retry_after_ms() != 0 || error.code() == v1::Error::MANIFEST_REJECTED) {
    work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
    work.effects.disconnect = Disconnect::retry;
    return;
  }
  if (error.code() == v1::Error::NO_SUCH_RECOVERY_SLOT) {
    return give_up(
        work,
        "this server keeps nothing for this name and key: check both, and --server; a key that was "
        "replaced opens nothing any more");
  }
  give_up(work, error.detail().empty() ? v1::Error::Code_Name(error.code()) : error.detail());
}

}  // namespace sotto::client
