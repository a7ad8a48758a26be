#include "client/groups/intake.h"

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/groups/authors.h"
#include "client/groups/conversations.h"
#include "client/groups/lines.h"
#include "client/groups/messages.h"
#include "client/groups/requests.h"
#include "client/groups/telling.h"
#include "client/requests/decisions.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// In one update; ours have no more than fit 40 KiB.
constexpr int kMaxOperationsInUpdate = 64;
/// All groups together: anybody may send operations of groups that do not exist.
constexpr std::uint64_t kMaxWaitingAltogether = 4096;
constexpr DurationMs kWaitingLifetime = days(30);

struct Waiting {
  std::int64_t id;
  groups::SignedOperation operation;
  bool verified;
  std::uint64_t manifest_version;
  identity::AccountId author;
};

std::vector<Waiting> waiting_in(store::Database& database, const groups::GroupId& group) {
  std::vector<Waiting> out;
  store::Rows rows = database.query(
      "SELECT id, octets, verified, manifest_version, author FROM group_waiting WHERE group_id = ?1 ORDER BY "
      "id",
      group);
  while (rows.next()) {
    auto parsed = groups::parse_signed_operation(rows.octets(1));
    if (!parsed) {
      database.report_damage();
      return {};
    }
    out.push_back(
        {rows.integer(0), *std::move(parsed), rows.flag(2), rows.count(3), rows.id<identity::AccountId>(4)});
  }
  return out;
}

void drop(Work& work, std::int64_t id) { work.db.run("DELETE FROM group_waiting WHERE id = ?1", id); }

void refuse(Work& work, const groups::GroupId& group, groups::GroupError error) {
  report_problem(work, v1::Problem::GROUP_CHANGE_REFUSED,
                 "a change of a group was refused: it " + std::string(groups::describe(error)),
                 to_hex(group));
}

bool has_room(store::Database& database, const groups::GroupId& group) {
  store::Rows rows = database.query(
      "SELECT (SELECT count(*) FROM group_waiting WHERE group_id = ?1), (SELECT count(*) FROM group_waiting)",
      group);
  return rows.next() && rows.count(0) < groups::kMaxPending && rows.count(1) < kMaxWaitingAltogether;
}

/// Nothing is believed yet but its form.
void keep_waiting(Work& work, const groups::GroupId& group, ByteView octets) {
  const auto parsed = groups::parse_signed_operation(octets);
  const auto operation = parsed ? groups::VerifiedOperation::from_own_store(parsed->o) : err(parsed.error());
  if (!operation) return refuse(work, group, operation.error());
  if (operation->group() != group) return refuse(work, group, groups::GroupError::wrong_group);
  if (!operation_octets(work.db, group, operation->hash()).empty()) return;
  if (!has_room(work.db, group)) return refuse(work, group, noted(groups::GroupError::pending_full));
  const auto& author = operation->operation().author;
  work.db.run(
      "INSERT OR IGNORE INTO group_waiting (group_id, hash, octets, author, manifest_version, verified, "
      "received_ms)"
      " VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
      group, operation->hash(), octets, author.account, author.manifest_version, work.now);
}

enum class Judgement : std::uint8_t { taken, dropped, waits_for_manifest, waits_for_parents };

/// Precondition: its octets parse, as they did when it was kept.
groups::GroupResult<groups::VerifiedOperation> believe(Work& work, const Waiting& waiting,
                                                       const identity::VerifiedManifest& manifest) {
  if (waiting.verified) return groups::VerifiedOperation::from_own_store(waiting.operation.o);
  SOTTO_TRY(auto verified, groups::verify(waiting.operation, manifest));
  work.db.run("UPDATE group_waiting SET verified = 1 WHERE id = ?1", waiting.id);
  return verified;
}

Judgement judge(Work& work, const groups::GroupId& group, const Waiting& waiting) {
  const auto manifest =
      waiting.verified ? std::nullopt : author_manifest(work.db, waiting.author, waiting.manifest_version);
  if (!waiting.verified && !manifest) return Judgement::waits_for_manifest;
  auto operation = waiting.verified ? groups::VerifiedOperation::from_own_store(waiting.operation.o)
                                    : believe(work, waiting, *manifest);
  if (!operation) {
    refuse(work, group, operation.error());
    drop(work, waiting.id);
    return Judgement::dropped;
  }
  const bool begins = std::holds_alternative<groups::Create>(operation->operation().act);
  if (!begins && work.run.histories.find(work.db, group) == nullptr) return Judgement::waits_for_parents;
  const auto admitted = work.run.histories.admit(work.db, waiting.operation, *std::move(operation));
  if (!admitted && admitted.error() == groups::GroupError::unknown_parent)
    return Judgement::waits_for_parents;
  drop(work, waiting.id);
  if (!admitted) refuse(work, group, admitted.error());
  return admitted && *admitted ? Judgement::taken : Judgement::dropped;
}

