#include "client/transparency/self_audit.h"

#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "client/transparency/label_pins.h"
#include "transparency/limits.h"

namespace sotto::client {
namespace {

using transparency::AccountBinding;
using transparency::Label;
using transparency::SelfAudit;

void note_audited(Work& work) {
  if (work.run.account_to_audit || !work.run.handles_to_audit.empty()) return;
  work.db.run("UPDATE log_upkeep SET audited_ms = ?1", work.now);
}

}  // namespace

void keep_audit(Work& work) {
  if (!work.self.account || !work.self.manifest_confirmed) return;
  const auto& last = work.run.audited;
  if (last && !has_passed(transparency::kSelfAuditInterval, *last, work.now)) return;
  work.run.audited = work.now;
  work.run.account_to_audit = true;
  store::Rows rows = work.db.query("SELECT handle FROM own_handle");
  while (rows.next()) work.run.handles_to_audit.insert(rows.text(0));
}

bool is_own_label(Work& work, const Request& request) {
  if (request.handle.empty()) return request.account == work.self.account_id();
  return work.db.query("SELECT 1 FROM own_handle WHERE handle = ?1", std::string_view(request.handle)).next();
}

void watch_own_handle(store::Database& database, std::string_view handle) {
  if (!handle.empty()) database.run("INSERT OR IGNORE INTO own_handle (handle) VALUES (?1)", handle);
}

void forget_own_handle(store::Database& database, std::string_view handle) {
  database.run("DELETE FROM own_handle WHERE handle = ?1", handle);
}

void audit_handle(Work& work, const std::string& handle, const transparency::ContactStates& states) {
  work.run.handles_to_audit.erase(handle);
  if (!states.handle.present()) {
    alarm(work, "the server's log does not have your name", handle);
  } else if (!states.account) {
    // Another own device may have done it, and does not tell this one.
    forget_own_handle(work.db, handle);
    report_problem(work, v1::Problem::HANDLE_GIVEN_UP,
                   "your name was given up; if you did not do that on another device, the server did",
                   handle);
  } else if (*states.account != work.self.account_id()) {
    alarm(work, "the server's log gives your name to somebody else", handle);
  }
  note_audited(work);
}

void audit_account(Work& work, const Request& request, const transparency::LabelState& state) {
  work.run.account_to_audit = false;
  const auto own = load_manifest(work.db, work.self.account_id());
  if (!own) return;
  const transparency::OwnLabel ours{Label::account(own->account()), own->version(),
                                    AccountBinding::of(*own).encoded()};
  const auto refuse = [&](std::string_view detail) {
    alarm(work, detail);
    refuse_pin(work.db, own->account());
    work.link.pause(request.key, minutes(1), work.now, work.random);
  };
  switch (transparency::self_audit(ours, state)) {
    case SelfAudit::as_published: break;
    case SelfAudit::missing: refuse("the server's log does not have your account"); break;
    case SelfAudit::replaced: refuse("the server's log has another list of your devices"); break;
    case SelfAudit::retired: refuse("the server's log says that your account was turned off"); break;
    case SelfAudit::behind:
      // A list that was published since the question was asked is not in the answer yet.
      if (state.version < request.manifest_version) {
        refuse("the server's log does not have the newest list of your devices");
      }
      break;
    case SelfAudit::ahead: mark_stale(work.db, own->account()); break;  // what it shows has to explain it
  }
  note_audited(work);
}

void alarm(Work& work, std::string_view detail, std::string_view subject) {
  report_problem(work, v1::Problem::OWN_ENTRY_WRONG,
                 std::string(detail) +
                     ": others may be writing to devices that are not yours. Compare fingerprints with them "
                     "over another channel",
                 subject.empty() ? to_hex(work.self.account_id().view()) : subject);
}

}  // namespace sotto::client
