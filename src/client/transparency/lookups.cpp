#include "client/transparency/lookups.h"

#include <set>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/contacts/resolve.h"
#include "client/conversations/compose.h"
#include "client/conversations/timeline.h"
#include "client/transparency/label_pins.h"
#include "client/transparency/self_audit.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using transparency::Label;
using transparency::TransparencyError;

/// Asked for in one pass; the directory limits lookups anyway.
constexpr std::size_t kMaxLookups = 32;
/// In a row; with pauses that double, the last ones are minutes apart.
constexpr std::uint32_t kManyRefusals = 9;
/// After an answer that does not hold.
constexpr DurationMs kAfterRefusal = minutes(1);

void send_lookup(Work& work, const Label& label, v1::ClientFrame& frame, Request request) {
  request.key = lookup_key(label);
  request.known_size = work.log.view()->known_size();
  frame.mutable_look_up()->set_known_size(request.known_size);
  work.link.send(work.effects, frame, std::move(request));
}

/// False when nothing was asked, because it was already or must wait.
bool ask(Work& work, const std::string& handle) {
  const Label label = Label::handle(handle);
  if (!work.link.may(lookup_key(label), work.now)) return false;
  v1::ClientFrame frame;
  frame.mutable_look_up()->set_handle(handle);
  Request request{.key = {}, .account = {}, .handle = handle};
  const auto contact = find_contact(work.db, handle);
  if (contact && contact->account) request.manifest_version = known_version(work.db, *contact->account);
  send_lookup(work, label, frame, std::move(request));
  return true;
}

bool ask(Work& work, const identity::AccountId& account) {
  const Label label = Label::account(account);
  if (!work.link.may(lookup_key(label), work.now)) return false;
  v1::ClientFrame frame;
  frame.mutable_look_up()->set_account(wire::field(account.view()));
  Request request{.key = {}, .account = account};
  request.manifest_version = known_version(work.db, account);
  send_lookup(work, label, frame, std::move(request));
  return true;
}

/// A proof that serves no longer, or none.
bool due(const std::optional<LabelPin>& pin, UnixMs now) {
  return !pin || pin->refused || has_passed(kProofLife, pin->proven, now);
}

/// Names that somebody writes to or claims. A known contact's too: under one head with its account, so that
/// nobody is written to under a name that was given up.
std::set<std::string> wanted_handles(Work& work) {
  std::set<std::string> wanted = work.run.handles_to_audit;
  for (const ContactId id : contacts_to_reach(work.db)) {
    const auto contact = find_contact(work.db, id);
    if (!contact || !contact->handle || contact->account_retired) continue;
    const std::string_view handle = *contact->handle;
    if (!contact->account || due(load_pin(work.db, handle), work.now)) wanted.insert(*contact->handle);
  }
  store::Rows rows = work.db.query(
      "SELECT handle FROM contact WHERE wanted = 1 AND account IS NULL AND handle IS NOT NULL"
      " UNION SELECT claimed_handle FROM contact WHERE claimed_handle <> ''");
  while (rows.next()) wanted.insert(rows.text(0));
  return wanted;
}

/// Accounts that something waits for, with a proof that is missing, old, refused, or older than the manifest;
/// and those of which the server shows the pinned key again, until the log was asked.
std::set<identity::AccountId> wanted_accounts(Work& work) {
  std::set<identity::AccountId> wanted;
  if (work.run.account_to_audit) wanted.insert(work.self.account_id());
  store::Rows rows = work.db.query(
      "SELECT DISTINCT o.account FROM outbox_item o LEFT JOIN log_label l ON l.subject = o.account"
      " LEFT JOIN manifest m ON m.account = o.account LEFT JOIN contact c ON c.account = o.account"
      " WHERE o.done = 0 AND c.changed_fingerprint IS NULL AND (l.subject IS NULL OR l.refused = 1"
      " OR l.proven_ms > ?1 OR l.proven_ms <= ?2 OR m.version > l.version)"
      " UNION SELECT c.account FROM contact c JOIN manifest m ON m.account = c.account"
      "  WHERE c.changed_fingerprint IS NOT NULL AND c.known_key = ?3 AND c.account_retired = 0"
      "  AND m.stale = 0",
      work.now, UnixMs{work.now.value - std::min(work.now.value, kProofLife.value)}, KnownKey::not_shown);
  while (rows.next()) wanted.insert(rows.id<identity::AccountId>(0));
  return wanted;
}

/// Its handle is being asked about, which answers for the account as well.
bool asked_by_handle(Work& work, const identity::AccountId& account) {
  const auto contact = find_contact(work.db, account);
  return contact && contact->handle && work.link.busy(lookup_key(Label::handle(*contact->handle)));
}

/// Whether both answers about a label contradict each other under the log's own signatures; then it is
/// convicted.
bool convict(Work& work, const std::optional<PinnedAnswer>& pinned, const transparency::LookupAnswer& answer,
             std::size_t place) {
  v1::LookupAnswer stored;
  if (!pinned || place >= answer.labels.size()) return false;
  if (!wire::decode(pinned->octets, wire::kMaxFrameBytes, stored)) return false;
  const auto earlier = transparency::from_wire(stored);
  if (!earlier || pinned->place >= earlier->labels.size()) return false;
  auto evidence =
      transparency::contradiction(work.log.view()->keys(), *earlier, pinned->place, answer, place);
  return evidence && work.log.change().convict(*std::move(evidence)).has_value();
}

