// Device names in manifests, sealed under the account's sync key: only own devices read them.
//   sealed = nonce 16 || AES-256-CTR(u8 length || name, zero-padded to 65 octets) || tag 16
//   prk = Extract(salt = LBL("device-name") || nonce, sync key);  enc 32 | iv 16 | mac 48 = Expand(prk,
//   LBL("device-name"))
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bytes/bytes.h"
#include "crypto/random.h"
#include "identity/private_identity.h"

namespace sotto::client {

/// Precondition: at most identity::kMaxDeviceName octets.
Bytes seal_device_name(std::string_view name, const identity::SyncKey& key, crypto::RandomSource& random);
/// Empty when it was not sealed under this key.
std::optional<std::string> open_device_name(ByteView sealed, const identity::SyncKey& key);

}  // namespace sotto::client
