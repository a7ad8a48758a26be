#include "client/contacts/manifests.h"

#include <set>

#include "bytes/hex.h"
#include "client/contacts/changed_key.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/compose.h"
#include "client/devices/aftermath.h"
#include "client/devices/own_devices.h"
#include "client/inbox/held.h"
#include "client/transparency/claims.h"
#include "client/transparency/label_pins.h"
#include "client/transparency/lookups.h"
#include "client/transparency/self_audit.h"
#include "identity/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using identity::IdentityError;
using identity::VerifiedManifest;

/// Version 0 when none is known. Reads two columns instead of decoding keys: every message carries this.
identity::ManifestRef manifest_ref(store::Database& database, const identity::AccountId& account) {
  store::Rows rows = database.query("SELECT version, hash FROM manifest WHERE account = ?1", account);
  if (!rows.next()) return {};
  return {rows.count(0), rows.array<16>(1)};
}

/// True if `manifest` speaks with the identity that is pinned for its account, or with the first one. Another
/// one is a change that a person decides about, whatever the log says of it.
bool keeps_key(Work& work, const VerifiedManifest& manifest) {
  const auto& account = manifest.account();
  const auto& fingerprint = manifest.manifest().account_key.fingerprint();
  if (account == work.self.account_id()) {
    return fingerprint == work.self.account->key.public_key().fingerprint();
  }
  const auto contact = ensure_contact(work.db, account, work.now);
  if (contact.pinned && *contact.pinned != fingerprint) {
    stop_for_changed_key(work, account, fingerprint);
    return false;
  }
  return true;
}

/// The identity of a contact is known from now on.
void pin(Work& work, const VerifiedManifest& manifest) {
  work.db.run("UPDATE contact SET identity_fingerprint = ?2 WHERE account = ?1", manifest.account(),
              manifest.manifest().account_key.fingerprint().octets());
}

using transparency::ManifestCheck;

/// Nothing is encrypted to what the log does not show.
void refuse_unlogged(Work& work, const identity::AccountId& account, std::string_view detail) {
  work.link.pause(manifests_key(account), minutes(1), work.now, work.random);
  const auto contact = find_contact(work.db, account);
  report_problem(work, v1::Problem::LOG_PROOF_REFUSED, detail,
                 contact ? display_name(*contact) : to_hex(account.view()));
}

std::string_view describe_check(ManifestCheck check) {
  switch (check) {
    case ManifestCheck::not_in_log: return "the server's log does not have the account";
    case ManifestCheck::retired: return "the account was turned off for good";
    case ManifestCheck::other_manifest:
      return "the device list that the server shows is not the one in its log";
    case ManifestCheck::other_key: return "the account's identity key is not the one in the server's log";
    case ManifestCheck::newer: return "the server's log does not have the device list that the server shows";
    case ManifestCheck::older: return "the server's log has a newer device list than the server shows";
    case ManifestCheck::logged: break;
  }
  return "";
}

bool contradicts(ManifestCheck check) {
  return check == ManifestCheck::not_in_log || check == ManifestCheck::other_manifest ||
         check == ManifestCheck::other_key;
}

/// A contact's manifest that the log is known to contradict is not kept: its true successors would not follow
/// it.
bool refused_by_log(Work& work, const VerifiedManifest& manifest) {
  const auto pin = load_pin(work.db, manifest.account());
  if (!pin || manifest.account() == work.self.account_id()) return false;
  const auto check = transparency::check_manifest(pin->state, manifest);
  if (contradicts(check)) refuse_unlogged(work, manifest.account(), describe_check(check));
  return contradicts(check);
}

void refuse(Work& work, const Request& request, std::string_view detail) {
  work.link.pause(request.key, minutes(1), work.now, work.random);
  // That somebody has to decide about another key was told by the name, and goes before all else about it.
  const auto contact = find_contact(work.db, request.account);
  if (contact && contact->changed) return;
  report_problem(work, v1::Problem::MANIFEST_REFUSED, detail, to_hex(request.account.view()));
}

