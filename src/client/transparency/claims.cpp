#include "client/transparency/claims.h"

#include <algorithm>
#include <vector>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/author.h"
#include "client/outbox/queue.h"
#include "client/transparency/lookups.h"
#include "client/transparency/witnesses.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using transparency::OpenClaim;
using transparency::Standing;
using transparency::TransparencyError;

/// A claim that is ahead of the own head waits this long for the own head to pass it by itself. Without this
/// two busy contacts would chase each other's heads with every message.
constexpr DurationMs kClaimRest = hours(1);
/// Between two proofs that do not hold, and between two own heads shown to one account.
constexpr DurationMs kClaimRetry = minutes(10);
constexpr DurationMs kHeadsInterval = hours(1);

const RequestKey kNewestKey{RequestKind::tree_head, {}};

RequestKey claim_key(const identity::AccountId& account) {
  return {RequestKind::consistency, to_bytes(account.view())};
}
RequestKey foreign_key(const identity::AccountId& account) {
  Bytes subject = to_bytes(account.view());
  subject.push_back('h');
  return {RequestKind::consistency, std::move(subject)};
}

std::string name_of(Work& work, const identity::AccountId& account) {
  const auto contact = find_contact(work.db, account);
  return contact ? display_name(*contact) : to_hex(account.view());
}

/// The own head goes to an account, unless one just did.
void show_head(Work& work, const identity::AccountId& account, bool answer) {
  const auto* view = work.log.view();
  {
    store::Rows rows = work.db.query("SELECT heads_ms FROM log_dispute WHERE account = ?1", account);
    if (rows.next() && !has_passed(kHeadsInterval, rows.time(0), work.now)) return;
  }
  work.db.run(
      "INSERT INTO log_dispute (account, told, heads_ms) VALUES (?1, 0, ?2)"
      " ON CONFLICT (account) DO UPDATE SET heads_ms = ?2",
      account, work.now);
  v1::Content content;
  transparency::to_wire(*view->head(), *content.mutable_heads()->mutable_head());
  content.mutable_heads()->set_answer(answer);
  const auto authored = author_content(work, account, content, work.random.array<16>(), work.now);
  queue_content(work, {.account = account, .heads = true}, authored);
}

void tell_of_dispute(Work& work, const identity::AccountId& account) {
  if (told_of_dispute(work.db, account)) return;
  show_head(work, account, false);
  work.db.run("UPDATE log_dispute SET told = 1 WHERE account = ?1", account);
  report_problem(
      work, v1::Problem::LOG_DISPUTED,
      "was shown another history of the server's directory than this device, or says so: nothing is "
      "sent there until that is settled. Ask them over another channel",
      name_of(work, account));
}

/// Accounts whose claims are settled may be told of anew.
void forget_settled(Work& work) {
  std::vector<identity::AccountId> settled;
  {
    store::Rows rows = work.db.query("SELECT account, heads_ms FROM log_dispute");
    while (rows.next()) {
      const auto account = rows.id<identity::AccountId>(0);
      const auto& claims = work.log.view()->open_claims();
      const bool open = std::ranges::find(claims, account, &OpenClaim::account) != claims.end();
      if (!open && has_passed(kHeadsInterval, rows.time(1), work.now)) settled.push_back(account);
    }
  }
  for (const auto& account : settled) work.db.run("DELETE FROM log_dispute WHERE account = ?1", account);
}

void ask_path(Work& work, const RequestKey& key, const identity::AccountId& account, std::uint64_t size,
              std::optional<transparency::SignedTreeHead> foreign) {
  if (!work.link.may(key, work.now)) return;
  const std::uint64_t known = work.log.view()->known_size();
  v1::ClientFrame frame;
  frame.mutable_fetch_consistency()->set_first_size(std::min(size, known));
  frame.mutable_fetch_consistency()->set_second_size(std::max(size, known));
  work.link.send(work.effects, frame,
                 {.key = key, .account = account, .known_size = known, .head = std::move(foreign)});
}

/// The server was asked not long ago, and its answer proved nothing. A device that was off for a day has not
/// asked.
bool asked_in_vain(const Work& work, const RequestKey& key) {
  return !work.link.busy(key) && !work.link.may(key, work.now);
}

void ask_newest_head(Work& work) {
  if (!work.link.may(kNewestKey, work.now)) return;
  const std::uint64_t known = work.log.view()->known_size();
  v1::ClientFrame frame;
  frame.mutable_fetch_tree_head()->set_known_size(known);
  work.link.send(work.effects, frame, {.key = kNewestKey, .known_size = known});
}

