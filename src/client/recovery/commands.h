// What a user does about recovery on a device of the account. Everything is durable at once and reaches the
// server, the other devices and the contacts with the next connection.
#pragma once

#include <span>
#include <string>

#include "client/core/work.h"
#include "client/recovery/error.h"
#include "recovery/recovery_seed.h"

namespace sotto::client {

/// Makes the key of this seed the account's recovery key. Contacts of an older key hold nothing any more.
/// Errors: not_registered.
RecoveryOutcome<void> set_up_recovery(Work& work, const recovery::RecoverySeed& seed);
/// No key and no contacts. Errors: not_registered, no_key.
RecoveryOutcome<void> remove_recovery(Work& work);

struct ContactsWish {
  std::span<const std::string> handles;  ///< as typed
  std::size_t threshold = 0;
  DurationMs delay;
};
/// Splits the way to the key among contacts, whose accounts and keys have to be known here; none at all
/// dismisses them. Errors: not_registered, no_key, wrong_key, bad_handle, unknown_contact, own_account,
/// bad_terms, bad_delay.
RecoveryOutcome<void> set_recovery_contacts(Work& work, const recovery::RecoverySeed& seed,
                                            const ContactsWish& wish);
/// Asks every contact whether it still has its share. Errors: not_registered, no_contacts.
RecoveryOutcome<void> drill_recovery_contacts(Work& work);

}  // namespace sotto::client
