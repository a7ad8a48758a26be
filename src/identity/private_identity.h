// The private halves: an account's AIK, which all its devices hold, and a device's DIK, which never leaves
// it.
#pragma once

#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/vrf.h"
#include "identity/error.h"
#include "identity/ids.h"

namespace sotto::accounts {
class ServerKeyFile;
}

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

/// Private halves of a link request (link_grant.h), kept by the new device until the grant arrived and then
/// destroyed.
struct LinkRequestKeys {
  crypto::P256PrivateKey ec;
  crypto::MlKem1024DecapsulationKey kem;

  static LinkRequestKeys generate(crypto::RandomSource& random);
};

/// Secret octet forms, for encrypted stores, sealed grants and the server's key file. The only code of this
/// module that opens secrets (crypto/secret.h).
class SecretCodec {
 public:
  /// u8 kind || id16 || seed64
  static crypto::SecretBytes encode(const AccountIdentity& account);
  static crypto::SecretBytes encode(const DeviceIdentity& device);
  /// u8 kind || scalar32 || seed64
  static crypto::SecretBytes encode(const LinkRequestKeys& keys);
  /// u8 kind || seed64
  static crypto::SecretBytes encode_server_key(const crypto::HybridPrivateKey& key);
  /// u8 kind || scalar32
  static crypto::SecretBytes encode_vrf_key(const crypto::VrfPrivateKey& key);

  /// Errors of all: malformed.
  static IdentityResult<AccountIdentity> decode_account(const crypto::SecretBytes& octets);
  static IdentityResult<DeviceIdentity> decode_device(const crypto::SecretBytes& octets);
  static IdentityResult<LinkRequestKeys> decode_link_request_keys(const crypto::SecretBytes& octets);
  static IdentityResult<crypto::HybridPrivateKey> decode_server_key(const crypto::SecretBytes& octets);
  static IdentityResult<crypto::VrfPrivateKey> decode_vrf_key(const crypto::SecretBytes& octets);

 private:
  friend class PasswordText;             // stretches what the user typed
  friend class LinkSeal;                 // seals the account's secrets for a new device
  friend class accounts::ServerKeyFile;  // writes the server's keys to their files
  static constexpr crypto::SecretAccess access() { return {}; }
};

}  // namespace sotto::identity