/// A head that the account's server signed. What it proves, and to the account's claim.
void examine(Work& work, const identity::AccountId& account, const transparency::SignedTreeHead& head,
             const crypto::MerklePath& path) {
  const auto examined = work.log.change().examine(head, path);
  if (!examined) {
    if (examined.error() == TransparencyError::forked) tell_of_fork(work);
    return;  // of another log, or not shown to be of this one: the claim stays as it is
  }
  hear_head(work, account, {to_array<8>(ByteView(head.head.log).first(8)), head.head.size, head.head.root});
}

}  // namespace

session::TransparencyHead head_to_tell(Work& work) {
  const auto* view = work.log.view();
  const auto gossip = view != nullptr ? view->gossip() : std::nullopt;
  if (!gossip) return {};
  return {gossip->log, gossip->size, gossip->root};
}

void hear_head(Work& work, const identity::AccountId& account, const session::TransparencyHead& head) {
  if (head.size == 0 || work.log.view() == nullptr) return;
  work.log.heard(account, {head.log_id, head.size, head.root}, work.now);
}

void take_heads(Work& work, const identity::AccountId& account, const v1::HeadExchange& heads) {
  const auto* view = work.log.view();
  const auto head = transparency::from_wire(heads.head());
  if (view == nullptr || !view->head() || !head) return;
  if (!heads.answer()) show_head(work, account, true);
  if (view->forked() || head->head.log != view->id()) return;
  if (head->head.size == view->known_size()) {
    examine(work, account, *head, {});
  } else if (work.link.ready()) {
    ask_path(work, foreign_key(account), account, head->head.size, *head);
  }
}

bool told_of_dispute(store::Database& database, const identity::AccountId& account) {
  store::Rows rows = database.query("SELECT told FROM log_dispute WHERE account = ?1", account);
  return rows.next() && rows.flag(0);
}

void pursue_claims(Work& work) {
  const auto* view = work.log.view();
  if (view == nullptr || !view->head()) return;
  if (view->forked()) return tell_of_fork(work);
  bool newest = false;
  for (const OpenClaim& claim : std::vector(view->open_claims())) {
    const bool ahead = claim.gossip.size > view->known_size();
    if (view->standing(claim.account, work.now) == Standing::disputed &&
        (claim.disputed || asked_in_vain(work, ahead ? kNewestKey : claim_key(claim.account)))) {
      tell_of_dispute(work, claim.account);
    }
    if (!equal(claim.gossip.log, ByteView(view->id()).first(8))) continue;
    if (ahead) {
      newest |= has_passed(kClaimRest, claim.first_heard, work.now);
    } else if (claim.gossip.size < view->known_size()) {
      ask_path(work, claim_key(claim.account), claim.account, claim.gossip.size, std::nullopt);
    }
  }
  if (newest) ask_newest_head(work);
  forget_settled(work);
}

void on_tree_head(Work& work, const Request& request, const v1::TreeHeadAnswer& answer) {
  if (work.log.view() == nullptr) return;
  if (request.key != kNewestKey) return on_cosigned_head(work, request, answer);
  const auto head = transparency::from_wire(answer.head());
  const auto path =
      transparency::path_from(wire::octets(answer.consistency()), transparency::kMaxConsistencyPath);
  // Whether the claims are ahead of it still shows; the next question is asked after a while.
  work.link.pause(request.key, kClaimRetry, work.now, work.random);
  const auto advanced =
      head && path ? work.log.change().advance(*head, *path, work.now) : err(TransparencyError::malformed);
  if (advanced || refuse_head(work, request, advanced.error())) return;
  report_problem(
      work, v1::Problem::LOG_PROOF_REFUSED,
      "the server's newest head does not hold: " + std::string(transparency::describe(advanced.error())));
}

void on_consistency(Work& work, const Request& request, const v1::ConsistencyAnswer& answer) {
  if (work.log.view() == nullptr) return;
  if (request.key.subject.size() == 1) return on_cosigned_path(work, request, answer);
  const auto path = transparency::path_from(wire::octets(answer.path()), transparency::kMaxConsistencyPath);
  if (work.log.view()->known_size() != request.known_size) {
    // The own head moved in between. Claims are asked about again with this input.
    if (request.head) ask_path(work, request.key, request.account, request.head->head.size, request.head);
    return;
  }
  if (path && request.head) {
    work.link.pause(request.key, kClaimRetry, work.now, work.random);
    examine(work, request.account, *request.head, *path);
  } else if (!path || !work.log.change().settle(request.account, *path)) {
    work.link.pause(request.key, kClaimRetry, work.now, work.random);
  } else {
    work.link.succeeded(request.key);
  }
}

void on_log_question_refused(Work& work, const Request& request, const v1::Error& error) {
  if (request.key.subject == Bytes{'w'}) return on_cosigned_refused(work, error);
  work.link.pause(request.key, DurationMs{std::max(error.retry_after_ms(), kClaimRetry.value)}, work.now,
                  work.random);
}

}  // namespace sotto::client
