// Why an account may not be created, or the server's own key not be used.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "clock/clock.h"
#include "result/result.h"
#include "sotto/v1/stream.pb.h"
#include "storage/error.h"

namespace sotto::accounts {

enum class AccountsError : std::uint8_t {
  registration_closed,  ///< the policy wants an invite and none was given
  invite_unknown,       ///< no such invite, or a revoked one
  invite_expired,
  invite_used,         ///< another account was created with it
  invite_for_another,  ///< it names another handle, or none where an administrator has to name one
  lifetime_too_long,   ///< of an invite to be created
  handle_invalid,      ///< of an invite to be created
  unprovable,          ///< this server sends no codes to such handles
  too_many_codes,      ///< for this account or handle in the last hour
  code_unknown,        ///< none was sent, it expired, or it was guessed at too often
  code_wrong,
  password_malformed,     ///< a field has a wrong length, or parameters that nobody may use
  sign_in_failed,         ///< no such handle, no password, or not this one
  sign_in_locked,         ///< too many failures of the account
  too_many_sign_ins,      ///< too many failures from one address
  recovery_malformed,     ///< ids, hashes or sealed octets of a wrong length, or one slot twice
  recovery_too_large,     ///< too many slots, or one that is too long
  too_many_stores,        ///< of recovery slots in a day
  no_such_recovery_slot,  ///< or not with this access: which is not said
  report_malformed,       ///< no account, or longer than a report may be
  too_many_reports,       ///< of one reporter in a day
  no_such_report,
  overloaded,           ///< queues are full, or the same invite or account is being written: retry soon
  storage_unavailable,  ///< the store failed; nothing was accepted
  corrupt,              ///< what is stored does not decode
  file_unreadable,      ///< the key file exists and cannot be read
  file_unwritable,      ///< the key file cannot be created
  file_not_private,     ///< others may read the key file, or it belongs to somebody else
  file_damaged,         ///< the key file does not hold a key
};

std::string_view describe(AccountsError error);

/// What a client is told.
v1::Error::Code wire_code(AccountsError error);
/// When the same request may succeed; zero: never.
DurationMs retry_after(AccountsError error);

AccountsError error_of(storage::StorageError error);

template <typename T>
using AccountsResult = Result<T, AccountsError>;

/// Called exactly once, either inside the request or inside on_completion; never if the module's object dies
/// before.
template <typename T>
using Reply = std::move_only_function<void(AccountsResult<T>)>;

}  // namespace sotto::accounts
