// The account's password, told to the server as an authenticator (docs/specs/sign-in.md). Stretching it is
// the owner's, who may wait (identity/account_password.h); nothing of it is kept here.
#pragma once

#include <optional>

#include "client/core/work.h"
#include "crypto/argon2.h"
#include "identity/account_password.h"

namespace sotto::client {

struct NewPassword {
  crypto::Argon2Salt salt;  ///< random, new for each password
  crypto::Argon2Parameters cost = identity::kPasswordCost;
  identity::Authenticator authenticator;
};

/// Replaces the password, or removes it. Run::linking says when the server has it; a Problem SIGN_IN_REFUSED,
/// that it refused. False: not signed in, or another change is running.
bool change_password(Work& work, const std::optional<NewPassword>& password);
void on_password_answer(Work& work, const v1::ServerFrame& frame);

}  // namespace sotto::client
