#include "client/conversations/records.h"

#include <algorithm>
#include <iterator>

#include "bytes/hex.h"
#include "client/accounts/server_record.h"
#include "client/contacts/manifests.h"
#include "client/devices/sync_key.h"
#include "client/families/records.h"
#include "client/groups/conversations.h"
#include "client/requests/decisions.h"
#include "client/requests/standing.h"
#include "client/sync/registers.h"
#include "client/transparency/log_records.h"
#include "client/verification/state.h"

namespace sotto::client {
namespace {

std::uint64_t count_rows(store::Rows rows) { return rows.next() ? rows.count(0) : 0; }

/// For what people do, and how often unprotected; not kept anywhere else.
constexpr DurationMs kLately = days(30);

}  // namespace

v1::SecurityState::PqLevel pq_level(const session::SecurityState& state) {
  return state.pq_level >= 3 ? v1::SecurityState::PQ_CONTINUOUS : v1::SecurityState::PQ_ESTABLISHMENT;
}

v1::SecurityState conversation_security(store::Database& database, const ContactRecord& contact) {
  auto level = v1::SecurityState::PQ_UNSPECIFIED;
  std::uint64_t last_rekey_ms = 0;
  std::uint64_t proof_size = 0;
  if (contact.account) {
    proof_size = proven_size(database, *contact.account);
    store::Rows rows = database.query(
        "SELECT coalesce(min(pq_level), 0), coalesce(min(last_rekey_ms), 0) FROM peer_device WHERE account = "
        "?1",
        *contact.account);
    if (rows.next()) {
      level = static_cast<v1::SecurityState::PqLevel>(rows.integer(0));
      last_rekey_ms = rows.count(1);
    }
  }
  return security_record(level, v1::SecurityState::HYBRID, verification_of(contact), last_rekey_ms,
                         proof_size);
}

v1::SecurityState sms_security() {
  v1::SecurityState state;
  state.set_channel(v1::SecurityState::SMS);
  state.set_end_to_end(false);
  state.set_pq_level(v1::SecurityState::PQ_NONE);
  return state;
}

v1::Contact contact_record(store::Database& database, const ContactRecord& contact) {
  v1::Contact record;
  if (contact.account) record.set_account(to_hex(contact.account->view()));
  record.set_handle(contact.handle.value_or(""));
  record.set_claimed_handle(contact.claimed_handle);
  if (contact.pinned) record.set_fingerprint(to_hex(contact.pinned->octets()));
  if (contact.changed) record.set_changed_fingerprint(to_hex(contact.changed->octets()));
  record.set_known_key_again(contact.changed && contact.known_key == KnownKey::again);
  if (contact.account) {
    if (const auto manifest = load_manifest(database, *contact.account)) {
      record.set_manifest_version(manifest->version());
      for (const auto& listed : manifest->manifest().devices) {
        auto* device = record.add_devices();
        device->set_device(to_hex(listed.id.view()));
        device->set_fingerprint(to_hex(listed.key.fingerprint().octets()));
        device->set_added_ms(listed.added.value);
      }
    }
  }
  record.set_retired_handle(contact.retired_handle);
  record.set_account_retired(contact.account_retired);
  record.set_log_proof(log_proof(database, contact));
  *record.mutable_security() = conversation_security(database, contact);
  record.set_verified_by(verification_of(contact));
  if (record.verified_by() > v1::PINNED_AT_FIRST_CONTACT) record.set_verified_ms(contact.verified_at.value);
  return record;
}

v1::Conversation::Settings settings_record(store::Database& database, ByteView subject) {
  using Write = v1::SyncEvent::Write;
  v1::Conversation::Settings settings;
  settings.set_muted_until_ms(number_of(database, Write::MUTED_UNTIL, subject));
  settings.set_read_receipts(number_of(database, Write::NO_READ_RECEIPTS, subject) == 0);
  settings.set_delivery_receipts(number_of(database, Write::NO_DELIVERY_RECEIPTS, subject) == 0);
  settings.set_typing(number_of(database, Write::NO_TYPING, subject) == 0);
  settings.set_pinned(number_of(database, Write::PINNED, subject) != 0);
  settings.set_blocked(number_of(database, Write::BLOCKED, subject) != 0);
  settings.set_name(text_of(database, Write::NAME, subject));
  settings.set_timer_s(number_of(database, Write::TIMER, subject));
  return settings;
}

v1::Conversation conversation_record(store::Database& database, const Self& self,
                                     const ConversationRecord& conversation, UnixMs now) {
  v1::Conversation record;
  record.set_kind(conversation.kind);
  record.set_conversation(conversation_name(database, self, conversation));
  if (const auto contact =
          conversation.contact ? find_contact(database, *conversation.contact) : std::nullopt) {
    *record.mutable_contact() = contact_record(database, *contact);
    *record.mutable_security() = record.contact().security();
  }
  if (conversation.group) add_group(database, *conversation.group, self, record);
  if (conversation.kind == v1::Conversation::SMS) *record.mutable_security() = sms_security();
  const Bytes subject = subject_of(database, self, conversation);
  *record.mutable_settings() = settings_record(database, subject);
  record.set_draft(text_of(database, v1::SyncEvent::Write::DRAFT, subject));
  record.set_messages(count_rows(database.query(
      "SELECT count(*) FROM message WHERE conversation = ?1 AND (expires_ms = 0 OR expires_ms > ?2)",
      conversation.id, now)));
  // Led by the index of what is unread, which is little, and not by that of the conversation.
  record.set_unread(
      count_rows(database.query("SELECT count(*) FROM message INDEXED BY message_unread WHERE outgoing = 0 "
                                "AND read < 2 AND read = 0 AND"
                                " conversation = ?1 AND (expires_ms = 0 OR expires_ms > ?2)",
                                conversation.id, now)));
  record.set_request(is_request(database, self, conversation));
  if (record.request()) {
    if (record.has_contact()) {
      const auto stranger = find_contact(database, *conversation.contact);
      record.mutable_contact()->set_resembles(resembled_handle(database, self, *stranger));
    }
    return record;
  }
  for (auto& newest : history(database, self, conversation.id, 1, now)) {
    *record.mutable_newest() = std::move(newest);
  }
  return record;
}

std::vector<v1::Conversation> conversation_records(store::Database& database, const Self& self, UnixMs now) {
  std::vector<ConversationRow> order;
  {
    store::Rows rows = database.query(
        "SELECT conversation FROM message WHERE expires_ms = 0 OR expires_ms > ?1 GROUP BY conversation"
        " ORDER BY max(sort_ms) DESC",
        now);
    while (rows.next()) order.push_back(rows.integer(0));
  }
  std::vector<v1::Conversation> pinned;
  std::vector<v1::Conversation> others;
  for (const ConversationRow row : order) {
    const auto conversation = load_conversation(database, row);
    if (!conversation || is_request(database, self, *conversation)) continue;
    auto record = conversation_record(database, self, *conversation, now);
    (record.settings().pinned() ? pinned : others).push_back(std::move(record));
  }
  pinned.insert(pinned.end(), std::move_iterator(others.begin()), std::move_iterator(others.end()));
  return pinned;
}

std::vector<v1::Device> device_records(store::Database& database, const Self& self) {
  std::vector<v1::Device> out;
  if (!self.account) return out;
  const auto manifest = load_manifest(database, self.account->id);
  if (!manifest) return out;
  for (const auto& listed : manifest->manifest().devices) {
    auto& device = out.emplace_back();
    device.set_device(to_hex(listed.id.view()));
    device.set_fingerprint(to_hex(listed.key.fingerprint().octets()));
    device.set_name(own_device_name(database, self, listed));
    device.set_added_ms(listed.added.value);
    device.set_this_device(listed.id == self.device.id);
  }
  return out;
}

v1::Status status_record(store::Database& database, const Self& self) {
  v1::Status status;
  status.set_stage(self.stage);
  status.set_handle(self.handle);
  status.set_device(to_hex(self.device.id.view()));
  if (self.account) status.set_account(to_hex(self.account->id.view()));
  if (const auto server = load_server(database)) {
    status.set_server(server->host + ":" + std::to_string(server->port));
    status.set_tls_group(server->tls_group);
    if (const auto key = crypto::HybridPublicKey::decode(server->identity)) {
      status.set_server_fingerprint(to_hex(key->fingerprint().octets()));
    }
  }
  status.set_queued_messages(count_rows(database.query("SELECT count(*) FROM message WHERE state = 1")));
  status.set_held_envelopes(count_rows(database.query("SELECT count(*) FROM held_envelope")));
  status.set_devices(device_records(database, self).size());
  if (self.account) status.set_requests(count_requests(database, self));
  for (const auto& family : family_records(database, self)) {
    if (family.role() == v1::Family::GUARDIAN) status.set_guardian(family.name());
  }
  return status;
}

void add_sent_lately(store::Database& database, UnixMs now, v1::Status& status) {
  const UnixMs since{now.value - std::min(now.value, kLately.value)};
  store::Rows rows = database.query(
      "SELECT count(*), coalesce(sum(v.kind = ?2 OR EXISTS (SELECT 1 FROM message_guest g WHERE g.message ="
      " m.id)), 0) FROM message m JOIN conversation v ON v.id ="
      " m.conversation WHERE m.outgoing = 1 AND m.system = 0 AND m.state <> ?3 AND m.sent_ms >= ?1",
      since, v1::Conversation::SMS, v1::Message::FAILED);
  if (!rows.next()) return;
  status.set_sent_lately(rows.count(0));
  status.set_sent_insecurely_lately(rows.count(1));
}

}  // namespace sotto::client
