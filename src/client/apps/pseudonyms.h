// What an app calls people and conversations: made under a secret of that one installation, so that they say
// nothing to another app, nor to the same one once it was removed and added again (docs/specs/apps.md 3).
#pragma once

#include <string>

#include "crypto/secret.h"
#include "identity/ids.h"

namespace sotto::client {

using AppSecret = crypto::SecretArray<48, struct AppSecretTag>;

// 32 hexadecimal digits each.
std::string person_pseudonym(const AppSecret& secret, const identity::AccountId& account);
/// `conversation`: its row in this device's store.
std::string conversation_pseudonym(const AppSecret& secret, std::int64_t conversation);

}  // namespace sotto::client
