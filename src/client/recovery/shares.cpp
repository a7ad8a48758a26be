#include "client/recovery/shares.h"

#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/notices/notices.h"
#include "client/recovery/messages.h"
#include "identity/armor.h"
#include "recovery/limits.h"
#include "recovery/request.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Vetoes kept for one owner: of requests that come here at all there are a few in a life.
constexpr int kMaxReleases = 64;

struct KeptShare {
  recovery::Share share;
  DurationMs delay;
};

std::optional<KeptShare> load_share(store::Database& database, const identity::AccountId& owner) {
  store::Rows rows = database.query(
      "SELECT owner_key, set_id, slot, threshold, share_index, share, delay_ms FROM recovery_share WHERE "
      "owner "
      "= ?1",
      owner);
  if (!rows.next()) return std::nullopt;
  recovery::ShareTerms terms{.owner = {owner, crypto::Fingerprint::from_octets(rows.array<32>(0))},
                             .set = rows.array<16>(1),
                             .slot = rows.array<16>(2),
                             .threshold = static_cast<std::uint8_t>(rows.integer(3)),
                             .digests = {}};
  auto share =
      recovery::parse_share(std::move(terms), static_cast<std::uint32_t>(rows.integer(4)), rows.octets(5));
  if (!share) {
    database.report_damage();
    return std::nullopt;
  }
  return KeptShare{*std::move(share), {rows.count(6)}};
}

void confirm(Work& work, const identity::AccountId& owner, const recovery::Share& share) {
  v1::RecoveryMessage message;
  message.mutable_kept()->set_set(wire::field(share.terms.set));
  message.mutable_kept()->set_share_hash16(wire::field(recovery::share_hash(share)));
  tell(work, owner, message);
}

std::string name_of(Work& work, const identity::AccountId& account) {
  const auto contact = find_contact(work.db, account);
  return contact ? display_name(*contact) : "somebody";
}

struct StoredRelease {
  recovery::SetId set{};
  UnixMs requested;
  std::optional<OutboxItemId> item;
  bool vetoed = false;
};
std::optional<StoredRelease> load_release(store::Database& database, const identity::AccountId& owner,
                                          const crypto::Sha256Digest& request) {
  store::Rows rows = database.query(
      "SELECT set_id, requested_ms, item, vetoed FROM recovery_release WHERE owner = ?1 AND request_hash = "
      "?2",
      owner, request);
  if (!rows.next()) return std::nullopt;
  return StoredRelease{rows.array<16>(0), rows.time(1),
                       rows.is_null(2) ? std::nullopt : std::optional(rows.integer(2)), rows.flag(3)};
}

void make_room(Work& work, const identity::AccountId& owner) {
  work.db.run(
      "DELETE FROM recovery_release WHERE owner = ?1 AND request_hash NOT IN (SELECT request_hash FROM"
      " recovery_release WHERE owner = ?1 ORDER BY requested_ms DESC LIMIT ?2)",
      owner, kMaxReleases - 1);
}

/// Tells the owner's devices; the delay runs from now.
void begin_release(Work& work, const identity::AccountId& owner, const KeptShare& kept,
                   const crypto::Sha256Digest& request) {
  v1::RecoveryMessage message;
  auto& requested = *message.mutable_requested();
  requested.set_set(wire::field(kept.share.terms.set));
  requested.set_request_hash(wire::field(request));
  requested.set_time_ms(work.now.value);
  requested.set_release_ms((work.now + kept.delay).value);
  const OutboxItemId item = tell(work, owner, message);
  make_room(work, owner);
  work.db.run(
      "INSERT OR REPLACE INTO recovery_release (owner, request_hash, set_id, requested_ms, item, vetoed)"
      " VALUES (?1, ?2, ?3, ?4, ?5, 0)",
      owner, request, kept.share.terms.set, work.now, item);
}

/// The server has it for every device of the owner; or nobody is left who could have it.
bool owner_is_told(Work& work, const identity::AccountId& owner, const StoredRelease& release) {
  if (!release.item) return false;
  bool waiting = false;
  {
    store::Rows rows = work.db.query("SELECT done FROM outbox_item WHERE id = ?1", *release.item);
    waiting = rows.next() && !rows.flag(0);  // an item that is gone was done a week ago
  }
  if (!waiting) return true;
  const auto manifest = load_manifest(work.db, owner);
  const auto fresh = manifest ? identity::freshness(manifest->manifest(), work.now)
                              : err(identity::IdentityError::empty_chain);
  return !fresh && fresh.error() == identity::IdentityError::expired;
}

struct Asked {
  Bytes octets;
  recovery::Request request;
};
RecoveryOutcome<Asked> parse(std::string_view armored) {
  auto octets = identity::dearmor(recovery::kRequestArmor, armored);
  if (!octets) return err(RecoveryCommandError::bad_request);
  auto request = recovery::parse_request(*octets);
  if (!request) return err(RecoveryCommandError::bad_request);
  return Asked{*std::move(octets), *std::move(request)};
}

}  // namespace

