// Why a command about recovery was refused.
#pragma once

#include <cstdint>
#include <string_view>

#include "recovery/error.h"
#include "result/result.h"

namespace sotto::client {

enum class RecoveryCommandError : std::uint8_t {
  not_registered,  ///< this profile has no account
  already_linked,  ///< recovering into a profile that has an account
  not_connected,   ///< needs a connection on which everything that waited has been taken in
  no_key,          ///< the account has no recovery key
  wrong_key,       ///< the typed key is not the account's
  no_contacts,     ///< the account has no recovery contacts
  bad_handle,
  unknown_contact,  ///< not looked up yet, or its key changed
  own_account,      ///< naming oneself, or somebody twice
  bad_terms,        ///< number of contacts, or threshold
  bad_delay,
  bad_request,    ///< the file is no recovery request, or was altered
  no_share,       ///< this account holds no share of whoever asks
  vetoed,         ///< one of the owner's devices refused this request
  not_told,       ///< the server has not taken the notice to the owner's devices yet
  nothing_asked,  ///< no contact was asked, or everything was refused already
  no_request,     ///< this profile made none that these shares could answer
  bad_share,      ///< the file is no share for the request made here, or was altered
  too_few_shares,
  mixed_shares,
  wrong_share,
};

std::string_view describe(RecoveryCommandError failure);
/// How an error of shares looks to whoever brought them.
RecoveryCommandError failure_of(recovery::RecoveryError error);

template <typename T>
using RecoveryOutcome = Result<T, RecoveryCommandError>;

}  // namespace sotto::client