/// A list that does not follow from the one before. If the log has it, of the own account, none of the
/// account's devices published what everybody else is shown.
void refuse_link(Work& work, const Request& request, std::string_view why) {
  const auto pin = load_pin(work.db, request.account);
  const bool logged = pin && pin->state.version > known_version(work.db, request.account);
  if (!logged || request.account != work.self.account_id()) return refuse(work, request, why);
  work.link.pause(request.key, minutes(1), work.now, work.random);
  alarm(work,
        "the server's log has a list of your devices that none of them published (" + std::string(why) + ")");
}

/// Verifies the links that are new here, in order. Empty: some link was refused and reported.
std::optional<std::optional<VerifiedManifest>> follow(Work& work, const Request& request,
                                                      const v1::Manifests& answer,
                                                      std::optional<VerifiedManifest> newest) {
  for (const auto& link : answer.manifests()) {
    auto parsed = identity::from_wire(link);
    auto manifest = parsed ? identity::parse_manifest(parsed->m) : err(parsed.error());
    if (!manifest || manifest->account != request.account) {
      refuse(work, request, "the server sent a device list that does not parse or is another account's");
      return std::nullopt;
    }
    if (newest && manifest->version <= newest->version()) {
      if (manifest->version == newest->version() && parsed->m != newest->signed_manifest().m) {
        refuse(work, request, "the server shows two different device lists of one version");
        return std::nullopt;
      }
      continue;
    }
    auto verified = newest ? identity::verify_successor(*newest, *std::move(parsed))
                           : identity::verify_first(*std::move(parsed));
    if (!verified) {
      if (verified.error() == IdentityError::account_key_changed) {
        stop_for_changed_key(work, request.account, manifest->account_key.fingerprint());
      }
      refuse_link(work, request, identity::describe(verified.error()));
      return std::nullopt;
    }
    newest = *std::move(verified);
    if (request.account == work.self.account_id()) pass_own_manifest(work, *newest);
  }
  return newest;
}

/// The chain of the own account starts over at version 1 until it was followed once to what the link file
/// said.
bool confirms_own(Work& work, const VerifiedManifest& newest) {
  if (newest.account() != work.self.account_id() || work.self.manifest_confirmed) return true;
  const auto granted = load_manifest(work.db, work.self.account_id());
  if (granted && newest.version() < granted->version()) return false;
  if (granted && newest.version() == granted->version() && newest.hash() != granted->hash()) return false;
  return true;
}

/// True and reported if the newest manifest shown is older than the account's own devices say, or must not be
/// relied on now: the server may be holding one back. Each question more waits longer.
bool questionable(Work& work, const Request& request, const VerifiedManifest& newest) {
  const auto announced = work.link.announced.extract(newest.account());
  if (!announced.empty() && announced.mapped() > newest.version()) {
    refuse(work, request, "a device of the account knows a newer device list than the server shows");
    return true;
  }
  const bool own = newest.account() == work.self.account_id();
  const auto pin = load_pin(work.db, newest.account());
  if (pin && pin->state.version > newest.version()) {
    // The list may be of a moment ago, the log's answer newer: a server that goes on so is holding it back.
    if (work.link.refusals(request.key) == 0) {
      work.link.pause(request.key, {}, work.now, work.random);
    } else if (own) {
      work.link.pause(request.key, minutes(1), work.now, work.random);
      alarm(work, "the server's log has a newer list of your devices than the server shows");
    } else {
      refuse_unlogged(work, newest.account(), describe_check(ManifestCheck::older));
    }
    return true;
  }
  if (own) return false;  // renewed here, not waited for
  const auto fresh = identity::freshness(newest.manifest(), work.now);
  if (fresh) return false;
  refuse(work, request,
         fresh.error() == IdentityError::expired
             ? "the device list has expired: its account was not used for weeks, or the server holds a newer "
               "list back; messages wait"
             : identity::describe(fresh.error()));
  return true;
}

}  // namespace

RequestKey manifests_key(const identity::AccountId& account) {
  return {RequestKind::manifests, to_bytes(account.view())};
}

std::optional<VerifiedManifest> load_manifest(store::Database& database, const identity::AccountId& account) {
  store::Rows rows = database.query("SELECT octets FROM manifest WHERE account = ?1", account);
  if (!rows.next()) return std::nullopt;
  auto manifest = VerifiedManifest::from_own_store(rows.octets(0));
  if (!manifest) {
    database.report_damage();
    return std::nullopt;
  }
  return *std::move(manifest);
}

