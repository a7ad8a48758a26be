#include "client/contacts/contact_records.h"

#include "bytes/hex.h"
#include "client/conversations/conversation.h"
#include "identity/handle.h"

namespace sotto::client {
namespace {

ContactRecord read(const store::Rows& rows) {
  ContactRecord contact;
  contact.id = rows.integer(0);
  if (!rows.is_null(1)) contact.handle = rows.text(1);
  if (!rows.is_null(2)) contact.account = rows.id<identity::AccountId>(2);
  contact.claimed_handle = rows.text(3);
  if (!rows.is_null(4)) contact.pinned = crypto::Fingerprint::from_octets(rows.array<32>(4));
  if (!rows.is_null(5)) contact.changed = crypto::Fingerprint::from_octets(rows.array<32>(5));
  contact.heard = rows.flag(6);
  contact.retired_handle = rows.text(7);
  contact.account_retired = rows.flag(8);
  contact.verified_by = static_cast<int>(rows.integer(9));
  contact.verified_at = rows.time(10);
  if (!rows.is_null(11)) contact.verified_fingerprint = crypto::Fingerprint::from_octets(rows.array<32>(11));
  contact.known_key = static_cast<KnownKey>(rows.integer(12));
  return contact;
}

#define SOTTO_CONTACT_COLUMNS                                                                      \
  "SELECT id, handle, account, claimed_handle, identity_fingerprint, changed_fingerprint, heard, " \
  "retired_handle, account_retired, verified_by, verified_ms, verified_fingerprint, known_key "    \
  "FROM contact WHERE "

std::optional<ContactRecord> first(store::Rows rows) {
  if (!rows.next()) return std::nullopt;
  return read(rows);
}

/// Moves the conversation of `from`, whose messages were never sent, into that of `into`; `from` disappears.
void merge_contacts(store::Database& database, ContactId from, ContactId into) {
  merge_conversations(database, ensure_conversation(database, from), ensure_conversation(database, into));
  database.run("DELETE FROM contact WHERE id = ?1", from);
}

}  // namespace

std::optional<ContactRecord> find_contact(store::Database& database, ContactId id) {
  return first(database.query(SOTTO_CONTACT_COLUMNS "id = ?1", id));
}

std::optional<ContactRecord> find_contact(store::Database& database, std::string_view handle) {
  return first(database.query(SOTTO_CONTACT_COLUMNS "handle = ?1", handle));
}

std::optional<ContactRecord> find_contact(store::Database& database, const identity::AccountId& account) {
  return first(database.query(SOTTO_CONTACT_COLUMNS "account = ?1", account));
}

std::optional<ContactRecord> find_called(store::Database& database, std::string_view typed) {
  if (const auto handle = identity::Handle::parse(typed)) return find_contact(database, handle->text());
  const auto octets = from_hex(typed);
  const auto account = octets ? identity::AccountId::from(*octets) : std::nullopt;
  return account ? find_contact(database, *account) : std::nullopt;
}

std::optional<ContactRecord> find_named(store::Database& database, std::string_view typed) {
  if (auto contact = find_called(database, typed)) return contact;
  const auto handle = identity::Handle::parse(typed);
  if (!handle) return std::nullopt;
  return first(database.query(SOTTO_CONTACT_COLUMNS "retired_handle = ?1 ORDER BY id DESC LIMIT 1",
                              std::string_view(handle->text())));
}

#undef SOTTO_CONTACT_COLUMNS

ContactRecord ensure_contact(store::Database& database, std::string_view handle, UnixMs now) {
  if (auto known = find_contact(database, handle)) return *std::move(known);
  database.run(
      "INSERT INTO contact (handle, claimed_handle, heard, wanted, added_ms) VALUES (?1, '', 0, 0, ?2)",
      handle, now);
  ContactRecord contact;
  contact.id = database.last_insert_id();
  contact.handle = std::string(handle);
  return contact;
}

ContactRecord ensure_contact(store::Database& database, const identity::AccountId& account, UnixMs now) {
  if (auto known = find_contact(database, account)) return *std::move(known);
  database.run(
      "INSERT INTO contact (account, claimed_handle, heard, wanted, added_ms) VALUES (?1, '', 0, 0, ?2)",
      account, now);
  ContactRecord contact;
  contact.id = database.last_insert_id();
  contact.account = account;
  return contact;
}

ContactRecord attach_account(store::Database& database, const ContactRecord& contact,
                             const identity::AccountId& account) {
  ContactRecord result = contact;
  const auto other = find_contact(database, account);
  if (!other) {
    database.run("UPDATE contact SET account = ?2, wanted = 0 WHERE id = ?1", contact.id, account);
    result.account = account;
    return result;
  }
  merge_contacts(database, contact.id, other->id);
  result = *other;
  // A second name for someone known: the name first confirmed stays.
  if (!result.handle && contact.handle) {
    database.run("UPDATE contact SET handle = ?2, claimed_handle = '' WHERE id = ?1", result.id,
                 std::string_view(*contact.handle));
    result.handle = contact.handle;
  }
  return result;
}

bool attach_handle(store::Database& database, const ContactRecord& contact, std::string_view handle) {
  const auto holder = find_contact(database, handle);
  if (holder && holder->id != contact.id) {
    if (holder->account) return false;
    merge_contacts(database, holder->id, contact.id);
  }
  database.run("UPDATE contact SET handle = ?2, claimed_handle = '' WHERE id = ?1", contact.id, handle);
  return true;
}

std::string display_name(const ContactRecord& contact) {
  if (contact.handle) return *contact.handle;
  return contact.account ? to_hex(contact.account->view()) : std::string();
}

}  // namespace sotto::client
