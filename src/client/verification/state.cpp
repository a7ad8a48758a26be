#include "client/verification/state.h"

#include "client/contacts/changed_key.h"
#include "client/contacts/manifests.h"
#include "client/conversations/author.h"
#include "client/conversations/system_lines.h"
#include "client/conversations/timeline.h"
#include "client/outbox/queue.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// How far ahead of ours the clock of an own device may be: a later decision must not be shut out for long.
constexpr DurationMs kMaxAhead = hours(48);

/// What a decision for `fingerprint` means while the server shows, or this device has, another key.
void follow_decision(Work& work, const ContactRecord& contact, const crypto::Fingerprint& fingerprint,
                     Verified how) {
  if (contact.changed == fingerprint) return accept_changed_key(work, *contact.account);
  if (contact.pinned == fingerprint) return keep_known_key(work, *contact.account);
  // Accepted here, and on another own device later kept out: that one counts, and need not be shown first.
  if (contact.pinned && how == SyncEvent::ContactVerified::KEPT) {
    stop_for_changed_key(work, *contact.account, fingerprint);
  }
}

void store_decision(Work& work, const ContactRecord& contact, const crypto::Fingerprint& fingerprint,
                    Verified how, UnixMs when) {
  // Who keeps a key that was compared knows it as well as before.
  const bool known = how == SyncEvent::ContactVerified::KEPT && is_decided(contact, fingerprint);
  work.db.run(
      "UPDATE contact SET verified_by = ?2, verified_ms = ?3, verified_fingerprint = ?4 WHERE id = ?1",
      contact.id, known ? contact.verified_by : static_cast<int>(how), when, fingerprint.octets());
  if (contact.account && how != SyncEvent::ContactVerified::WITHDRAWN) {
    follow_decision(work, contact, fingerprint, how);
  }
  announce_contact(work, contact.id);
}

void add_line(Work& work, const ContactRecord& contact, const identity::DeviceId& device, Verified how) {
  const std::string name = display_name(contact);
  std::string words;
  auto kind = v1::SystemLine::VERIFIED;
  switch (how) {
    case SyncEvent::ContactVerified::QR: words = "you verified " + name + " with a QR code"; break;
    case SyncEvent::ContactVerified::DIGITS: words = "you verified " + name + " by comparing digits"; break;
    case SyncEvent::ContactVerified::ACCEPTED:
      kind = v1::SystemLine::KEY_ACCEPTED;
      words = "you accepted the new key of " + name + " without comparing it";
      break;
    case SyncEvent::ContactVerified::KEPT:
      kind = v1::SystemLine::KEY_KEPT;
      words = "you kept the known key of " + name;
      break;
    default: return;
  }
  tell_conversation(work, *contact.account,
                    {.kind = kind, .devices = {}, .words = words, .cause = {work.self.account_id(), device}});
}

void share(Work& work, const identity::AccountId& account, const crypto::Fingerprint& fingerprint,
           Verified how) {
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own || own->manifest().devices.size() < 2) return;
  v1::Content content;
  auto* decision = content.mutable_sync()->mutable_contact_verified();
  decision->set_account(wire::field(account.view()));
  decision->set_fingerprint(wire::field(fingerprint.octets()));
  decision->set_how(how);
  decision->set_time_ms(work.now.value);
  const auto authored =
      author_content(work, work.self.account_id(), content, work.random.array<16>(), work.now);
  queue_content(work, {.account = work.self.account_id()}, authored);
}

}  // namespace

v1::Verification verification_of(const ContactRecord& contact) {
  if (!contact.pinned || contact.changed) return v1::VERIFICATION_UNSPECIFIED;
  if (contact.verified_fingerprint == contact.pinned) {
    switch (contact.verified_by) {
      case SyncEvent::ContactVerified::QR: return v1::VERIFIED_BY_QR;
      case SyncEvent::ContactVerified::DIGITS: return v1::VERIFIED_BY_DIGITS;
      case SyncEvent::ContactVerified::ACCEPTED: return v1::ACCEPTED_AFTER_CHANGE;
      default: break;
    }
  }
  return v1::PINNED_AT_FIRST_CONTACT;
}

void decide(Work& work, const ContactRecord& contact, const crypto::Fingerprint& fingerprint, Verified how) {
  if (!contact.account) return;
  store_decision(work, contact, fingerprint, how, work.now);
  add_line(work, contact, work.self.device.id, how);
  share(work, *contact.account, fingerprint, how);
}

void take_decision(Work& work, const SyncEvent::ContactVerified& decision) {
  const auto account = identity::AccountId::from(wire::octets(decision.account()));
  const ByteView octets = wire::octets(decision.fingerprint());
  if (!account || *account == work.self.account_id() || octets.size() != crypto::Fingerprint::kSize ||
      decision.how() < SyncEvent::ContactVerified::QR || decision.how() > SyncEvent::ContactVerified::KEPT)
    return;
  const UnixMs when{std::min(decision.time_ms(), (work.now + kMaxAhead).value)};
  const auto contact = ensure_contact(work.db, *account, work.now);
  if (contact.verified_by != 0 && when <= contact.verified_at) return;
  const auto fingerprint = crypto::Fingerprint::from_octets(to_array<crypto::Fingerprint::kSize>(octets));
  store_decision(work, contact, fingerprint, decision.how(), when);
  add_line(work, contact, work.self.device.id, decision.how());
}

Result<void, VerifyError> keep_key(Work& work, std::string_view handle) {
  SOTTO_TRY(const Known known, known_contact(work.db, work.self, handle));
  if (!known.contact.changed) return err(VerifyError::key_not_changed);
  decide(work, known.contact, known.party.key, SyncEvent::ContactVerified::KEPT);
  return {};
}

bool is_decided(const ContactRecord& contact, const crypto::Fingerprint& seen) {
  return contact.verified_fingerprint == seen && contact.verified_by != 0 &&
         contact.verified_by != SyncEvent::ContactVerified::WITHDRAWN;
}

}  // namespace sotto::client
