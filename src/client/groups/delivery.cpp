#include "client/groups/delivery.h"

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/timeline.h"

namespace sotto::client {

void expect_delivery(Work& work, std::int64_t message, const identity::AccountId& account,
                     std::string_view failure) {
  work.db.run(
      "INSERT OR REPLACE INTO group_delivery (message, account, state, failure) VALUES (?1, ?2, ?3, ?4)",
      message, account, failure.empty() ? v1::Message::QUEUED : v1::Message::FAILED, failure);
}

bool note_member(Work& work, std::int64_t message, const identity::AccountId& account,
                 std::string_view failure) {
  work.db.run(
      "UPDATE group_delivery SET state = iif(state = ?3, ?4, state), failure = ?5 WHERE message = ?1 AND "
      "account = ?2",
      message, account, v1::Message::QUEUED, failure.empty() ? v1::Message::SENT : v1::Message::FAILED,
      failure);
  if (work.db.changes() == 0) return false;
  // The first member that has it makes it a message that was sent; what the others are up to is beside it.
  if (failure.empty()) {
    mark_sent(work, message);
  } else {
    settle_delivery(work, message);
  }
  return true;
}

void settle_delivery(Work& work, std::int64_t message) {
  std::uint64_t waiting = 0;
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  {
    store::Rows rows = work.db.query(
        "SELECT coalesce(sum(state = ?2), 0), coalesce(sum(state = ?3), 0), count(*) FROM group_delivery "
        "WHERE"
        " message = ?1",
        message, v1::Message::QUEUED, v1::Message::FAILED);
    if (!rows.next()) return;
    waiting = rows.count(0);
    failed = rows.count(1);
    sent = rows.count(2) - waiting - failed;
  }
  if (waiting > 0 || sent > 0) return;
  if (failed > 0) {
    mark_failed(work, message, "no member of the group can be reached");
  } else {
    mark_sent(work, message);  // nobody else is in the group
  }
}

void add_member_deliveries(store::Database& database, std::int64_t message, v1::Message& record) {
  store::Rows rows = database.query(
      "SELECT g.account, g.state, g.failure, (SELECT min(d.delivered_ms) FROM delivery d WHERE d.message = "
      "g.message"
      " AND d.account = g.account) FROM group_delivery g WHERE g.message = ?1 ORDER BY g.account",
      message);
  while (rows.next()) {
    auto* member = record.add_member_deliveries();
    const auto account = rows.id<identity::AccountId>(0);
    member->set_account(to_hex(account.view()));
    const auto contact = find_contact(database, account);
    member->set_name(contact ? display_name(*contact) : member->account());
    member->set_state(static_cast<v1::Message::State>(rows.integer(1)));
    member->set_failure(rows.text(2));
    if (rows.is_null(3)) continue;
    member->set_state(v1::Message::DELIVERED);
    member->set_delivered_ms(rows.count(3));
  }
}

}  // namespace sotto::client
