// Prekey batches and the ring of private halves (docs/specs/session-protocol.md 3).
#include <gtest/gtest.h>

#include "session/secret_codec.h"
#include "session/test_devices.h"

namespace sotto::session {
namespace {

using testing::kStart;
using testing::TestDevice;

struct Fixture {
  explicit Fixture(std::uint32_t pairs = 4) : device(1, random) { device.publish(kStart, random, pairs); }

  [[nodiscard]] std::vector<OneTimePairView> pairs() const {
    std::vector<OneTimePairView> out;
    for (const auto& pair : device.upload.pairs) out.push_back({pair.ec, pair.kem});
    return out;
  }
  [[nodiscard]] std::optional<PrekeyError> upload_error(const PrekeyUpload& upload,
                                                        std::optional<UnixMs> newest = {},
                                                        UnixMs now = kStart) const {
    std::vector<OneTimePairView> views;
    for (const auto& pair : upload.pairs) views.push_back({pair.ec, pair.kem});
    const auto result =
        check_upload(upload.m, upload.signature, upload.last_resort_kem, views, device.peer(), newest, now);
    return result ? std::optional<PrekeyError>() : result.error();
  }
  /// A batch with `change` applied, signed again.
  template <typename Change>
  PrekeyUpload resigned(Change change) {
    auto batch = *decode_batch(device.upload.m);
    change(batch);
    PrekeyUpload out = device.upload;
    out.m = encode(batch);
    out.signature = device.key.sign(out.m, random);
    return out;
  }

