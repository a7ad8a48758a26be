#include "client/contacts/resolve.h"

#include <set>

#include "bytes/hex.h"
#include "client/contacts/changed_key.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/conversations/compose.h"
#include "client/conversations/conversation.h"
#include "client/conversations/system_lines.h"
#include "client/conversations/timeline.h"
#include "client/devices/own_devices.h"
#include "client/outbox/queue.h"
#include "client/sms/texts.h"
#include "client/transparency/self_audit.h"

namespace sotto::client {
namespace {

constexpr std::string_view kGone = "the recipient turned the account off";

/// Senders claiming `handle`: the directory knows better than they do.
void settle_claims(Work& work, std::string_view handle, const std::optional<identity::AccountId>& owner) {
  std::set<ContactId> claimants;
  {
    store::Rows rows = work.db.query("SELECT id FROM contact WHERE claimed_handle = ?1", handle);
    while (rows.next()) claimants.insert(rows.integer(0));
  }
  for (const ContactId id : claimants) {
    work.db.run("UPDATE contact SET claimed_handle = '' WHERE id = ?1", id);
    const auto contact = find_contact(work.db, id);
    if (!contact) continue;
    if (owner && contact->account == owner && !contact->handle && attach_handle(work.db, *contact, handle)) {
      share_contact_name(work, *owner, handle);
    }
    announce_contact(work, id);
  }
}

void fail_unsent(Work& work, ContactId contact, std::string_view reason) {
  fail_queued_messages(work, contact, reason);
  work.db.run("UPDATE contact SET wanted = 0 WHERE id = ?1", contact);
}

/// The handle no longer names whom the user knew by it. What was written to it and not signed goes to nobody;
/// whoever has the name next is another person, met for the first time.
void give_up_handle(Work& work, const ContactRecord& contact, std::string_view handle) {
  fail_unsent(work, contact.id, "the recipient no longer has this name");
  report_problem(work, v1::Problem::HANDLE_GIVEN_UP,
                 contact.account
                     ? "whom you knew by this name gave it up; ask them for the new one. The name "
                       "may be somebody else's now"
                     : "this name was given up and nobody has it",
                 handle);
  if (!contact.account) return;
  tell_conversation(work, *contact.account,
                    {.kind = v1::SystemLine::HANDLE_GIVEN_UP,
                     .devices = {},
                     .words = "they gave the name " + std::string(handle) + " up",
                     .cause = {*contact.account, {}}});
  work.db.run("UPDATE contact SET handle = NULL, retired_handle = ?2 WHERE id = ?1", contact.id, handle);
  announce_contact(work, contact.id);
}

void fail_absent(Work& work, const ContactRecord& contact, std::string_view handle) {
  if (fall_back_to_sms(work, contact, handle)) return;
  fail_unsent(work, contact.id, "there is no such user");
  report_problem(work, v1::Problem::NO_SUCH_USER, "nobody has this name on this server; check the spelling",
                 handle);
}

void meet(Work& work, const ContactRecord& contact, std::string_view handle,
          const identity::AccountId& account) {
  if (account == work.self.account_id()) {
    // A name that another device added, and this one had not heard of.
    watch_own_handle(work.db, handle);
    merge_conversations(work.db, ensure_conversation(work.db, contact.id), ensure_notes(work.db));
    work.db.run("DELETE FROM contact WHERE id = ?1", contact.id);
    return;
  }
  const auto attached = attach_account(work.db, contact, account);
  work.db.run("UPDATE contact SET wanted = 1 WHERE id = ?1", attached.id);
  share_contact_name(work, account, handle);
}

/// Turned off for good, as the log shows: an empty value.
void lose_account(Work& work, const identity::AccountId& account) {
  const auto contact = find_contact(work.db, account);
  if (!contact) return;
  work.db.run("UPDATE contact SET account_retired = 1, wanted = 0 WHERE id = ?1 AND account_retired = 0",
              contact->id);
  const bool news = work.db.changes() > 0;
  fail_account(work, account, kGone);
  work.db.run("DELETE FROM receipt_due WHERE account = ?1", account);
  work.db.run("DELETE FROM receipt_held WHERE account = ?1", account);
  if (!news) return;
  report_problem(work, v1::Problem::ACCOUNT_GONE, kGone, display_name(*contact));
  tell_conversation(
      work, account,
      {.kind = v1::SystemLine::ACCOUNT_RETIRED,
       .devices = {},
       .words = display_name(*contact) + " turned the account off; nothing can be sent any more",
       .cause = {account, {}}});
  announce_contact(work, contact->id);
}

}  // namespace

void on_handle_proven(Work& work, const Request& request, const transparency::ContactStates& states) {
  const std::string& handle = request.handle;
  settle_claims(work, handle, states.account);
  const auto contact = find_contact(work.db, handle);
  if (contact && !states.handle.present()) {
    fail_absent(work, *contact, handle);
  } else if (contact && (!states.account || (contact->account && contact->account != states.account))) {
    give_up_handle(work, *contact, handle);
  } else if (contact && !contact->account) {
    meet(work, *contact, handle, *states.account);
  }
  if (states.account) on_account_proven(work, request, *states.account, *states.account_state);
}

void on_account_proven(Work& work, const Request& request, const identity::AccountId& account,
                       const transparency::LabelState& state) {
  if (account == work.self.account_id()) {
    audit_account(work, request, state);
    return compare_with_log(work, &request, account);
  }
  if (state.present() && state.value.empty()) return lose_account(work, account);
  const auto contact = find_contact(work.db, account);
  if (!state.present()) {
    work.link.pause(request.key, minutes(1), work.now, work.random);
    report_problem(work, v1::Problem::LOG_PROOF_REFUSED, "the server's log does not have the account",
                   contact ? display_name(*contact) : to_hex(account.view()));
    return;
  }
  const auto binding = transparency::AccountBinding::parse(state.value);
  if (contact && contact->pinned && binding && *contact->pinned != binding->account_key) {
    stop_for_changed_key(work, account, binding->account_key);
  }
  compare_with_log(work, &request, account);
  notice_known_key(work, account);
}

void fail_messages_to_the_gone(Work& work) {
  for (const ContactId id : contacts_to_reach(work.db)) {
    const auto contact = find_contact(work.db, id);
    if (!contact || !contact->account_retired) continue;
    fail_queued_messages(work, id, kGone);
    report_problem(work, v1::Problem::ACCOUNT_GONE, kGone, display_name(*contact));
  }
}

}  // namespace sotto::client
