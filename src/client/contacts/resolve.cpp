#include "client/contacts/resolve.h"

#include <set>

#include "client/contacts/contact_records.h"
#include "client/conversations/timeline.h"
#include "client/devices/own_devices.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Handles asked for in one pass; the directory limits lookups anyway.
constexpr std::size_t kMaxLookups = 32;

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

void fail_unsent(Work& work, ContactId contact, std::string_view handle) {
  fail_queued_messages(work, contact, "there is no such user");
  work.db.run("UPDATE contact SET wanted = 0 WHERE id = ?1", contact);
  report_problem(work, v1::Problem::NO_SUCH_USER, "nobody has this name on this server; check the spelling",
                 handle);
}

}  // namespace

void resolve_wanted_handles(Work& work) {
  std::set<std::string> wanted;
  {
    store::Rows rows = work.db.query(
        "SELECT c.handle FROM contact c WHERE c.account IS NULL AND (c.wanted = 1 OR EXISTS (SELECT 1 FROM "
        "message m"
        " JOIN conversation v ON v.id = m.conversation WHERE v.contact = c.id AND m.sender_sequence IS NULL"
        " AND m.state = 1)) UNION SELECT claimed_handle FROM contact WHERE claimed_handle <> ''");
    while (rows.next()) wanted.insert(rows.text(0));
  }
  std::size_t asked = 0;
  for (const auto& handle : wanted) {
    const RequestKey key{RequestKind::resolve, to_bytes(as_bytes(handle))};
    if (!work.link.may(key, work.now) || ++asked > kMaxLookups) continue;
    v1::ClientFrame frame;
    frame.mutable_resolve_handle()->set_handle(handle);
    work.link.send(work.effects, frame, {.key = key, .handle = handle});
  }
}

void on_handle_resolved(Work& work, const Request& request, const v1::HandleResolved& answer) {
  const auto account = identity::AccountId::from(wire::octets(answer.account()));
  if (!account || answer.handle() != request.handle) {
    work.link.pause(request.key, minutes(1), work.now, work.random);
    work.effects.disconnect = Disconnect::retry;  // a server that lost count of what it answers
    return;
  }
  work.link.succeeded(request.key);
  settle_claims(work, request.handle, account);
  auto contact = find_contact(work.db, request.handle);
  if (!contact || contact->account) return;
  if (*account == work.self.account_id()) {
    fail_queued_messages(work, contact->id, "this is your own name");
    work.db.run("UPDATE contact SET wanted = 0 WHERE id = ?1", contact->id);
    report_problem(work, v1::Problem::NO_SUCH_USER, "this is your own name; notes to self are not supported",
                   request.handle);
    return;
  }
  const auto attached = attach_account(work.db, *contact, *account);
  work.db.run("UPDATE contact SET wanted = 1 WHERE id = ?1", attached.id);
  share_contact_name(work, *account, request.handle);
}

void on_handle_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.code() != v1::Error::NO_SUCH_HANDLE && error.code() != v1::Error::HANDLE_INVALID) {
    work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
    return;
  }
  work.link.succeeded(request.key);
  settle_claims(work, request.handle, std::nullopt);
  const auto contact = find_contact(work.db, request.handle);
  if (contact && !contact->account) fail_unsent(work, contact->id, request.handle);
}

}  // namespace sotto::client