  crypto::DeterministicRandom random{42};
  TestDevice device;
};

TEST(PrekeyBatch, RoundTripsAndRefusesTruncationAtEveryLength) {
  const Fixture fixture;
  const Bytes& m = fixture.device.upload.m;
  const auto batch = decode_batch(m);
  ASSERT_TRUE(batch);
  EXPECT_EQ(encode(*batch), m);
  EXPECT_EQ(batch->owner, fixture.device.local().identity());
  for (std::size_t length = 0; length < m.size(); ++length)
    EXPECT_FALSE(decode_batch(ByteView(m).first(length)));
  Bytes longer = m;
  longer.push_back(0);
  EXPECT_EQ(decode_batch(longer).error(), PrekeyError::malformed);
}

TEST(PrekeyBatch, ADirectoryAcceptsWhatTheRingMadeAndNothingElse) {
  Fixture fixture;
  const PrekeyUpload good = fixture.device.upload;
  EXPECT_EQ(fixture.upload_error(good), std::nullopt);
  EXPECT_EQ(fixture.upload_error(good, kStart), std::nullopt);

  auto missing = good;
  missing.pairs.pop_back();
  EXPECT_EQ(fixture.upload_error(missing), PrekeyError::wrong_pairs);
  auto swapped = good;
  std::swap(swapped.pairs[0], swapped.pairs[1]);
  EXPECT_EQ(fixture.upload_error(swapped), PrekeyError::wrong_pairs);
  auto short_key = good;
  short_key.pairs[2].kem.pop_back();
  EXPECT_EQ(fixture.upload_error(short_key), PrekeyError::wrong_pairs);
  auto other_last = good;
  other_last.last_resort_kem[0] ^= 1;
  EXPECT_EQ(fixture.upload_error(other_last), PrekeyError::wrong_key);
  for (const std::size_t at : {std::size_t{0}, std::size_t{70}, good.signature.size() - 1}) {
    auto forged = good;
    forged.signature[at] ^= 1;
    EXPECT_EQ(fixture.upload_error(forged), PrekeyError::bad_signature);
  }
  EXPECT_EQ(fixture.upload_error(fixture.resigned([](PrekeyBatch& b) { b.owner.device = DeviceId(); })),
            PrekeyError::wrong_device);
  EXPECT_EQ(fixture.upload_error(fixture.resigned([](PrekeyBatch& b) { b.expires = b.created + days(36); })),
            PrekeyError::bad_lifetime);
  EXPECT_EQ(fixture.upload_error(fixture.resigned([](PrekeyBatch& b) { b.expires = b.created; })),
            PrekeyError::bad_lifetime);
  EXPECT_EQ(fixture.upload_error(fixture.resigned([](PrekeyBatch& b) {
    b.created = kStart + hours(49);
    b.expires = kStart + days(10);
  })),
            PrekeyError::from_future);
  EXPECT_EQ(fixture.upload_error(good, kStart + seconds(1)), PrekeyError::older_than_seen);
  EXPECT_EQ(fixture.upload_error(good, {}, kStart + days(35)), PrekeyError::expired);
  EXPECT_EQ(fixture.upload_error(fixture.resigned([](PrekeyBatch& b) { b.count = kMaxOneTimePairs + 1; })),
            PrekeyError::malformed);
}

TEST(PrekeyBatch, EveryPairOfEveryBatchSizeIsProvedByItsPath) {
  for (const std::uint32_t count : {1U, 2U, 3U, 5U, 7U, 8U}) {
    const Fixture fixture(count);
    const auto verified = fixture.device.verified(kStart);
    for (std::uint32_t i = 0; i < count; ++i) {
      crypto::MerklePath path;
      const OneTimePart part = fixture.device.part(i, path);
      EXPECT_TRUE(verified.with_one_time(part, kStart)) << count << " " << i;
      auto other_index = part;
      other_index.index = (i + 1) % count;
      if (count > 1) EXPECT_EQ(verified.with_one_time(other_index, kStart).error(), PrekeyError::wrong_path);
      auto longer = part;
      longer.path.push_back(verified.batch().root);
      EXPECT_EQ(verified.with_one_time(longer, kStart).error(), PrekeyError::wrong_path);
      if (!part.path.empty()) {
        auto shorter = part;
        shorter.path.pop_back();
        EXPECT_EQ(verified.with_one_time(shorter, kStart).error(), PrekeyError::wrong_path);
      }
      auto outside = part;
      outside.index = count;
      EXPECT_EQ(verified.with_one_time(outside, kStart).error(), PrekeyError::wrong_pairs);
    }
  }
}

TEST(PrekeyBatch, P14_P18_ASenderRefusesForeignHalvesBadKeysAndOldCaches) {
  Fixture fixture;
  const auto verify = [&](const PrekeyUpload& upload) {
    return verify_batch(upload.m, upload.signature, upload.last_resort_kem, fixture.device.peer(), {},
                        kStart);
  };
  const auto foreign =
      crypto::HybridPrivateKey::generate(fixture.random).sign(fixture.device.upload.m, fixture.random);
  auto ecdsa_swapped = fixture.device.upload;
  std::copy_n(foreign.begin(), 64, ecdsa_swapped.signature.begin());
  EXPECT_EQ(verify(ecdsa_swapped).error(), PrekeyError::bad_signature);
  auto ml_dsa_swapped = fixture.device.upload;
  std::copy(foreign.begin() + 64, foreign.end(), ml_dsa_swapped.signature.begin() + 64);
  EXPECT_EQ(verify(ml_dsa_swapped).error(), PrekeyError::bad_signature);

  const Bytes bad_kem(crypto::MlKem1024::kEncapsulationKeySize, 0xff);
  auto bad_modulus = fixture.resigned([&](PrekeyBatch& b) { b.last_resort_hash = crypto::sha384(bad_kem); });
  bad_modulus.last_resort_kem = bad_kem;
  EXPECT_EQ(verify(bad_modulus).error(), PrekeyError::wrong_key);
  EXPECT_EQ(verify(fixture.resigned([](PrekeyBatch& b) { b.signed_prekey = {}; })).error(),
            PrekeyError::wrong_key);

  const auto cached = fixture.device.verified(kStart);
  EXPECT_TRUE(cached.last_resort(kStart + kBatchCacheLifetime));
  EXPECT_EQ(cached.last_resort(kStart + kBatchCacheLifetime + seconds(1)).error(), PrekeyError::stale_cache);
}

TEST(PrekeyRing, RotatesWeeklyRefillsBelowTenAndForgetsAfterThirtySevenDays) {
  Fixture fixture(2);
  PrekeyRing& ring = fixture.device.ring;
  EXPECT_TRUE(PrekeyRing().rotation_due(kStart));
  EXPECT_FALSE(ring.rotation_due(kStart + days(6)));
  EXPECT_TRUE(ring.rotation_due(kStart + days(7)));
  EXPECT_TRUE(PrekeyRing().refill_due(0, kStart));
  EXPECT_TRUE(ring.refill_due(9, kStart + kRefillInterval));
  EXPECT_FALSE(ring.refill_due(10, kStart + kRefillInterval));
  EXPECT_FALSE(ring.refill_due(0, kStart + minutes(9)));
  const auto old = bundle_hash(fixture.device.upload.m);
  fixture.device.publish(kStart + days(7), fixture.random, 2);
  EXPECT_FALSE(ring.expire(kStart + days(43)));
  EXPECT_TRUE(ring.find(old, 0));
  EXPECT_TRUE(ring.expire(kStart + days(44)));
  EXPECT_EQ(ring.find(old, 0).error(), SessionError::unknown_prekey);
  EXPECT_TRUE(ring.find(bundle_hash(fixture.device.upload.m), kNoOneTime));
}

TEST(PrekeyRing, GoesBackToTheBatchBeforeWhenTheDirectoryRefusesANewOne) {
  Fixture fixture(2);
  PrekeyRing& ring = fixture.device.ring;
  const auto served = bundle_hash(fixture.device.upload.m);
  fixture.device.publish(kStart + days(365), fixture.random, 2);
  const auto refused = bundle_hash(fixture.device.upload.m);
  ring.withdraw(served);
  EXPECT_TRUE(ring.find(refused, kNoOneTime));
  ring.withdraw(refused);
  EXPECT_FALSE(ring.find(refused, kNoOneTime));
  EXPECT_FALSE(ring.rotation_due(kStart + days(6)));
  EXPECT_TRUE(ring.rotation_due(kStart + days(7)));
  // It was never replaced, so nothing of it is destroyed.
  ring.expire(kStart + days(365 + 38));
  EXPECT_TRUE(ring.find(served, kNoOneTime));
}

TEST(PrekeyRing, DestroysAOneTimePairOnUseAndRemembersTheSession) {
  Fixture fixture(2);
  PrekeyRing& ring = fixture.device.ring;
  const auto hash = bundle_hash(fixture.device.upload.m);
  const SessionId session(ByteArray<16>{7});
  EXPECT_TRUE(ring.find(hash, 1));
  ring.consume({hash, 1, session});
  EXPECT_EQ(ring.find(hash, 1).error(), SessionError::unknown_prekey);
  EXPECT_EQ(ring.find(hash, 2).error(), SessionError::unknown_prekey);
  EXPECT_TRUE(ring.find(hash, 0));
  EXPECT_TRUE(ring.replayed(session));
  EXPECT_FALSE(ring.replayed(SessionId()));
}

TEST(PrekeyRing, AFullReplayMemoryTakesNoMoreInitsAndAsksForANewBatch) {
  Fixture fixture(1);
  PrekeyRing& ring = fixture.device.ring;
  const auto hash = bundle_hash(fixture.device.upload.m);
  for (std::uint32_t i = 0; i < kMaxReplayEntries; ++i) {
    ByteArray<16> id{};
    for (std::size_t k = 0; k < 4; ++k) id[k] = static_cast<std::uint8_t>(i >> (8 * k));
    ring.consume({hash, kNoOneTime, SessionId(id)});
  }
  EXPECT_TRUE(ring.rotation_due(kStart));
  EXPECT_EQ(ring.find(hash, kNoOneTime).error(), SessionError::unknown_prekey);
}

TEST(PrekeyRing, RoundTripsAndRefusesTruncationAtEveryLength) {
  Fixture fixture(3);
  PrekeyRing& ring = fixture.device.ring;
  ring.consume({bundle_hash(fixture.device.upload.m), 1, SessionId(ByteArray<16>{9})});
  fixture.device.publish(kStart + days(7), fixture.random, 1);
  const auto record = ring.encode();
  const auto back = PrekeyRing::decode(record);
  ASSERT_TRUE(back);
  EXPECT_TRUE(equal(SecretCodec::view(back->encode()), SecretCodec::view(record)));
  const ByteView octets = SecretCodec::view(record);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    const auto cut = PrekeyRing::decode(crypto::SecretBytes::copy_of(octets.first(length)));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error(), SessionError::corrupt_record);
  }
}

}  // namespace
}  // namespace sotto::session
