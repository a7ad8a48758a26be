#include "accounts/error.h"

namespace sotto::accounts {

std::string_view describe(AccountsError error) {
  switch (error) {
    case AccountsError::registration_closed: return "this server takes new accounts by invitation only";
    case AccountsError::invite_unknown: return "no such invite";
    case AccountsError::invite_expired: return "this invite has expired";
    case AccountsError::invite_used: return "this invite was used already";
    case AccountsError::invite_for_another: return "this invite is for another handle";
    case AccountsError::lifetime_too_long: return "an invite may not live that long";
    case AccountsError::handle_invalid: return "not a valid username";
    case AccountsError::unprovable: return "this server cannot send codes there";
    case AccountsError::too_many_codes: return "too many codes were sent in the last hour";
    case AccountsError::code_unknown: return "there is no such code, or no longer; ask for a new one";
    case AccountsError::code_wrong: return "the code is wrong";
    case AccountsError::recovery_malformed: return "recovery slots are malformed";
    case AccountsError::recovery_too_large: return "too many recovery slots, or one that is too long";
    case AccountsError::too_many_stores: return "recovery slots were stored too often today";
    case AccountsError::no_such_recovery_slot: return "nothing is kept here for this account and key";
    case AccountsError::password_malformed: return "not a password's salt, parameters and authenticator";
    case AccountsError::sign_in_failed: return "no such name, or not its password";
    case AccountsError::sign_in_locked: return "too many wrong passwords; sign-in is closed for a while";
    case AccountsError::too_many_sign_ins: return "too many failed sign-ins from this address";
    case AccountsError::report_malformed: return "a report names an account and is short";
    case AccountsError::too_many_reports: return "you reported many accounts today; it goes tomorrow";
    case AccountsError::no_such_report: return "no such report, or no longer";
    case AccountsError::overloaded: return "busy, try again";
    case AccountsError::storage_unavailable: return "storage is unavailable";
    case AccountsError::corrupt: return "stored data is damaged";
    case AccountsError::file_unreadable: return "cannot be read";
    case AccountsError::file_unwritable: return "cannot be written";
    case AccountsError::file_not_private:
      return "must belong to this user and be readable by nobody else (mode 0600)";
    case AccountsError::file_damaged:
      return "is not a server key; restore it from a backup, clients refuse a server with another one";
  }
  return "unknown accounts error";
}

v1::Error::Code wire_code(AccountsError error) {
  switch (error) {
    case AccountsError::registration_closed: return v1::Error::REGISTRATION_CLOSED;
    case AccountsError::invite_unknown:
    case AccountsError::invite_expired:
    case AccountsError::invite_used:
    case AccountsError::invite_for_another: return v1::Error::INVITE_INVALID;
    case AccountsError::unprovable: return v1::Error::HANDLE_UNPROVABLE;
    case AccountsError::too_many_codes: return v1::Error::RATE_LIMITED;
    case AccountsError::code_unknown:
    case AccountsError::code_wrong: return v1::Error::CODE_WRONG;
    case AccountsError::recovery_malformed: return v1::Error::MALFORMED;
    case AccountsError::recovery_too_large: return v1::Error::TOO_LARGE;
    case AccountsError::too_many_stores: return v1::Error::RATE_LIMITED;
    case AccountsError::no_such_recovery_slot: return v1::Error::NO_SUCH_RECOVERY_SLOT;
    case AccountsError::password_malformed:
    case AccountsError::report_malformed: return v1::Error::MALFORMED;
    case AccountsError::too_many_reports: return v1::Error::RATE_LIMITED;
    case AccountsError::sign_in_failed: return v1::Error::SIGN_IN_FAILED;
    case AccountsError::sign_in_locked: return v1::Error::SIGN_IN_LOCKED;
    case AccountsError::too_many_sign_ins: return v1::Error::RATE_LIMITED;
    case AccountsError::overloaded: return v1::Error::OVERLOADED;
    case AccountsError::storage_unavailable: return v1::Error::STORAGE_UNAVAILABLE;
    default: return v1::Error::INTERNAL;
  }
}

DurationMs retry_after(AccountsError error) {
  switch (error) {
    case AccountsError::too_many_codes:
    case AccountsError::too_many_reports:
    case AccountsError::too_many_stores: return hours(1);
    case AccountsError::overloaded: return seconds(1);
    case AccountsError::storage_unavailable: return seconds(30);
    default: return {};
  }
}

AccountsError error_of(storage::StorageError error) {
  switch (error) {
    case storage::StorageError::overloaded:
    case storage::StorageError::conflict: return AccountsError::overloaded;
    case storage::StorageError::corrupt: return AccountsError::corrupt;
    default: return AccountsError::storage_unavailable;
  }
}

}  // namespace sotto::accounts
