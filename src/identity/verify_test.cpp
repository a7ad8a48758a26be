#include "identity/verify.h"

#include <gtest/gtest.h>

#include "bytes/encoder.h"
#include "identity/test_support.h"

namespace sotto::identity {
namespace {

using testing::kNow;
using testing::TestAccount;

class VerifyTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{2};
  TestAccount alice{random};
  DeviceIdentity laptop = DeviceIdentity::generate(random);

  Manifest next() const { return draft_successor(alice.manifest, alice.device.id, kNow + hours(1)); }
  SignedManifest sign(const Manifest& draft) {
    return sign_manifest(draft, alice.account, alice.device, random);
  }
  /// Signs a draft with whatever keys are given, consistent or not.
  SignedManifest sign_with(const Manifest& draft, const crypto::HybridPrivateKey& account,
                           const crypto::HybridPrivateKey& author) {
    SignedManifest out;
    out.m = encode(draft);
    out.account_signature = account.sign(out.m, random);
    Encoder message;
    message.label("man-author").raw(crypto::sha384(out.m));
    out.author_signature = author.sign(message.view(), random);
    return out;
  }
  IdentityError successor_error(const Manifest& draft) {
    const auto verified =
        verify_successor(alice.manifest, sign_with(draft, alice.account.key, alice.device.key));
    EXPECT_FALSE(verified);
    return verified ? IdentityError::empty_chain : verified.error();
  }
  IdentityError first_error(const Manifest& draft) {
    const auto verified = verify_first(sign_with(draft, alice.account.key, alice.device.key));
    EXPECT_FALSE(verified);
    return verified ? IdentityError::empty_chain : verified.error();
  }
};

TEST_F(VerifyTest, AcceptsAChainThatAddsAndRemovesDevices) {
  Manifest adding = next();
  ASSERT_TRUE(add_device(adding, testing::listing(laptop)));
  const auto second = verify_successor(alice.manifest, sign(adding));
  ASSERT_TRUE(second) << describe(second.error());
  EXPECT_NE(second->find(laptop.id), nullptr);

  Manifest removing = draft_successor(*second, laptop.id, kNow + hours(2));
  ASSERT_TRUE(remove_device(removing, alice.device.id));
  const auto third = verify_successor(*second, sign_manifest(removing, alice.account, laptop, random));
  ASSERT_TRUE(third) << describe(third.error());
  EXPECT_EQ(third->find(alice.device.id), nullptr);

  const auto chain = verify_chain(
      nullptr, {alice.manifest.signed_manifest(), second->signed_manifest(), third->signed_manifest()}, kNow);
  ASSERT_TRUE(chain);
  EXPECT_EQ(chain->links.back().ref(), third->ref());
  EXPECT_EQ(chain->freshness, Freshness::fresh);
}

TEST_F(VerifyTest, ARemovedDeviceCannotAuthorThoughItHoldsTheAccountKey) {
  Manifest adding = next();
  ASSERT_TRUE(add_device(adding, testing::listing(laptop)));
  const auto second = verify_successor(alice.manifest, sign(adding));
  ASSERT_TRUE(second);
  Manifest removing = draft_successor(*second, alice.device.id, kNow + hours(2));
  ASSERT_TRUE(remove_device(removing, laptop.id));
  const auto third = verify_successor(*second, sign(removing));
  ASSERT_TRUE(third);

  Manifest returning = draft_successor(*third, laptop.id, kNow + hours(3));
  ASSERT_TRUE(add_device(returning, testing::listing(laptop)));
  const auto refused = verify_successor(*third, sign_manifest(returning, alice.account, laptop, random));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), IdentityError::unknown_author);
  returning.author = alice.device.id;  // and not in the name of one that is still listed
  const auto forged = verify_successor(*third, sign_with(returning, alice.account.key, laptop.key));
  ASSERT_FALSE(forged);
  EXPECT_EQ(forged.error(), IdentityError::bad_author_signature);
}

TEST_F(VerifyTest, ADeviceCannotAuthorTheManifestThatAddsIt) {
  Manifest adding = next();
  ASSERT_TRUE(add_device(adding, testing::listing(laptop)));
  adding.author = laptop.id;
  const auto refused = verify_successor(alice.manifest, sign_manifest(adding, alice.account, laptop, random));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), IdentityError::unknown_author);
}

TEST_F(VerifyTest, ADeviceMaySignItselfOut) {
  Manifest adding = next();
  ASSERT_TRUE(add_device(adding, testing::listing(laptop)));
  const auto second = verify_successor(alice.manifest, sign(adding));
  ASSERT_TRUE(second);
  Manifest leaving = draft_successor(*second, laptop.id, kNow + hours(2));
  ASSERT_TRUE(remove_device(leaving, laptop.id));
  EXPECT_TRUE(verify_successor(*second, sign_manifest(leaving, alice.account, laptop, random)));
}

