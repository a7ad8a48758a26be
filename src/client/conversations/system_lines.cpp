#include "client/conversations/system_lines.h"

#include "bytes/hex.h"
#include "client/conversations/timeline.h"

namespace sotto::client {
namespace {

std::int64_t insert(Work& work, std::int64_t conversation, const SystemEvent& event, bool read) {
  Bytes devices;
  for (const auto& device : event.devices) {
    devices.insert(devices.end(), device.view().begin(), device.view().end());
  }
  work.db.run(
      "INSERT INTO message (conversation, msg_id, sender_account, sender_device, sent_ms, received_ms, "
      "sort_ms, body, outgoing, state, failure, pq_level, authentication, verified, last_rekey_ms, system, "
      "system_devices, detail, read) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, ?6, ?7, ?8, '', 0, 0, 0, 0, ?9, "
      "?10, ?11,"
      " ?12)",
      conversation, work.random.array<16>(), event.cause.account, event.cause.device, work.now,
      std::string_view(event.words), event.cause.account == work.self.account_id(),
      v1::Message::STATE_UNSPECIFIED, event.kind, devices, event.detail, read);
  return work.db.last_insert_id();
}

void add(Work& work, std::int64_t conversation, const SystemEvent& event) {
  announce_message(work, insert(work, conversation, event, false));
}

}  // namespace

void tell_conversation(Work& work, const identity::AccountId& peer, const SystemEvent& event) {
  std::int64_t conversation = 0;
  {
    store::Rows rows = work.db.query(
        "SELECT v.id FROM conversation v JOIN contact c ON c.id = v.contact WHERE c.account = ?1", peer);
    if (!rows.next()) return;
    conversation = rows.integer(0);
  }
  add(work, conversation, event);
}

std::int64_t tell_group(Work& work, std::int64_t conversation, const SystemEvent& event) {
  return insert(work, conversation, event, true);
}

void announce_group_line(Work& work, std::int64_t line) { announce_message(work, line); }

void tell_all_conversations(Work& work, const SystemEvent& event) {
  std::vector<std::int64_t> conversations;
  {
    store::Rows rows = work.db.query(
        "SELECT DISTINCT v.id FROM conversation v JOIN message m ON m.conversation = v.id ORDER BY v.id");
    while (rows.next()) conversations.push_back(rows.integer(0));
  }
  for (const std::int64_t conversation : conversations) add(work, conversation, event);
}

std::string short_id(const identity::DeviceId& device) { return to_hex(device.view().first(4)); }

}  // namespace sotto::client
