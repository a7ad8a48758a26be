#include "client/contacts/changed_key.h"

#include <utility>

#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/conversations/system_lines.h"
#include "client/conversations/timeline.h"
#include "client/transparency/label_pins.h"
#include "client/verification/state.h"
#include "transparency/label.h"

namespace sotto::client {
namespace {

void tell(Work& work, const identity::AccountId& account, v1::SystemLine::Kind kind, std::string words) {
  tell_conversation(work, account,
                    {.kind = kind, .devices = {}, .words = std::move(words), .cause = {account, {}}});
}

/// The newest device list known is what the server showed when it was asked last, and the log has it.
bool shows_known_list(store::Database& database, const identity::AccountId& account) {
  store::Rows rows =
      database.query("SELECT 1 FROM manifest WHERE account = ?1 AND stale = 0 AND logged = 1", account);
  return rows.next();
}

/// What the log said last of the account is not about the pinned key.
bool log_named_another(store::Database& database, const ContactRecord& contact) {
  const auto pin = load_pin(database, *contact.account);
  if (!pin) return false;
  const auto binding = transparency::AccountBinding::parse(pin->state.value);
  return !binding || binding->account_key != contact.pinned;
}

}  // namespace

void stop_for_changed_key(Work& work, const identity::AccountId& account, const crypto::Fingerprint& seen) {
  const auto contact = find_contact(work.db, account);
  if (!contact) return;
  const auto known_key = contact->known_key == KnownKey::not_shown ? KnownKey::not_shown : KnownKey::gone;
  const bool news = contact->changed != seen || contact->known_key == KnownKey::again;
  if (news && !is_decided(*contact, seen)) {
    tell(work, account, v1::SystemLine::KEY_CHANGED,
         "the key of " + display_name(*contact) +
             " is another one than before; nothing is sent until you decide about it");
    report_problem(work, v1::Problem::ACCOUNT_KEY_CHANGED, kChangedKey, display_name(*contact));
  }
  work.db.run("UPDATE contact SET changed_fingerprint = ?2, known_key = ?3 WHERE id = ?1", contact->id,
              seen.octets(), known_key);
  // What the server showed until now says nothing of what it goes back to.
  mark_stale(work.db, account);
  // Another own device was told first.
  if (is_decided(*contact, seen)) return accept_changed_key(work, account);
  announce_contact(work, contact->id);
}

void notice_known_key(Work& work, const identity::AccountId& account) {
  const auto contact = find_contact(work.db, account);
  if (!contact || !contact->changed || contact->known_key != KnownKey::not_shown) return;
  if (!shows_known_list(work.db, account)) return;
  work.db.run("UPDATE contact SET known_key = ?2 WHERE id = ?1", contact->id, KnownKey::again);
  tell(work, account, v1::SystemLine::KNOWN_KEY_AGAIN,
       "the server shows the known key of " + display_name(*contact) +
           " again; nothing is sent until you keep it or accept the other one");
  announce_contact(work, contact->id);
}

void accept_changed_key(Work& work, const identity::AccountId& account) {
  work.db.run(
      "UPDATE contact SET identity_fingerprint = changed_fingerprint, changed_fingerprint = NULL,"
      " known_key = ?2, wanted = 1 WHERE account = ?1 AND changed_fingerprint IS NOT NULL",
      account, KnownKey::not_shown);
  if (work.db.changes() == 0) return;
  work.db.run("DELETE FROM manifest WHERE account = ?1", account);
  work.db.run("DELETE FROM peer_record WHERE account = ?1", account);
  work.db.run("DELETE FROM peer_session WHERE account = ?1", account);
  work.db.run("UPDATE outbox_item SET fanned_out = 0 WHERE account = ?1 AND done = 0", account);
  refuse_pin(work.db, account);  // it proved the old key
  work.link.succeeded(manifests_key(account));
}

void keep_known_key(Work& work, const identity::AccountId& account) {
  work.db.run(
      "UPDATE contact SET changed_fingerprint = NULL, known_key = ?2, wanted = 1"
      " WHERE account = ?1 AND changed_fingerprint IS NOT NULL",
      account, KnownKey::not_shown);
  if (work.db.changes() == 0) return;
  mark_stale(work.db, account);
  const auto contact = find_contact(work.db, account);
  if (contact && log_named_another(work.db, *contact)) refuse_pin(work.db, account);
  work.link.succeeded(manifests_key(account));
}

}  // namespace sotto::client
