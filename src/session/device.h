// Who takes part: this device and one device of a peer, as small values. How a peer device came to be
// believed (manifests, transparency) is identity's concern.
#pragma once

#include "bytes/encoder.h"
#include "crypto/hybrid_signature.h"
#include "identity/ids.h"

namespace sotto::session {

using identity::AccountId;
using identity::DeviceAddress;
using identity::DeviceId;

/// idX = V(account) || V(device) || fp(AIK) || fp(DIK): a device in transcripts.
struct DeviceIdentity {
  AccountId account;
  DeviceId device;
  crypto::Fingerprint account_key;
  crypto::Fingerprint device_key;

  friend bool operator==(const DeviceIdentity&, const DeviceIdentity&) = default;
};

void append(Encoder& out, const DeviceIdentity& identity);
Bytes encode(const DeviceIdentity& identity);

/// A device that stands in its account's newest verified manifest. Whoever makes one vouches for that; taking
/// one in every call is what keeps a removed device from getting another message (section 4, last sentence).
struct PeerDevice {
  AccountId account;
  DeviceId device;
  crypto::Fingerprint account_key;  ///< fp(AIK)
  crypto::HybridPublicKey key;      ///< DIK

  [[nodiscard]] DeviceIdentity identity() const { return {account, device, account_key, key.fingerprint()}; }
  [[nodiscard]] DeviceAddress address() const { return {account, device}; }
};

/// This device. Borrows its identity key; the owner keeps it alive.
struct LocalDevice {
  AccountId account;
  DeviceId device;
  crypto::Fingerprint account_key;      ///< fp(AIK)
  const crypto::HybridPrivateKey& key;  ///< DIK

  [[nodiscard]] DeviceIdentity identity() const {
    return {account, device, account_key, key.public_key().fingerprint()};
  }
};

}  // namespace sotto::session
