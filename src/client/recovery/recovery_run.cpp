#include "client/recovery/recovery_run.h"

#include "client/accounts/sign_in.h"
#include "client/contacts/manifests.h"
#include "client/devices/device_name.h"
#include "client/devices/own_devices.h"
#include "client/recovery/attempt.h"
#include "client/recovery/requests.h"
#include "client/recovery/setup.h"
#include "client/transparency/label_pins.h"
#include "client/transparency/lookups.h"
#include "client/transparency/self_audit.h"
#include "identity/author.h"
#include "identity/wire_form.h"
#include "transparency/contact.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using identity::VerifiedManifest;

/// The next link of the chain, if it is the account's. Reports and gives up otherwise.
std::optional<VerifiedManifest> next_link(Work& work, const v1::SignedManifest& message) {
  auto& attempt = work.run.recovery.attempt;
  const auto& account = attempt.opened->content.account;
  auto parsed = identity::from_wire(message);
  auto verified = !parsed          ? err(parsed.error())
                  : attempt.newest ? identity::verify_successor(*attempt.newest, *std::move(parsed))
                                   : identity::verify_first(*std::move(parsed));
  if (!verified) {
    give_up(work, identity::describe(verified.error()));
    return std::nullopt;
  }
  if (verified->account() != account.id || verified->manifest().account_key != account.key.public_key()) {
    give_up(work, "the server shows the device list of another account than the one that the key opens");
    return std::nullopt;
  }
  return *std::move(verified);
}

/// The list with this device, which only the recovery key may author.
identity::IdentityResult<identity::Manifest> draft(Work& work, const RecoveryRun& run) {
  const auto& attempt = work.run.recovery.attempt;
  auto out = identity::draft_successor(*attempt.newest, identity::DeviceId{}, work.now);
  if (!run.keep_devices) out.devices.clear();
  SOTTO_CHECK_OK(identity::add_device(
      out, {.id = work.self.device.id,
            .key = work.self.device.key.public_key(),
            .sealed_name = seal_device_name(work.self.device_name, *work.self.sync_key, work.random)}));
  return out;
}

/// Keys that this device will have: kept before anything is published under them.
void take_keys(Work& work, const RecoveryRun& run) {
  auto& content = work.run.recovery.attempt.opened->content;
  // The same key again after an interruption: the list that was published may have the name under it.
  if (!work.self.sync_key) {
    work.self.sync_key =
        run.keep_devices ? content.sync_key.clone() : crypto::random_secret<identity::SyncKey>(work.random);
  }
  work.self.account = std::move(content.account);
  work.self.handle = content.handle.empty() ? run.handle : content.handle;
  work.self.manifest_confirmed = false;
  save_self(work.db, work.self);
}

void keep_setup(Work& work, const RecoveryRun& run) {
  const auto& attempt = work.run.recovery.attempt;
  const auto slot = recovery::SlotKey::derive(*run.seed);
  save_recovery_setup(work, {.changed = work.now,
                             .key = attempt.opened->key.public_key(),
                             .slot = slot.slot,
                             .access_hash = slot.access_hash(),
                             .contacts = attempt.opened->content.contacts,
                             .drilled = work.now});
}

/// `listed` is the account's newest list, and this device stands in it.
void finish(Work& work, const RecoveryRun& run, const VerifiedManifest& listed) {
  work.self.stage = v1::Status::READY;
  work.self.manifest_confirmed = true;
  if (!run.keep_devices) work.self.sync_key_version = listed.version();
  save_self(work.db, work.self);
  save_manifest(work, listed);
  watch_own_handle(work.db, work.self.handle);
  keep_setup(work, run);
  work.run.recovery.attempt = {};
  work.db.run("DELETE FROM recovery_run");
  work.db.run("DELETE FROM pending_manifest");
  announce_recovery(work, v1::RecoveryProgress::PUBLISHED, "this device is in the account");
  send_authentication(work);
}