TEST_F(VerifyTest, RefusesAFirstManifestThatIsNotOne) {
  Manifest draft = alice.manifest.manifest();
  draft.version = 2;
  EXPECT_EQ(first_error(draft), IdentityError::wrong_version);
  draft.version = 1;
  draft.previous[0] = 1;
  EXPECT_EQ(first_error(draft), IdentityError::broken_chain);
  draft.previous = {};
  draft.devices[0].added = {kNow.value - 1};
  EXPECT_EQ(first_error(draft), IdentityError::invalid_added_time);
  draft.devices[0].added = kNow;
  draft.author = laptop.id;
  EXPECT_EQ(first_error(draft), IdentityError::unknown_author);
  draft.author = DeviceId{};
  EXPECT_EQ(first_error(draft), IdentityError::unknown_author);
}

TEST_F(VerifyTest, RefusesEachBrokenRuleOfSuccession) {
  Manifest draft = next();
  draft.account = AccountId(random.array<16>());
  EXPECT_EQ(successor_error(draft), IdentityError::wrong_account);
  draft = next();
  draft.account_key = laptop.key.public_key();
  EXPECT_EQ(successor_error(draft), IdentityError::account_key_changed);
  for (const std::uint64_t version : {1ULL, 3ULL, ~0ULL}) {
    draft = next();
    draft.version = version;
    EXPECT_EQ(successor_error(draft), IdentityError::wrong_version) << version;
  }
  draft = next();
  draft.previous[47] ^= 1U;
  EXPECT_EQ(successor_error(draft), IdentityError::broken_chain);
  draft = next();
  draft.issued = {kNow.value - 1};
  draft.expires = kNow + days(1);
  EXPECT_EQ(successor_error(draft), IdentityError::time_went_back);
  draft = next();
  draft.devices[0].key = laptop.key.public_key();
  EXPECT_EQ(successor_error(draft), IdentityError::device_key_changed);
  draft = next();
  draft.devices[0].added = kNow + hours(1);
  EXPECT_EQ(successor_error(draft), IdentityError::invalid_added_time);
  draft = next();
  ASSERT_TRUE(add_device(draft, testing::listing(laptop)));
  draft.devices[1].added = kNow;
  EXPECT_EQ(successor_error(draft), IdentityError::invalid_added_time);
}

TEST_F(VerifyTest, BothSignaturesAreNeededEachByItsOwnKey) {
  const Manifest draft = next();
  const auto& account = alice.account.key;
  const auto& device = alice.device.key;
  EXPECT_TRUE(verify_successor(alice.manifest, sign_with(draft, account, device)));
  const auto no_account = verify_successor(alice.manifest, sign_with(draft, device, device));
  ASSERT_FALSE(no_account);
  EXPECT_EQ(no_account.error(), IdentityError::bad_account_signature);
  const auto no_author = verify_successor(alice.manifest, sign_with(draft, account, account));
  ASSERT_FALSE(no_author);
  EXPECT_EQ(no_author.error(), IdentityError::bad_author_signature);
}

TEST_F(VerifyTest, EitherHalfOfEitherSignatureIsNeeded) {
  const SignedManifest good = sign(next());
  for (const std::size_t position : {std::size_t{0}, std::size_t{63}, std::size_t{64}, std::size_t{3372}}) {
    SignedManifest bad = good;
    bad.account_signature[position] ^= 1U;
    EXPECT_EQ(verify_successor(alice.manifest, bad).error(), IdentityError::bad_account_signature)
        << position;
    bad = good;
    bad.author_signature[position] ^= 1U;
    EXPECT_EQ(verify_successor(alice.manifest, bad).error(), IdentityError::bad_author_signature) << position;
  }
}

TEST_F(VerifyTest, AuthorSignatureDoesNotServeAsAccountSignatureOrTheOtherWayRound) {
  SignedManifest swapped = sign(next());
  std::swap(swapped.account_signature, swapped.author_signature);
  EXPECT_EQ(verify_successor(alice.manifest, swapped).error(), IdentityError::bad_account_signature);
}

