// The private halves: an account's AIK, which all its devices hold, and a device's DIK, which never leaves
// it.
#pragma once

#include "crypto/hybrid_signature.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "identity/error.h"
#include "identity/ids.h"

namespace sotto::identity {

/// Shared by the devices of an account: seals device names and what they synchronise.
using SyncKey = crypto::SecretArray<32, struct SyncKeyTag>;

struct AccountIdentity {
  AccountId id;
  crypto::HybridPrivateKey key;  ///< the AIK

  static AccountIdentity generate(crypto::RandomSource& random);
};

struct DeviceIdentity {
  DeviceId id;
  crypto::HybridPrivateKey key;  ///< the DIK

  static DeviceIdentity generate(crypto::RandomSource& random);
};

/// Secret octet forms, for the device's encrypted store and for sealed grants. The only code of this module
/// that opens secrets (crypto/secret.h).
class SecretCodec {
 public:
  /// u8 1 || id16 || seed64, for either kind; the store keeps them under different names.
  static crypto::SecretBytes encode(const AccountIdentity& account);
  static crypto::SecretBytes encode(const DeviceIdentity& device);
  /// Errors: malformed.
  static IdentityResult<AccountIdentity> decode_account(const crypto::SecretBytes& octets);
  static IdentityResult<DeviceIdentity> decode_device(const crypto::SecretBytes& octets);

 private:
  friend class LinkSeal;
  static constexpr crypto::SecretAccess access() { return {}; }
};

}  // namespace sotto::identity
