#include "identity/manifest.h"

#include <gtest/gtest.h>

#include "bytes/encoder.h"
#include "identity/test_support.h"

namespace sotto::identity {
namespace {

using testing::kNow;
using testing::TestAccount;

class ManifestTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{1};
  TestAccount alice{random};
  Manifest draft = alice.manifest.manifest();

  static IdentityError error_of(const Manifest& manifest) {
    const auto parsed = parse_manifest(encode(manifest));
    EXPECT_FALSE(parsed);
    return parsed ? IdentityError::empty_chain : parsed.error();
  }
};

TEST_F(ManifestTest, HasTheSpecifiedOctets) {
  Encoder expected;
  expected.raw(as_bytes(std::string_view("sp1.man\0", 8))).raw(alice.account.id.view());
  expected.raw(alice.account.key.public_key().encoded());
  expected.u64(1).u64(kNow.value).u64(kNow.value + 35ULL * 24 * 3600 * 1000);
  expected.raw(Bytes(48, 0)).raw(alice.device.id.view()).raw(Bytes(32, 0)).u32(1);
  expected.raw(alice.device.id.view()).raw(alice.device.key.public_key().encoded());
  expected.u32(11).raw(as_bytes("sealed name")).u32(7).u64(kNow.value);
  EXPECT_EQ(encode(draft), to_bytes(expected.view()));
}

TEST_F(ManifestTest, RoundTrips) {
  const Bytes m = encode(draft);
  const auto parsed = parse_manifest(m);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(encode(*parsed), m);
}

TEST_F(ManifestTest, FailsOnTruncationAtEveryLengthAndOnExtraOctets) {
  Bytes m = encode(draft);
  for (std::size_t length = 0; length < m.size(); ++length) {
    ASSERT_FALSE(parse_manifest(ByteView(m).first(length))) << length;
  }
  m.push_back(0);
  const auto parsed = parse_manifest(m);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error(), IdentityError::malformed);
}

TEST_F(ManifestTest, RefusesAnotherLabelAndVersionZero) {
  Bytes m = encode(draft);
  m[5] ^= 1U;
  EXPECT_EQ(parse_manifest(m).error(), IdentityError::malformed);
  draft.version = 0;
  EXPECT_EQ(error_of(draft), IdentityError::malformed);
}

TEST_F(ManifestTest, RefusesTheRecoveryAuthorsIdAsADevice) {
  draft.devices[0].id = DeviceId{};
  EXPECT_EQ(error_of(draft), IdentityError::invalid_device_id);
}

TEST_F(ManifestTest, RefusesDuplicateIdsAndKeys) {
  const auto other = DeviceIdentity::generate(random);
  draft.devices.push_back(draft.devices[0]);
  draft.devices[1].key = other.key.public_key();
  EXPECT_EQ(error_of(draft), IdentityError::duplicate_device_id);
  draft.devices[1] = draft.devices[0];
  draft.devices[1].id = other.id;
  EXPECT_EQ(error_of(draft), IdentityError::duplicate_device_key);
  draft.devices[1].key = draft.account_key;
  EXPECT_EQ(error_of(draft), IdentityError::duplicate_device_key);
}

TEST_F(ManifestTest, HoldsSixteenDevicesAndNoMore) {
  while (draft.devices.size() < kMaxDevices) {
    ASSERT_TRUE(add_device(draft, testing::listing(DeviceIdentity::generate(random))));
  }
  for (auto& device : draft.devices) device.sealed_name = Bytes(kMaxSealedName, 'n');
  Bytes m = encode(draft);
  EXPECT_EQ(m.size(), kMaxManifestSize);
  EXPECT_TRUE(parse_manifest(m));

  constexpr std::size_t kCountAt = 8 + 16 + crypto::kHybridPublicKeySize + 24 + 48 + 16 + 32;
  m[kCountAt + 3] = kMaxDevices + 1;
  EXPECT_EQ(parse_manifest(m).error(), IdentityError::too_many_devices);
  m[kCountAt + 3] = 0;
  EXPECT_EQ(parse_manifest(m).error(), IdentityError::no_devices);
}

TEST_F(ManifestTest, RefusesANameOverTheBound) {
  draft.devices[0].sealed_name = Bytes(kMaxSealedName, 'n');
  Bytes m = encode(draft);
  m[m.size() - 12 - kMaxSealedName - 1] = 1;  // the length's low octet: 0x0100 becomes 0x0101
  m.push_back(0);
  EXPECT_EQ(parse_manifest(m).error(), IdentityError::malformed);
}

TEST_F(ManifestTest, RefusesLifetimesThatAreEmptyNegativeOrTooLong) {
  draft.expires = draft.issued;
  EXPECT_EQ(error_of(draft), IdentityError::invalid_lifetime);
  draft.expires = {draft.issued.value - 1};
  EXPECT_EQ(error_of(draft), IdentityError::invalid_lifetime);
  draft.expires = {draft.issued.value + kMaxManifestLifetime.value + 1};
  EXPECT_EQ(error_of(draft), IdentityError::invalid_lifetime);
  draft.issued = {~0ULL - 1};
  draft.expires = {~0ULL};
  EXPECT_TRUE(parse_manifest(encode(draft)));
}

TEST_F(ManifestTest, StoredFormRoundTripsAndFailsOnTruncationAtEveryLength) {
  SignedManifest signed_manifest = alice.manifest.signed_manifest();
  signed_manifest.recovery_key = Bytes(RecoveryPublicKey::kSize, 3);
  Bytes octets = encode(signed_manifest);
  const auto parsed = parse_signed_manifest(octets);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, signed_manifest);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    ASSERT_FALSE(parse_signed_manifest(ByteView(octets).first(length))) << length;
  }
  octets.push_back(0);
  EXPECT_EQ(parse_signed_manifest(octets).error(), IdentityError::malformed);
}

TEST_F(ManifestTest, ReferencesRelateByVersionAndThenByHash) {
  const ManifestRef mine{.version = 2, .hash = {1}};
  EXPECT_EQ(relate(mine, {.version = 2, .hash = {1}}), ManifestRelation::same);
  EXPECT_EQ(relate(mine, {.version = 1, .hash = {9}}), ManifestRelation::older);
  EXPECT_EQ(relate(mine, {.version = 3, .hash = {1}}), ManifestRelation::newer);
  EXPECT_EQ(relate(mine, {.version = 2, .hash = {2}}), ManifestRelation::fork);
}

TEST_F(ManifestTest, RecoveryKeyRoundTripsAndItsFingerprintCoversEveryPart) {
  const auto signing = crypto::HybridPrivateKey::generate(random);
  const auto sealing = LinkRequestKeys::generate(random);
  const RecoveryPublicKey key{signing.public_key(), sealing.ec.public_key(), testing::sealing_kem(sealing)};
  const Bytes octets = key.encoded();
  const auto decoded = RecoveryPublicKey::decode(octets);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->encoded(), octets);
  Encoder labelled;
  labelled.raw(as_bytes(std::string_view("sp1.rec\0", 8))).raw(octets);
  EXPECT_EQ(key.fingerprint(), crypto::sha256(labelled.view()));
  for (std::size_t length = 0; length < octets.size(); ++length) {
    ASSERT_FALSE(RecoveryPublicKey::decode(ByteView(octets).first(length))) << length;
  }
}

}  // namespace
}  // namespace sotto::identity