/// Judges what waits until nothing moves. What was taken; `lacking`: parents are missing.
std::vector<groups::OperationHash> settle(Work& work, const groups::GroupId& group, bool& lacking) {
  std::vector<groups::OperationHash> taken;
  for (bool moved = true; moved;) {
    moved = false;
    lacking = false;
    for (const Waiting& waiting : waiting_in(work.db, group)) {
      const Judgement judgement = judge(work, group, waiting);
      if (judgement == Judgement::taken) taken.push_back(groups::hash_of(waiting.operation.o));
      moved = moved || judgement == Judgement::taken;
      lacking = lacking || judgement == Judgement::waits_for_parents;
    }
  }
  return taken;
}

std::vector<groups::OperationHash> heads_of(const v1::GroupUpdate& update) {
  std::vector<groups::OperationHash> out;
  for (const std::string& head : update.heads()) {
    if (head.size() == sizeof(groups::OperationHash) && out.size() < session::kMaxGroupHeads) {
      out.push_back(to_array<sizeof(groups::OperationHash)>(wire::octets(head)));
    }
  }
  return out;
}

/// Whoever keeps somebody in a group under one key does not write to that account under another.
void pin_members(Work& work, const groups::Roster& roster) {
  for (const auto& member : roster.members) {
    if (member.name.account == work.self.account_id()) continue;
    const auto contact = ensure_contact(work.db, member.name.account, work.now);
    if (contact.pinned) continue;
    work.db.run("UPDATE contact SET identity_fingerprint = ?2 WHERE id = ?1", contact.id,
                member.name.key.octets());
  }
}

/// How long messages stay is asked where they are composed, of any conversation.
void note_timer(Work& work, const groups::History& history) {
  work.db.run(
      "INSERT OR REPLACE INTO register (kind, subject, number, text, time_ms, stamp) VALUES (?1, ?2, ?3, '', "
      "?4, ?5)",
      v1::SyncEvent::Write::TIMER, history.id(), history.state().timer.value / 1000, work.now,
      session::MessageId{});
}

}  // namespace

void after_change(Work& work, const groups::GroupId& group, std::span<const groups::OperationHash> taken) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr) return;
  const auto& roster = history->state().roster;
  const bool fresh = !find_group_conversation(work.db, group);
  if (is_member(work, *history)) {
    pin_members(work, roster);
    ensure_group_conversation(work.db, group);
    note_invitation(work, *history);
    note_timer(work, *history);
  }
  tell_group_changes(work, *history, taken, fresh);
  forget_settled_requests(work, *history);
  announce_group(work, group);
  process_held_in_group(work, group);
}

void take_group_update(Work& work, const session::VerifiedContent& content, const v1::GroupUpdate& update) {
  if (update.group().size() != sizeof(groups::GroupId)) return;
  const auto group = to_array<sizeof(groups::GroupId)>(wire::octets(update.group()));
  const identity::DeviceAddress teller{content.author.account, content.author.device};
  if (update.operations_size() > 0) {
    const int count = std::min(update.operations_size(), kMaxOperationsInUpdate);
    for (int i = 0; i < count; ++i) keep_waiting(work, group, wire::octets(update.operations(i)));
    bool lacking = false;
    const auto taken = settle(work, group, lacking);
    if (!taken.empty()) after_change(work, group, taken);
    if (lacking) ask_for_operations(work, {teller.account, teller.device}, group);
  }
  if (update.ask()) answer_ask(work, teller, group, heads_of(update));
  if (!update.request_tag().empty()) {
    take_join_request(work, {content.author.account, content.author.account_key}, group,
                      wire::octets(update.request_tag()));
  }
}

void settle_waiting_of(Work& work, const identity::AccountId& account) {
  std::vector<groups::GroupId> concerned;
  {
    store::Rows rows =
        work.db.query("SELECT DISTINCT group_id FROM group_waiting WHERE author = ?1", account);
    while (rows.next()) concerned.push_back(rows.array<32>(0));
  }
  for (const auto& group : concerned) {
    bool lacking = false;
    const auto taken = settle(work, group, lacking);
    if (!taken.empty()) after_change(work, group, taken);
  }
}

void expire_group_waiting(Work& work) {
  const UnixMs oldest{work.now.value - std::min(work.now.value, kWaitingLifetime.value)};
  work.db.run("DELETE FROM group_waiting WHERE received_ms < ?1", oldest);
  work.db.run("DELETE FROM group_held WHERE received_ms < ?1", oldest);
  work.db.run("DELETE FROM group_request WHERE time_ms < ?1", oldest);
  work.db.run(
      "DELETE FROM outbox_body WHERE NOT EXISTS (SELECT 1 FROM outbox_item o WHERE o.body = outbox_body.id)");
}

}  // namespace sotto::client
