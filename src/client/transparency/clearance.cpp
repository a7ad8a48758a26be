#include "client/transparency/clearance.h"

#include "client/transparency/label_pins.h"
#include "client/transparency/lookups.h"
#include "client/transparency/witnesses.h"
#include "transparency/limits.h"

namespace sotto::client {
namespace {

using transparency::Label;

/// The next answer is on its way and the last one no longer serves without it. When the server does not
/// answer, the last one serves until its head is too old.
bool awaited(Work& work, const LabelPin& pin, const Label& label) {
  const bool old = has_passed(kProofLife, pin.proven, work.now);
  return old && work.link.busy(lookup_key(label));
}

bool recent(const LabelPin& pin, UnixMs now) {
  return elapsed(pin.head, now) <= transparency::kMaxHeadAge &&
         elapsed(now, pin.head) <= transparency::kMaxHeadAge;
}

bool manifest_logged(store::Database& database, const identity::AccountId& account) {
  store::Rows rows = database.query("SELECT logged FROM manifest WHERE account = ?1", account);
  return rows.next() && rows.flag(0);
}

}  // namespace

Clearance clearance(Work& work, const identity::AccountId& account) {
  const auto* view = work.log.view();
  if (view == nullptr) return Clearance::waiting;
  const auto standing = view->standing(account, work.now);
  if (standing == transparency::Standing::forked) {
    // Whom this device knew shall learn which head it was shown.
    return manifest_logged(work.db, account) ? Clearance::heads_only : Clearance::stopped;
  }
  const auto pin = load_pin(work.db, account);
  if (!pin || !recent(*pin, work.now) || !manifest_logged(work.db, account)) return Clearance::waiting;
  if (pin->refused || !witnessed(work)) return Clearance::stopped;
  if (awaited(work, *pin, Label::account(account))) return Clearance::waiting;
  const auto contact = find_contact(work.db, account);
  if (contact && contact->handle && awaited(work, *pin, Label::handle(*contact->handle))) {
    return Clearance::waiting;
  }
  return standing == transparency::Standing::disputed ? Clearance::heads_only : Clearance::cleared;
}

bool name_holds(Work& work, const ContactRecord& contact) {
  if (!contact.handle) return true;
  const auto pin = load_pin(work.db, *contact.handle);
  if (!pin || pin->refused || !recent(*pin, work.now)) return false;
  const auto named = transparency::parse_handle_value(pin->state.value);
  return named && *named == contact.account && !awaited(work, *pin, Label::handle(*contact.handle));
}

}  // namespace sotto::client
