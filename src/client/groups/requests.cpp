#include "client/groups/requests.h"

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/groups/conversations.h"

namespace sotto::client {
namespace {

/// A link that got about must not fill the store.
constexpr std::uint64_t kMaxRequests = 200;

bool is_full(store::Database& database, const groups::GroupId& group) {
  store::Rows rows = database.query("SELECT count(*) FROM group_request WHERE group_id = ?1", group);
  return rows.next() && rows.count(0) >= kMaxRequests;
}

}  // namespace

void take_join_request(Work& work, const groups::MemberName& requester, const groups::GroupId& group,
                       ByteView tag) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr || !is_member(work, *history)) return;
  if (!groups::check_request(history->state(), requester, tag) || is_full(work.db, group)) return;
  work.db.run(
      "INSERT INTO group_request (group_id, account, tag, time_ms) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (group_id, account) DO UPDATE SET tag = ?3, time_ms = ?4",
      group, requester.account, tag, work.now);
  for (auto& request : open_requests(work.db, group)) {
    if (request.account() == to_hex(requester.account.view())) {
      *work.effects.events.emplace_back().mutable_group_request() = std::move(request);
    }
  }
}

void forget_settled_requests(Work& work, const groups::History& history) {
  std::vector<identity::AccountId> settled;
  {
    store::Rows rows =
        work.db.query("SELECT account, tag FROM group_request WHERE group_id = ?1", history.id());
    while (rows.next()) {
      const auto account = rows.id<identity::AccountId>(0);
      const auto contact = find_contact(work.db, account);
      const bool open = contact && contact->pinned &&
                        groups::check_request(history.state(), {account, *contact->pinned}, rows.octets(1));
      if (!open) settled.push_back(account);
    }
  }
  for (const auto& account : settled) {
    work.db.run("DELETE FROM group_request WHERE group_id = ?1 AND account = ?2", history.id(), account);
  }
}

std::vector<v1::GroupRequest> open_requests(store::Database& database, const groups::GroupId& group) {
  std::vector<std::pair<identity::AccountId, UnixMs>> open;
  {
    store::Rows rows = database.query(
        "SELECT account, time_ms FROM group_request WHERE group_id = ?1 ORDER BY time_ms, account", group);
    while (rows.next()) open.emplace_back(rows.id<identity::AccountId>(0), rows.time(1));
  }
  std::vector<v1::GroupRequest> out;
  for (const auto& [account, time] : open) {
    const auto contact = find_contact(database, account);
    auto& request = out.emplace_back();
    request.set_group(to_hex(group));
    request.set_account(to_hex(account.view()));
    request.set_name(contact ? display_name(*contact) : request.account());
    if (contact && contact->pinned) request.set_fingerprint(to_hex(contact->pinned->octets()));
    request.set_time_ms(time.value);
  }
  return out;
}

}  // namespace sotto::client
