#include "client/conversations/records.h"

#include "bytes/hex.h"
#include "client/accounts/server_record.h"
#include "client/contacts/manifests.h"
#include "client/devices/sync_key.h"
#include "client/transparency/log_records.h"
#include "client/verification/state.h"

namespace sotto::client {
namespace {

v1::SecurityState security(v1::SecurityState::PqLevel level, std::int64_t authentication,
                           std::int64_t verified, std::uint64_t last_rekey_ms, std::uint64_t proof_size) {
  v1::SecurityState state;
  state.set_channel(v1::SecurityState::SOTTO);
  state.set_end_to_end(true);
  state.set_pq_level(level);
  state.set_authentication(static_cast<v1::SecurityState::Authentication>(authentication));
  state.set_verified_by(static_cast<v1::Verification>(verified));
  state.set_last_rekey_ms(last_rekey_ms);
  state.set_transparency_size(proof_size);
  return state;
}

std::string sender_name(store::Database& database, const Self& self, const store::Rows& rows) {
  if (rows.is_null(2)) return self.handle;
  const auto account = rows.id<identity::AccountId>(2);
  if (self.account && account == self.account->id) return self.handle;
  const auto contact = find_contact(database, account);
  return contact ? display_name(*contact) : to_hex(account.view());
}

void add_deliveries(store::Database& database, std::int64_t message, v1::Message& record) {
  store::Rows rows = database.query(
      "SELECT device, delivered_ms FROM delivery WHERE message = ?1 ORDER BY delivered_ms", message);
  while (rows.next()) {
    auto* delivery = record.add_deliveries();
    delivery->set_device(to_hex(rows.octets(0)));
    delivery->set_delivered_ms(rows.count(1));
  }
}

void add_system_line(std::int64_t kind, ByteView devices, v1::Message& record) {
  auto* line = record.mutable_system();
  line->set_kind(static_cast<v1::SystemLine::Kind>(kind));
  for (; devices.size() >= identity::DeviceId::kSize; devices = devices.subspan(identity::DeviceId::kSize)) {
    line->add_devices(to_hex(devices.first(identity::DeviceId::kSize)));
  }
}

std::uint64_t count_rows(store::Rows rows) { return rows.next() ? rows.count(0) : 0; }

}  // namespace

v1::SecurityState::PqLevel pq_level(const session::SecurityState& state) {
  return state.pq_level >= 3 ? v1::SecurityState::PQ_CONTINUOUS : v1::SecurityState::PQ_ESTABLISHMENT;
}

std::optional<v1::Message> message_record(store::Database& database, const Self& self, std::int64_t message) {
  store::Rows rows = database.query(
      "SELECT m.msg_id, v.contact, m.sender_account, m.sender_device, m.outgoing, m.sent_ms, m.received_ms, "
      "m.body,"
      " m.state, m.failure, m.pq_level, m.authentication, m.verified, m.last_rekey_ms, m.proof_size, "
      "m.system, m.system_devices"
      " FROM message m JOIN conversation v ON v.id = m.conversation WHERE m.id = ?1",
      message);
  if (!rows.next()) return std::nullopt;
  v1::Message record;
  record.set_message_id(to_hex(rows.octets(0)));
  if (const auto contact = find_contact(database, rows.integer(1)))
    record.set_conversation(display_name(*contact));
  record.set_sender(sender_name(database, self, rows));
  record.set_sender_device(to_hex(rows.octets(3)));
  record.set_outgoing(rows.flag(4));
  record.set_sent_ms(rows.count(5));
  record.set_received_ms(rows.count(6));
  record.set_body(rows.text(7));
  record.set_state(static_cast<v1::Message::State>(rows.integer(8)));
  record.set_failure(rows.text(9));
  add_deliveries(database, message, record);
  if (rows.integer(15) != 0) {
    add_system_line(rows.integer(15), rows.octets(16), record);
    return record;
  }
  *record.mutable_security() = security(static_cast<v1::SecurityState::PqLevel>(rows.integer(10)),
                                        rows.integer(11), rows.integer(12), rows.count(13), rows.count(14));
  return record;
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
  return security(level, v1::SecurityState::HYBRID, verification_of(contact), last_rekey_ms, proof_size);
}

v1::Contact contact_record(store::Database& database, const ContactRecord& contact) {
  v1::Contact record;
  if (contact.account) record.set_account(to_hex(contact.account->view()));
  record.set_handle(contact.handle.value_or(""));
  record.set_claimed_handle(contact.claimed_handle);
  if (contact.pinned) record.set_fingerprint(to_hex(contact.pinned->octets()));
  if (contact.changed) record.set_changed_fingerprint(to_hex(contact.changed->octets()));
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

std::vector<v1::Conversation> conversation_records(store::Database& database, const Self& self) {
  std::vector<v1::Conversation> out;
  store::Rows rows = database.query(
      "SELECT v.contact, count(m.id), sum(m.outgoing = 0 AND m.id > v.read_message), max(m.id)"
      " FROM conversation v JOIN message m ON m.conversation = v.id GROUP BY v.id ORDER BY max(m.sort_ms) "
      "DESC");
  while (rows.next()) {
    const auto contact = find_contact(database, rows.integer(0));
    if (!contact) continue;
    auto& record = out.emplace_back();
    record.set_conversation(display_name(*contact));
    *record.mutable_contact() = contact_record(database, *contact);
    record.set_messages(rows.count(1));
    record.set_unread(rows.count(2));
    if (auto newest = message_record(database, self, rows.integer(3)))
      *record.mutable_newest() = *std::move(newest);
    *record.mutable_security() = record.contact().security();
  }
  return out;
}

std::vector<v1::Message> history(store::Database& database, const Self& self, ContactId contact,
                                 std::uint32_t limit) {
  std::vector<v1::Message> out;
  store::Rows rows = database.query(
      "SELECT id FROM (SELECT m.id, m.sort_ms FROM message m JOIN conversation v ON v.id = m.conversation"
      " WHERE v.contact = ?1 ORDER BY m.sort_ms DESC, m.id DESC LIMIT ?2) ORDER BY sort_ms, id",
      contact, limit);
  while (rows.next()) {
    if (auto record = message_record(database, self, rows.integer(0))) out.push_back(*std::move(record));
  }
  return out;
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
  return status;
}

std::vector<std::pair<std::int64_t, v1::Message>> unread_messages(store::Database& database, const Self& self,
                                                                  std::uint32_t limit, bool patient) {
  std::vector<std::pair<std::int64_t, v1::Message>> out;
  store::Rows rows = database.query(
      "SELECT m.id, c.handle IS NULL AND c.claimed_handle <> '' FROM message m"
      " JOIN conversation v ON v.id = m.conversation JOIN contact c ON c.id = v.contact"
      " WHERE m.outgoing = 0 AND m.id > v.read_message"
      " AND m.id > (SELECT read_cursor FROM profile) ORDER BY m.id LIMIT ?1",
      limit);
  while (rows.next()) {
    if (patient && rows.flag(1)) break;
    if (auto record = message_record(database, self, rows.integer(0))) {
      out.emplace_back(rows.integer(0), *std::move(record));
    }
  }
  return out;
}

void advance_reader(store::Database& database, std::int64_t message) {
  database.run("UPDATE profile SET read_cursor = max(read_cursor, ?1)", message);
  database.run(
      "UPDATE conversation SET read_message = max(read_message, ?1)"
      " WHERE id = (SELECT conversation FROM message WHERE id = ?1)",
      message);
}

void mark_conversation_read(store::Database& database, ContactId contact) {
  database.run(
      "UPDATE conversation SET read_message = coalesce((SELECT max(id) FROM message WHERE conversation ="
      " conversation.id), 0) WHERE contact = ?1",
      contact);
}

}  // namespace sotto::client
