#include "client/sms/numbers.h"

#include "client/sync/registers.h"
#include "crypto/hash.h"
#include "identity/handle.h"

namespace sotto::client {
namespace {

#define SOTTO_SMS_PEER "SELECT number, conversation FROM sms_peer WHERE "

std::optional<SmsPeer> first(store::Rows rows) {
  if (!rows.next()) return std::nullopt;
  return SmsPeer{rows.text(0), rows.integer(1)};
}

}  // namespace

ByteArray<32> sms_subject(std::string_view number) {
  return crypto::sha256({as_bytes(std::string_view("sotto sms")), as_bytes(number)});
}

identity::AccountId sms_sender(std::string_view number) {
  const auto subject = sms_subject(number);
  return identity::AccountId(to_array<16>(ByteView(subject).first(16)));
}

std::optional<std::string> sms_number(std::string_view typed) {
  if (!typed.starts_with(kSmsPrefix)) return std::nullopt;
  const auto number = identity::Handle::phone(typed.substr(kSmsPrefix.size()));
  if (!number) return std::nullopt;
  return number->text();
}

SmsPeer ensure_sms_peer(store::Database& database, std::string_view number) {
  if (auto known = find_sms_peer(database, number)) return *std::move(known);
  database.run("INSERT INTO conversation (kind) VALUES (?1)", v1::Conversation::SMS);
  const ConversationRow row = database.last_insert_id();
  database.run("INSERT INTO sms_peer (number, conversation, subject, sender) VALUES (?1, ?2, ?3, ?4)", number,
               row, sms_subject(number), sms_sender(number));
  return {std::string(number), row};
}

std::optional<SmsPeer> find_sms_peer(store::Database& database, std::string_view number) {
  return first(database.query(SOTTO_SMS_PEER "number = ?1", number));
}

std::optional<SmsPeer> sms_peer_of(store::Database& database, ConversationRow conversation) {
  return first(database.query(SOTTO_SMS_PEER "conversation = ?1", conversation));
}

std::optional<SmsPeer> sms_peer_by_subject(store::Database& database, ByteView subject) {
  return first(database.query(SOTTO_SMS_PEER "subject = ?1", to_bytes(subject)));
}

#undef SOTTO_SMS_PEER

bool sms_allowed(store::Database& database, std::string_view number) {
  return number_of(database, v1::SyncEvent::Write::SMS_ALLOWED, sms_subject(number)) != 0;
}

}  // namespace sotto::client