void publish_list(Work& work, const RecoveryRun& run) {
  const auto& attempt = work.run.recovery.attempt;
  const auto made = draft(work, run);
  if (!made) {
    return give_up(work, made.error() == identity::IdentityError::too_many_devices
                             ? "the account has as many devices as it may; recover without --keep-devices"
                             : identity::describe(made.error()));
  }
  const auto& key = attempt.opened->key;
  const auto list =
      identity::sign_recovery_manifest(*made, *work.self.account, key.signing, key.public_key(), work.random);
  work.db.run("INSERT OR REPLACE INTO pending_manifest (id, octets, refused) VALUES (1, ?1, 0)",
              identity::encode(list));
  v1::ClientFrame frame;
  identity::to_wire(list, *frame.mutable_publish_manifest()->mutable_manifest());
  work.link.send(work.effects, frame, {.key = recovery_request(RecoveryStep::publish)});
}

/// Publishing on top of a list that nobody else sees would prove nothing to contacts, and would help a server
/// that forked the account's chain.
void ask_log(Work& work) {
  const auto* view = work.log.view();
  if (view == nullptr || view->forked()) {
    return give_up(work, "this server's log contradicts itself: nothing is published into it");
  }
  const auto& account = work.run.recovery.attempt.opened->content.account.id;
  v1::ClientFrame frame;
  frame.mutable_look_up()->set_account(wire::field(account.view()));
  frame.mutable_look_up()->set_known_size(view->known_size());
  work.link.send(
      work.effects, frame,
      {.key = recovery_request(RecoveryStep::log), .account = account, .known_size = view->known_size()});
}

/// The whole chain is here.
void on_chain_complete(Work& work) {
  const auto& attempt = work.run.recovery.attempt;
  if (!attempt.met_reference) {
    return give_up(work,
                   "the server shows an older device list than your devices knew: it may be lying; ask its "
                   "operator, and try again");
  }
  const VerifiedManifest& newest = *attempt.newest;
  if (newest.manifest().recovery != attempt.opened->key.public_key().fingerprint()) {
    return give_up(work, "the account has another recovery key by now; this one was replaced");
  }
  ask_log(work);
}

/// The chain is the one that everybody sees.
void on_chain_logged(Work& work, const RecoveryRun& run) {
  const VerifiedManifest& newest = *work.run.recovery.attempt.newest;
  take_keys(work, run);
  const auto* listed = newest.find(work.self.device.id);
  if (listed != nullptr && listed->key == work.self.device.key.public_key()) {
    return finish(work, run, newest);  // published before, and the answer was lost
  }
  publish_list(work, run);
}

}  // namespace

std::optional<RecoveryRun> load_recovery_run(store::Database& database) {
  store::Rows rows = database.query(
      "SELECT handle, keep_devices, seed, opener, account, account_key, set_id FROM recovery_run");
  if (!rows.next()) return std::nullopt;
  RecoveryRun run{.handle = rows.text(0), .keep_devices = rows.flag(1)};
  if (!rows.is_null(2)) run.seed = rows.secret_array<recovery::RecoverySeed>(2);
  if (rows.is_null(3)) return run;
  run.opener = rows.secret_array<recovery::RecoverySeed>(3);
  run.owner = recovery::AccountName{rows.id<identity::AccountId>(4),
                                    crypto::Fingerprint::from_octets(rows.array<32>(5))};
  run.set = rows.array<16>(6);
  return run;
}

void start_recovery_run(store::Database& database, std::string_view handle, bool keep_devices) {
  database.run("INSERT OR REPLACE INTO recovery_run (id, handle, keep_devices) VALUES (1, ?1, ?2)", handle,
               keep_devices);
}

std::optional<StoredRecoveryRequest> load_recovery_request(store::Database& database) {
  store::Rows rows =
      database.query("SELECT handle, request, ec_key, kem_key FROM recovery_run WHERE request IS NOT NULL");
  if (!rows.next()) return std::nullopt;
  auto scalar = rows.secret_array<crypto::P256Scalar>(2);
  auto seed = rows.secret_array<crypto::MlKemSeed<crypto::MlKem1024>>(3);
  if (!scalar || !seed) return std::nullopt;
  auto ec = crypto::P256PrivateKey::from_scalar(*std::move(scalar));
  if (!ec) {
    database.report_damage();
    return std::nullopt;
  }
  return StoredRecoveryRequest{
      rows.text(0),
      rows.octets(1),
      {*std::move(ec), crypto::MlKem1024DecapsulationKey::from_seed(*std::move(seed))}};
}

