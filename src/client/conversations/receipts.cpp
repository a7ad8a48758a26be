#include "client/conversations/receipts.h"

#include <map>
#include <vector>

#include "client/conversations/author.h"
#include "client/outbox/queue.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// 100 receipts are 4 KB, a small envelope; waiting for more would only delay the sender's news.
constexpr int kBatch = 100;

std::vector<identity::AccountId> creditors(store::Database& database, int at_least) {
  std::vector<identity::AccountId> out;
  store::Rows rows = database.query(
      "SELECT r.account FROM receipt_due r JOIN contact c ON c.account = r.account"
      " WHERE c.changed_fingerprint IS NULL GROUP BY r.account HAVING count(*) >= ?1",
      at_least);
  while (rows.next()) out.push_back(rows.id<identity::AccountId>(0));
  return out;
}

void send_batch(Work& work, const identity::AccountId& account) {
  v1::Content content;
  std::vector<Bytes> sent;
  {
    store::Rows rows = work.db.query(
        "SELECT msg_id, content_hash FROM receipt_due WHERE account = ?1 ORDER BY due_ms, msg_id LIMIT ?2",
        account, kBatch);
    while (rows.next()) {
      auto* received = content.mutable_receipt()->add_received();
      received->set_msg_id(wire::field(rows.octets(0)));
      received->set_content_hash16(wire::field(rows.octets(1)));
      sent.push_back(rows.octets(0));
    }
  }
  for (const Bytes& message : sent) {
    work.db.run("DELETE FROM receipt_due WHERE account = ?1 AND msg_id = ?2", account, message);
  }
  const auto authored = author_content(work, account, content, work.random.array<16>(), work.now);
  queue_content(work, {.account = account}, authored);
}

}  // namespace

void owe_receipt(Work& work, const identity::AccountId& account, const session::MessageId& message_id,
                 ByteView content_hash) {
  work.db.run(
      "INSERT OR IGNORE INTO receipt_due (account, msg_id, content_hash, due_ms) VALUES (?1, ?2, ?3, ?4)",
      account, message_id, content_hash, work.now);
}

void send_receipts(Work& work) {
  for (const auto& account : creditors(work.db, work.link.drained ? 1 : kBatch)) send_batch(work, account);
}

}  // namespace sotto::client