TEST_F(VerifyTest, AnyChangedOctetOfASignedManifestIsRefused) {
  const SignedManifest good = sign(next());
  // Every octet outside the keys, and every 61st inside them.
  const auto inside_key = [](std::size_t at) {
    constexpr std::size_t kFirst = 24;
    constexpr std::size_t kSecond = 24 + crypto::kHybridPublicKeySize + 124 + 16;
    return (at >= kFirst && at < kFirst + crypto::kHybridPublicKeySize) ||
           (at >= kSecond && at < kSecond + crypto::kHybridPublicKeySize);
  };
  for (std::size_t at = 0; at < good.m.size(); ++at) {
    if (inside_key(at) && at % 61 != 0) continue;
    SignedManifest bad = good;
    bad.m[at] ^= 0x01U;
    ASSERT_FALSE(verify_successor(alice.manifest, bad)) << at;
  }
}

TEST_F(VerifyTest, AManifestOfOneAccountIsNoneOfAnother) {
  TestAccount mallory{random};
  // Mallory signs with her own keys that Alice's device is in her account, or her device in Alice's.
  Manifest draft = mallory.manifest.manifest();
  draft.account = alice.account.id;
  const auto first = verify_first(sign_with(draft, mallory.account.key, mallory.device.key));
  ASSERT_TRUE(first);  // a chain of its own under another AIK: whoever pinned Alice's sees that
  EXPECT_FALSE(is_fork(*first, alice.manifest));
  Manifest continued = draft_successor(*first, mallory.device.id, kNow + hours(1));
  continued.previous = alice.manifest.hash();
  const auto spliced =
      verify_successor(alice.manifest, sign_with(continued, mallory.account.key, mallory.device.key));
  ASSERT_FALSE(spliced);
  EXPECT_EQ(spliced.error(), IdentityError::account_key_changed);
}

TEST_F(VerifyTest, FreshnessTurnsFromFreshToGraceToExpired) {
  const Manifest& manifest = alice.manifest.manifest();
  const UnixMs expires = manifest.expires;
  EXPECT_EQ(*freshness(manifest, {expires.value - 1}), Freshness::fresh);
  EXPECT_EQ(*freshness(manifest, expires), Freshness::grace);
  EXPECT_EQ(*freshness(manifest, {expires.value + days(7).value - 1}), Freshness::grace);
  EXPECT_EQ(freshness(manifest, expires + days(7)).error(), IdentityError::expired);
  EXPECT_TRUE(freshness(manifest, {kNow.value - hours(48).value}));
  EXPECT_EQ(freshness(manifest, {kNow.value - hours(48).value - 1}).error(), IdentityError::from_future);
}

TEST_F(VerifyTest, OnlyTheLastLinkOfAChainMustBeFresh) {
  const UnixMs later = kNow + days(100);
  const auto second = alice.successor(random, later, [](Manifest&) {});
  const std::vector<SignedManifest> links = {alice.manifest.signed_manifest(), second.signed_manifest()};
  EXPECT_TRUE(verify_chain(nullptr, links, later));
  EXPECT_TRUE(verify_chain(&alice.manifest, {second.signed_manifest()}, later));
  EXPECT_EQ(verify_chain(nullptr, {links[0]}, later).error(), IdentityError::expired);
  EXPECT_EQ(verify_chain(nullptr, {}, later).error(), IdentityError::empty_chain);
  EXPECT_EQ(verify_chain(nullptr, {links[1]}, later).error(), IdentityError::wrong_version);
  EXPECT_EQ(verify_chain(&alice.manifest, {links[0]}, later).error(), IdentityError::wrong_version);
}

TEST_F(VerifyTest, TwoManifestsOfOneVersionAreAFork) {
  const auto one = alice.successor(random, kNow + hours(1), [](Manifest&) {});
  const auto other = alice.successor(random, kNow + hours(2), [](Manifest&) {});
  EXPECT_TRUE(is_fork(one, other));
  EXPECT_FALSE(is_fork(one, one));
  EXPECT_FALSE(is_fork(one, alice.manifest));
  EXPECT_EQ(relate(one.ref(), other.ref()), ManifestRelation::fork);
}

TEST_F(VerifyTest, StoredFormIsReadBackAsItWas) {
  const auto restored = VerifiedManifest::from_own_store(alice.manifest.store_form());
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->hash(), alice.manifest.hash());
  EXPECT_EQ(restored->signed_manifest(), alice.manifest.signed_manifest());
}

TEST_F(VerifyTest, DiffNamesWhatAUserMustSee) {
  const auto second = alice.successor(random, kNow, [&](Manifest& draft) {
    EXPECT_TRUE(add_device(draft, testing::listing(laptop)));
    draft.devices[0].sealed_name = {1, 2, 3};
    draft.recovery[0] = 1;
  });
  const ManifestDiff forward = diff(alice.manifest.manifest(), second.manifest());
  EXPECT_EQ(forward.added, std::vector{laptop.id});
  EXPECT_TRUE(forward.removed.empty());
  EXPECT_EQ(forward.changed, std::vector{alice.device.id});
  EXPECT_TRUE(forward.recovery_changed);
  EXPECT_EQ(diff(second.manifest(), alice.manifest.manifest()).removed, std::vector{laptop.id});
}