void ask_recovery_chain(Work& work) {
  const auto& attempt = work.run.recovery.attempt;
  v1::ClientFrame frame;
  frame.mutable_fetch_manifests()->set_account(wire::field(attempt.opened->content.account.id.view()));
  frame.mutable_fetch_manifests()->set_from_version(attempt.newest ? attempt.newest->version() + 1 : 1);
  work.link.send(work.effects, frame, {.key = recovery_request(RecoveryStep::chain)});
}

void give_up(Work& work, std::string_view detail) {
  work.run.recovery.attempt = {};
  report_problem(work, v1::Problem::RECOVERY_REFUSED, detail);
  announce_recovery(work, v1::RecoveryProgress::FAILED, detail);
  work.effects.disconnect = Disconnect::refused;
}

void on_recovery_chain(Work& work, const Request& request, const v1::Manifests& answer) {
  work.link.succeeded(request.key);
  const auto run = load_recovery_run(work.db);
  auto& attempt = work.run.recovery.attempt;
  if (!run || !run->seed || !attempt.opened) return;
  for (const auto& message : answer.manifests()) {
    auto link = next_link(work, message);
    if (!link) return;
    attempt.newest = *std::move(link);
    attempt.met_reference =
        attempt.met_reference || attempt.newest->ref() == attempt.opened->content.manifest;
  }
  if (answer.manifests_size() == 0) {
    return give_up(work, attempt.newest
                             ? "the server's log has a newer device list than the server shows: it may be "
                               "lying; ask its operator, and try again"
                             : "the server shows no device list of the account");
  }
  if (answer.more()) return ask_recovery_chain(work);
  on_chain_complete(work);
}

void on_recovery_log(Work& work, const Request& request, const v1::LookupAnswer& answer) {
  work.link.succeeded(request.key);
  const auto run = load_recovery_run(work.db);
  const auto& attempt = work.run.recovery.attempt;
  if (!run || !run->seed || !attempt.newest) return;
  const auto parsed = transparency::from_wire(answer);
  const auto state = !parsed ? err(parsed.error())
                             : transparency::verify_account(work.log.change(), request.account, *parsed,
                                                            pins_of(work.db), work.now);
  if (!state) {
    if (state.error() == transparency::TransparencyError::forked) tell_of_fork(work);
    return give_up(work, "the server's proof about the account does not hold: " +
                             std::string(transparency::describe(state.error())));
  }
  using transparency::ManifestCheck;
  switch (transparency::check_manifest(*state, *attempt.newest)) {
    case ManifestCheck::logged: return on_chain_logged(work, *run);
    case ManifestCheck::older: return ask_recovery_chain(work);  // another device published in between
    case ManifestCheck::newer:
      work.effects.disconnect = Disconnect::retry;  // the epoch that shows it is not there yet
      return;
    case ManifestCheck::retired: return give_up(work, "the account was turned off for good");
    case ManifestCheck::not_in_log:
    case ManifestCheck::other_manifest:
    case ManifestCheck::other_key:
      return give_up(work,
                     "the server's log does not show the device list that the server gave: it may be lying; "
                     "ask its operator, and try again");
  }
}

void on_recovery_published(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  const auto run = load_recovery_run(work.db);
  const auto list = pending_manifest(work.db);
  const auto& attempt = work.run.recovery.attempt;
  if (!run || !run->seed || !list || !attempt.newest) return;
  const auto verified = identity::verify_successor(*attempt.newest, *list);
  if (!verified) {
    work.effects.disconnect = Disconnect::retry;  // the next connection sees what the server took
    return;
  }
  finish(work, *run, *verified);
}

}  // namespace sotto::client