void refuse_answer(Work& work, const Request& request, const transparency::LookupAnswer* answer,
                   TransparencyError error) {
  if (refuse_head(work, request, error)) return;
  std::optional<identity::AccountId> account;
  if (request.handle.empty()) account = request.account;
  if (const auto contact = find_contact(work.db, request.handle); !account && contact)
    account = contact->account;
  const std::string_view handle = request.handle;
  const std::size_t place = handle.empty() ? 0 : 1;
  if (answer != nullptr && ((!handle.empty() && convict(work, load_answer(work.db, handle), *answer, 0)) ||
                            (account && convict(work, load_answer(work.db, *account), *answer, place)))) {
    tell_of_fork(work);
    return;
  }
  if (!handle.empty()) refuse_pin(work.db, handle);
  if (account) refuse_pin(work.db, *account);
  work.link.pause(request.key, kAfterRefusal, work.now, work.random);
  const bool own = is_own_label(work, request);
  report_problem(work, own ? v1::Problem::OWN_ENTRY_WRONG : v1::Problem::LOG_PROOF_REFUSED,
                 "the server's proof does not hold: " + std::string(transparency::describe(error)),
                 request.handle.empty() ? to_hex(request.account.view()) : request.handle);
}

template <typename Subject>
void pin(Work& work, const Subject& subject, const transparency::LabelState& state,
         const transparency::TreeHead& head, const v1::LookupAnswer& answer, std::size_t place) {
  if (!state.present()) return;  // nothing to hold on to
  save_pin(work.db, subject,
           {.state = state, .size = head.size, .head = head.time, .proven = work.now, .refused = false},
           {wire::encode(answer), place});
}

void take_handle(Work& work, const Request& request, const transparency::LookupAnswer& answer,
                 const v1::LookupAnswer& octets) {
  const auto states =
      transparency::verify_contact(work.log.change(), request.handle, answer, pins_of(work.db), work.now);
  if (!states) return refuse_answer(work, request, &answer, states.error());
  work.link.succeeded(request.key);
  pin(work, std::string_view(request.handle), states->handle, answer.head.head, octets, 0);
  if (states->account) pin(work, *states->account, *states->account_state, answer.head.head, octets, 1);
  if (work.run.handles_to_audit.contains(request.handle)) audit_handle(work, request.handle, *states);
  on_handle_proven(work, request, *states);
}

void take_account(Work& work, const Request& request, const transparency::LookupAnswer& answer,
                  const v1::LookupAnswer& octets) {
  const auto state =
      transparency::verify_account(work.log.change(), request.account, answer, pins_of(work.db), work.now);
  if (!state) return refuse_answer(work, request, &answer, state.error());
  work.link.succeeded(request.key);
  pin(work, request.account, *state, answer.head.head, octets, 0);
  on_account_proven(work, request, request.account, *state);
}

}  // namespace

RequestKey lookup_key(const Label& label) { return {RequestKind::look_up, to_bytes(label.octets())}; }

void look_up_handles(Work& work) {
  const auto* view = work.log.view();
  if (view == nullptr || view->forked()) return;
  std::size_t asked = 0;
  for (const auto& handle : wanted_handles(work)) {
    if (asked < kMaxLookups && ask(work, handle)) ++asked;
  }
}

void look_up_accounts(Work& work) {
  const auto* view = work.log.view();
  if (view == nullptr || view->forked()) return;
  std::size_t asked = 0;
  for (const auto& account : wanted_accounts(work)) {
    if (asked < kMaxLookups && !asked_by_handle(work, account) && ask(work, account)) ++asked;
  }
}

void on_lookup(Work& work, const Request& request, const v1::LookupAnswer& answer) {
  if (work.log.view() == nullptr) return;
  const auto parsed = transparency::from_wire(answer);
  if (!parsed) return refuse_answer(work, request, nullptr, parsed.error());
  if (request.handle.empty()) {
    take_account(work, request, *parsed, answer);
  } else {
    take_handle(work, request, *parsed, answer);
  }
}

void on_lookup_refused(Work& work, const Request& request, const v1::Error& error) {
  // A log that is being recovered is ready after a moment.
  if (error.code() == v1::Error::LOG_NOT_READY && work.link.refusals(request.key) >= kManyRefusals) {
    report_problem(work, v1::Problem::LOG_STALE,
                   "the server does not answer about its log; messages wait for that. Ask its operator");
  }
  work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
}

bool refuse_head(Work& work, const Request& request, TransparencyError error) {
  // Another answer came in between: its head is the one to continue now. Asked again with this input.
  const bool moved = request.known_size != work.log.view()->known_size();
  switch (error) {
    case TransparencyError::forked: tell_of_fork(work); return true;
    case TransparencyError::not_consistent:
      if (!moved) return false;
      work.link.succeeded(request.key);
      return true;
    case TransparencyError::head_behind:
    case TransparencyError::head_too_old:
    case TransparencyError::head_from_future:
      if (moved && error == TransparencyError::head_behind) return true;
      work.link.pause(request.key, kAfterRefusal, work.now, work.random);
      report_problem(work, v1::Problem::LOG_STALE,
                     std::string(transparency::describe(error)) +
                         "; messages wait for a fresh one. If it stays so, ask the server's operator");
      return true;
    default: return false;
  }
}

void tell_of_fork(Work& work) {
  if (std::exchange(work.run.fork_told, true)) return;
  report_problem(
      work, v1::Problem::LOG_FORKED,
      "the server signed two histories of its directory that contradict each other; nothing more is "
      "sent. Keep the evidence with `sotto log evidence --to FILE` and show it to others");
}

}  // namespace sotto::client