void save_manifest(Work& work, const VerifiedManifest& manifest) {
  work.db.run(
      "INSERT INTO manifest (account, version, octets, hash, checked_ms, stale, logged) VALUES (?1, ?2, ?3, "
      "?5, ?4, 0, 0)"
      " ON CONFLICT (account) DO UPDATE SET version = ?2, octets = ?3, checked_ms = ?4, stale = 0,"
      " logged = logged AND hash = ?5, hash = ?5",
      manifest.account(), manifest.version(), manifest.store_form(), work.now, manifest.ref().hash);
}

std::uint64_t known_version(store::Database& database, const identity::AccountId& account) {
  return manifest_ref(database, account).version;
}

void mark_stale(store::Database& database, const identity::AccountId& account) {
  database.run("UPDATE manifest SET stale = 1 WHERE account = ?1", account);
}

std::optional<session::PeerDevice> peer_device(const VerifiedManifest& manifest,
                                               const identity::DeviceId& device) {
  const auto* listed = manifest.find(device);
  if (listed == nullptr) return std::nullopt;
  return session::PeerDevice{manifest.account(), device, manifest.manifest().account_key.fingerprint(),
                             listed->key};
}

std::optional<session::PeerDevice> peer_device(store::Database& database,
                                               const identity::DeviceAddress& address) {
  const auto manifest = load_manifest(database, address.account);
  if (!manifest) return std::nullopt;
  return peer_device(*manifest, address.device);
}

session::Gossip manifest_gossip(store::Database& database, const identity::AccountId& own,
                                const identity::AccountId& peer) {
  return {
      .own_manifest = manifest_ref(database, own), .peer_manifest = manifest_ref(database, peer), .head = {}};
}

session::Gossip gossip_for(Work& work, const identity::AccountId& peer) {
  session::Gossip gossip = manifest_gossip(work.db, work.self.account_id(), peer);
  gossip.head = head_to_tell(work);
  return gossip;
}

void compare_gossip(Work& work, const identity::AccountId& peer, const session::Gossip& theirs) {
  const auto compare = [&](const identity::AccountId& account, const identity::ManifestRef& seen) {
    const auto mine = manifest_ref(work.db, account);
    if (mine.version == 0 || seen.version == 0) return;
    switch (identity::relate(mine, seen)) {
      case identity::ManifestRelation::newer:
        mark_stale(work.db, account);
        // Only its own devices: anybody else's word about an account is no evidence against the server.
        if (account == peer) work.link.announced[account] = seen.version;
        break;
      case identity::ManifestRelation::fork:
        report_problem(work, v1::Problem::MANIFEST_REFUSED,
                       "somebody was shown another device list of the same version: the server may be lying",
                       to_hex(account.view()));
        break;
      case identity::ManifestRelation::same:
      case identity::ManifestRelation::older: break;
    }
  };
  compare(peer, theirs.own_manifest);
  compare(work.self.account_id(), theirs.peer_manifest);
  hear_head(work, peer, theirs.head);
}

void fetch_manifests(Work& work, const identity::AccountId& account) {
  const auto key = manifests_key(account);
  if (!work.link.may(key, work.now)) return;
  const bool own_unconfirmed = account == work.self.account_id() && !work.self.manifest_confirmed;
  const auto anchor = own_unconfirmed ? work.link.own_chain : load_manifest(work.db, account);
  v1::ClientFrame frame;
  frame.mutable_fetch_manifests()->set_account(wire::field(account.view()));
  frame.mutable_fetch_manifests()->set_from_version(anchor ? anchor->version() + 1 : 1);
  work.link.send(work.effects, frame, {.key = key, .account = account});
}