TEST_F(VerifyTest, DraftsRefuseWhatCouldNotBeSigned) {
  Manifest draft = next();
  EXPECT_EQ(add_device(draft, testing::listing(alice.device)).error(), IdentityError::duplicate_device_id);
  EXPECT_EQ(add_device(draft, {laptop.id, alice.device.key.public_key(), {}, 0}).error(),
            IdentityError::duplicate_device_key);
  EXPECT_EQ(add_device(draft, {laptop.id, draft.account_key, {}, 0}).error(),
            IdentityError::duplicate_device_key);
  EXPECT_EQ(add_device(draft, {DeviceId{}, laptop.key.public_key(), {}, 0}).error(),
            IdentityError::invalid_device_id);
  EXPECT_EQ(add_device(draft, {laptop.id, laptop.key.public_key(), Bytes(kMaxSealedName + 1), 0}).error(),
            IdentityError::malformed);
  EXPECT_EQ(remove_device(draft, laptop.id).error(), IdentityError::invalid_device_id);
  EXPECT_EQ(remove_device(draft, alice.device.id).error(), IdentityError::no_devices);
  while (draft.devices.size() < kMaxDevices) {
    ASSERT_TRUE(add_device(draft, testing::listing(DeviceIdentity::generate(random))));
  }
  EXPECT_EQ(add_device(draft, testing::listing(laptop)).error(), IdentityError::too_many_devices);
}

/// An account whose version 2 names a recovery key.
class RecoveryTest : public VerifyTest {
 protected:
  crypto::HybridPrivateKey signing = crypto::HybridPrivateKey::generate(random);
  LinkRequestKeys sealing = LinkRequestKeys::generate(random);
  RecoveryPublicKey recovery{signing.public_key(), sealing.ec.public_key(), testing::sealing_kem(sealing)};
  VerifiedManifest with_recovery =
      alice.successor(random, kNow, [&](Manifest& draft) { draft.recovery = recovery.fingerprint(); });

  /// Replaces every device by the laptop, authored by the recovery key.
  SignedManifest recovered(const crypto::HybridPrivateKey& author) {
    Manifest draft = draft_successor(with_recovery, DeviceId{}, kNow + days(60));
    draft.devices.clear();
    EXPECT_TRUE(add_device(draft, testing::listing(laptop)));
    SignedManifest out = sign_with(draft, alice.account.key, author);
    out.recovery_key = recovery.encoded();
    return out;
  }
};

TEST_F(RecoveryTest, TheRecoveryKeyAuthorsWhenNoDeviceIsLeft) {
  const auto verified = verify_successor(with_recovery, recovered(signing));
  ASSERT_TRUE(verified) << describe(verified.error());
  EXPECT_NE(verified->find(laptop.id), nullptr);
}

TEST_F(RecoveryTest, OnlyTheNamedRecoveryKeyAuthors) {
  EXPECT_EQ(verify_successor(with_recovery, recovered(laptop.key)).error(),
            IdentityError::bad_author_signature);
  SignedManifest bad = recovered(signing);
  bad.recovery_key.reset();
  EXPECT_EQ(verify_successor(with_recovery, bad).error(), IdentityError::unknown_author);
  RecoveryPublicKey other = recovery;
  other.signing = laptop.key.public_key();
  bad = recovered(laptop.key);
  bad.recovery_key = other.encoded();
  EXPECT_EQ(verify_successor(with_recovery, bad).error(), IdentityError::unknown_author);
  bad.recovery_key = Bytes(RecoveryPublicKey::kSize, 0);
  EXPECT_EQ(verify_successor(with_recovery, bad).error(), IdentityError::unknown_author);
}

TEST_F(RecoveryTest, WithoutANamedRecoveryKeyNobodyIsOne) {
  Manifest draft = next();
  draft.author = DeviceId{};
  SignedManifest octets = sign_with(draft, alice.account.key, signing);
  octets.recovery_key = recovery.encoded();
  EXPECT_EQ(verify_successor(alice.manifest, octets).error(), IdentityError::unknown_author);
}

TEST_F(RecoveryTest, ADeviceDoesNotBringARecoveryKey) {
  SignedManifest octets = sign(next());
  octets.recovery_key = recovery.encoded();
  EXPECT_EQ(verify_successor(alice.manifest, octets).error(), IdentityError::unknown_author);
}

}  // namespace
}  // namespace sotto::identity
