// Devices, prekeys and bundles for this module's tests: everything from one seed.
#pragma once

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "session/device.h"
#include "session/incoming.h"
#include "session/prekey_batch.h"
#include "session/prekey_ring.h"

namespace sotto::session::testing {

inline constexpr UnixMs kStart{1'700'000'000'000};

/// A device with its identity key and prekeys.
struct TestDevice {
  explicit TestDevice(std::uint8_t name, crypto::RandomSource& random)
      : account(ByteArray<16>{name, 0xac}),
        device(ByteArray<16>{name, 0xde}),
        key(crypto::HybridPrivateKey::generate(random)),
        account_key(crypto::Fingerprint::from_octets(ByteArray<32>{name, 0xaa})) {}

  AccountId account;
  DeviceId device;
  crypto::HybridPrivateKey key;
  crypto::Fingerprint account_key;
  PrekeyRing ring;
  PrekeyUpload upload;

  [[nodiscard]] LocalDevice local() const { return {account, device, account_key, key}; }
  [[nodiscard]] PeerDevice peer() const { return {account, device, account_key, key.public_key()}; }

  /// Makes a fresh batch.
  void publish(UnixMs now, crypto::RandomSource& random, std::uint32_t count = 4) {
    upload = ring.generate(local(), now, random, count);
    next_one_time = 0;
  }

  [[nodiscard]] VerifiedBatch verified(UnixMs now) const {
    auto batch = verify_batch(upload.m, upload.signature, upload.last_resort_kem, peer(), std::nullopt, now);
    EXPECT_TRUE(batch) << (batch ? "" : describe(batch.error()));
    return *std::move(batch);
  }

  /// Pair `index` as a directory serves it; the views live as long as this device's upload.
  [[nodiscard]] OneTimePart part(std::uint32_t index, crypto::MerklePath& path) const {
    crypto::MerklePath leaves;
    for (const auto& pair : upload.pairs) {
      leaves.push_back(pair_leaf(static_cast<std::uint32_t>(leaves.size()), {pair.ec, pair.kem}));
    }
    path = crypto::merkle_path(leaves, index);
    return {index, upload.pairs[index].ec, upload.pairs[index].kem, {path.begin(), path.end()}};
  }

  /// What a directory would serve next: a one-time bundle while pairs last, then the last resort.
  VerifiedBundle bundle(UnixMs now) {
    if (next_one_time >= upload.pairs.size()) return last_resort(now);
    crypto::MerklePath path;
    auto out = verified(now).with_one_time(part(next_one_time++, path), now);
    EXPECT_TRUE(out);
    return *std::move(out);
  }
  [[nodiscard]] VerifiedBundle last_resort(UnixMs now) const { return *verified(now).last_resort(now); }

  std::uint32_t next_one_time = 0;
};

}  // namespace sotto::session::testing