void fetch_wanted_manifests(Work& work) {
  std::set<identity::AccountId> wanted;
  {
    store::Rows rows = work.db.query(
        "SELECT o.account FROM outbox_item o LEFT JOIN manifest m ON m.account = o.account"
        " WHERE o.done = 0 AND (m.account IS NULL OR m.stale = 1)"
        " UNION SELECT h.account FROM held_envelope h"
        " UNION SELECT c.account FROM contact c LEFT JOIN manifest m ON m.account = c.account"
        "  WHERE c.wanted = 1 AND c.account IS NOT NULL AND m.account IS NULL"
        " UNION SELECT account FROM manifest WHERE stale = 1");
    while (rows.next()) wanted.insert(rows.id<identity::AccountId>(0));
  }
  for (const ContactId id : contacts_to_reach(work.db)) {
    const auto contact = find_contact(work.db, id);
    if (contact && contact->account && known_version(work.db, *contact->account) == 0) {
      wanted.insert(*contact->account);
    }
  }
  if (!work.self.manifest_confirmed) wanted.insert(work.self.account_id());
  for (const auto& account : wanted) fetch_manifests(work, account);
}

void on_manifests(Work& work, const Request& request, const v1::Manifests& answer) {
  const bool own = request.account == work.self.account_id();
  const auto before = load_manifest(work.db, request.account);
  const bool from_start = own && !work.self.manifest_confirmed;
  const auto& anchor = from_start ? work.link.own_chain : before;
  const std::uint64_t known = anchor ? anchor->version() : 0;
  const auto followed = follow(work, request, answer, anchor);
  if (!followed) return;
  const auto& newest = *followed;
  if (answer.more() && newest && newest->version() == known) {
    refuse(work, request, "the server speaks of more device lists and sends none");
    return;
  }
  if (from_start && answer.more() && newest) {
    work.link.own_chain = newest;  // the next page follows on; nothing is believed before the last one
    return;
  }
  if (!newest || !keeps_key(work, *newest) || !confirms_own(work, *newest)) {
    refuse(work, request, "the server's device list does not lead to the one that is known here");
    return;
  }
  if (refused_by_log(work, *newest)) return;
  pin(work, *newest);
  save_manifest(work, *newest);
  if (before) on_devices_changed(work, *before, *newest);
  if (!answer.more()) compare_with_log(work, nullptr, request.account);
  work.db.run("UPDATE contact SET wanted = 0 WHERE account = ?1", request.account);
  if (!before || newest->version() > before->version()) {
    work.link.succeeded({RequestKind::submit, to_bytes(request.account.view())});
  }
  if (answer.more()) {
    work.link.succeeded(request.key);
    mark_stale(work.db, request.account);
    return;
  }
  if (!questionable(work, request, *newest)) work.link.succeeded(request.key);
  if (own) {
    on_own_manifest(work, *newest);
  } else {
    process_held(work, request.account);
  }
}

void compare_with_log(Work& work, const Request* answer, const identity::AccountId& account) {
  const auto manifest = load_manifest(work.db, account);
  const auto pin = load_pin(work.db, account);
  if (!manifest || !pin) return;
  // Of a proof that does not count any more nothing follows; nothing is sent until a new one is there.
  if (answer == nullptr && pin->refused) return;
  const auto check = transparency::check_manifest(pin->state, *manifest);
  work.db.run("UPDATE manifest SET logged = ?2 WHERE account = ?1", account, check == ManifestCheck::logged);
  if (check == ManifestCheck::older) mark_stale(work.db, account);
  // The log was asked when this list was known here already, so the list was shown before the log had it.
  const bool ahead =
      check == ManifestCheck::newer && answer != nullptr && answer->manifest_version > pin->state.version;
  if (!ahead && !contradicts(check)) return;
  if (account == work.self.account_id()) {
    if (answer == nullptr) alarm(work, describe_check(check));  // else the self-audit says it
    return;
  }
  work.db.run("DELETE FROM manifest WHERE account = ?1", account);
  work.db.run("UPDATE outbox_item SET fanned_out = 0 WHERE account = ?1 AND done = 0", account);
  refuse_unlogged(work, account, describe_check(check));
}

void on_manifests_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.code() == v1::Error::NO_SUCH_ACCOUNT && request.account != work.self.account_id()) {
    // Whoever claimed to be this account is not: nothing it sent can ever be believed.
    work.db.run("DELETE FROM held_envelope WHERE account = ?1", request.account);
    work.db.run("UPDATE contact SET wanted = 0 WHERE account = ?1", request.account);
  }
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
}

}  // namespace sotto::client
