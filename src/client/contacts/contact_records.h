// Contacts: whom this account knows, by handle, by account or both, and the identity pinned for each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/store/database.h"
#include "crypto/hybrid_signature.h"
#include "identity/ids.h"

namespace sotto::client {

using ContactId = std::int64_t;

/// Of a contact with a changed key, until the user decides: whether the server showed the pinned key again.
enum class KnownKey : std::uint8_t {
  not_shown,
  again,  ///< and still does, as far as is known here
  gone,   ///< again, and then another one once more: how often is not told to the user
};

struct ContactRecord {
  ContactId id = 0;
  std::optional<std::string> handle;
  std::optional<identity::AccountId> account;
  std::string claimed_handle;
  std::optional<crypto::Fingerprint> pinned;   ///< fp(AIK)
  std::optional<crypto::Fingerprint> changed;  ///< sending stops while set
  KnownKey known_key = KnownKey::not_shown;    ///< means nothing without `changed`
  bool heard = false;
  std::string retired_handle;    ///< a name it gave up
  bool account_retired = false;  ///< turned off for good: nothing can be sent
  int verified_by = 0;  ///< content.proto ContactVerified.How; 0: never decided (verification/state.h)
  UnixMs verified_at;
  std::optional<crypto::Fingerprint> verified_fingerprint;  ///< what that was about

  /// Account and key are known, the server shows no other key, and the account is not turned off.
  [[nodiscard]] bool key_holds() const { return account && pinned && !changed && !account_retired; }
};

std::optional<ContactRecord> find_contact(store::Database& database, ContactId id);
std::optional<ContactRecord> find_contact(store::Database& database, std::string_view handle);
std::optional<ContactRecord> find_contact(store::Database& database, const identity::AccountId& account);
/// Whom a person means by a handle, in whatever form, or by an account in hexadecimal.
std::optional<ContactRecord> find_called(store::Database& database, std::string_view typed);
/// The same, or else whoever last gave the handle up: for readers, never for sending.
std::optional<ContactRecord> find_named(store::Database& database, std::string_view typed);

/// The contact with this handle (normalised) or account, made if there is none.
ContactRecord ensure_contact(store::Database& database, std::string_view handle, UnixMs now);
ContactRecord ensure_contact(store::Database& database, const identity::AccountId& account, UnixMs now);

/// Gives a contact its account. If another contact has it already, the two become one: that one takes over
/// the handle and the unsent messages. Returns the contact that remains.
ContactRecord attach_account(store::Database& database, const ContactRecord& contact,
                             const identity::AccountId& account);
/// Gives a known account its confirmed handle, merging with a contact that only had the handle. False if
/// another account holds the handle here: the pinned one stays.
bool attach_handle(store::Database& database, const ContactRecord& contact, std::string_view handle);

/// handle, or the account in hexadecimal while no handle is confirmed.
std::string display_name(const ContactRecord& contact);

}  // namespace sotto::client