void take_share(Work& work, const identity::AccountId& owner, const v1::RecoveryMessage::Share& message) {
  const auto contact = find_contact(work.db, owner);
  const bool fits = contact && contact->pinned && message.set().size() == 16 && message.slot().size() == 16 &&
                    message.threshold() <= recovery::kMaxContacts &&
                    message.delay_ms() <= recovery::kMaxDelay.value;
  if (!fits) return;
  auto share = recovery::parse_share({.owner = {owner, *contact->pinned},
                                      .set = to_array<16>(wire::octets(message.set())),
                                      .slot = to_array<16>(wire::octets(message.slot())),
                                      .threshold = static_cast<std::uint8_t>(message.threshold()),
                                      .digests = {}},
                                     message.index(), wire::octets(message.share()));
  if (!share) return;
  const auto& terms = share->terms;
  work.db.run(
      "INSERT OR REPLACE INTO recovery_share (owner, owner_key, set_id, slot, threshold, share_index, share,"
      " delay_ms, received_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      owner, terms.owner.key.octets(), terms.set, terms.slot, terms.threshold, share->index,
      wire::octets(message.share()), message.delay_ms(), work.now);
  give_notice(work, v1::Notice::RECOVERY_CHANGED,
              name_of(work, owner) +
                  " made you a recovery contact: should they lose every device, they will call you and ask "
                  "for your share; see `sotto recovery release`");
  confirm(work, owner, *share);
}

void take_withdrawal(Work& work, const identity::AccountId& owner,
                     const v1::RecoveryMessage::Withdraw& message) {
  work.db.run("DELETE FROM recovery_share WHERE owner = ?1 AND set_id = ?2", owner,
              wire::octets(message.set()));
  if (work.db.changes() == 0) return;
  work.db.run("DELETE FROM recovery_release WHERE owner = ?1", owner);
  give_notice(work, v1::Notice::RECOVERY_CHANGED,
              "you are not a recovery contact of " + name_of(work, owner) + " any more");
}

void answer_share_drill(Work& work, const identity::AccountId& owner,
                        const v1::RecoveryMessage::Drill& message) {
  const auto kept = load_share(work.db, owner);
  if (!kept || !equal(kept->share.terms.set, wire::octets(message.set()))) return;
  confirm(work, owner, kept->share);
}

void take_veto(Work& work, const identity::AccountId& owner, const v1::RecoveryMessage::Veto& message) {
  const auto kept = load_share(work.db, owner);
  if (!kept || message.request_hash().size() != 32) return;
  const auto request = to_array<32>(wire::octets(message.request_hash()));
  make_room(work, owner);
  work.db.run(
      "INSERT INTO recovery_release (owner, request_hash, set_id, requested_ms, item, vetoed)"
      " VALUES (?1, ?2, ?3, ?4, NULL, 1) ON CONFLICT (owner, request_hash) DO UPDATE SET vetoed = 1",
      owner, request, kept->share.terms.set, work.now);
  give_notice(work, v1::Notice::RECOVERY_REQUESTED,
              name_of(work, owner) +
                  " refused a recovery request from one of their devices; do not give anything to whoever "
                  "brought it");
}

RecoveryOutcome<RecoveryRequestSummary> summarize_recovery_request(std::string_view armored_request) {
  SOTTO_TRY(const Asked asked, parse(armored_request));
  return RecoveryRequestSummary{asked.request.handle, recovery::request_fingerprint(asked.octets)};
}

RecoveryOutcome<Release> release_share(Work& work, std::string_view armored_request) {
  if (!work.self.ready()) return err(RecoveryCommandError::not_registered);
  SOTTO_TRY(const Asked asked, parse(armored_request));
  const auto contact = find_contact(work.db, asked.request.handle);
  if (!contact || !contact->account) return err(RecoveryCommandError::no_share);
  const auto& owner = *contact->account;
  const auto kept = load_share(work.db, owner);
  if (!kept) return err(RecoveryCommandError::no_share);
  const auto request = recovery::request_hash(asked.octets);
  const auto known = load_release(work.db, owner, request);
  if (known && known->vetoed) return err(RecoveryCommandError::vetoed);
  // A veto may be on its way; and nobody is told by a client that is not connected.
  if (!work.link.ready() || !work.link.drained) return err(RecoveryCommandError::not_connected);
  if (!known || known->set != kept->share.terms.set) {
    begin_release(work, owner, *kept, request);
    return Release{.not_before = work.now + kept->delay, .armored = std::nullopt};
  }
  if (elapsed(known->requested, work.now) < kept->delay) {
    return Release{.not_before = known->requested + kept->delay, .armored = std::nullopt};
  }
  if (!owner_is_told(work, owner, *known)) return err(RecoveryCommandError::not_told);
  const auto release = recovery::make_release(asked.octets, kept->share, work.random);
  if (!release) return err(RecoveryCommandError::bad_request);
  return Release{.not_before = known->requested + kept->delay,
                 .armored = identity::armor(recovery::kReleaseArmor, *release)};
}

}  // namespace sotto::client
