// For tests of this and higher modules: accounts and devices with real keys, from a seeded generator.
#pragma once

#include <cstdlib>
#include <string_view>

#include "identity/author.h"

namespace sotto::identity::testing {

inline constexpr UnixMs kNow{1'800'000'000'000};

/// An account with one device that authored version 1 at kNow.
struct TestAccount {
  AccountIdentity account;
  DeviceIdentity device;
  VerifiedManifest manifest;

  explicit TestAccount(crypto::RandomSource& random, UnixMs now = kNow)
      : account(AccountIdentity::generate(random)),
        device(DeviceIdentity::generate(random)),
        manifest(first(random, now)) {}

  /// The manifest after `change` was made to a draft by `device`; aborts if it does not verify.
  template <typename Change>
  VerifiedManifest successor(crypto::RandomSource& random, UnixMs now, const Change& change) const {
    Manifest draft = draft_successor(manifest, device.id, now);
    change(draft);
    auto verified = verify_successor(manifest, sign_manifest(draft, account, device, random));
    if (!verified) std::abort();
    return *std::move(verified);
  }

 private:
  VerifiedManifest first(crypto::RandomSource& random, UnixMs now) const {
    const Manifest draft =
        draft_first(account, {device.id, device.key.public_key(), to_bytes(as_bytes("sealed name")), 7}, now);
    auto verified = verify_first(sign_manifest(draft, account, device, random));
    if (!verified) std::abort();
    return *std::move(verified);
  }
};

inline crypto::MlKem1024EncapsulationKey sealing_kem(const LinkRequestKeys& keys) {
  return crypto::MlKem1024EncapsulationKey::decode(keys.kem.encapsulation_key()).value();
}

inline NewDevice listing(const DeviceIdentity& device) { return {device.id, device.key.public_key(), {}, 0}; }

}  // namespace sotto::identity::testing
