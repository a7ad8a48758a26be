#include "recovery/recovery_key.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "crypto/fixed_random.h"
#include "identity/test_support.h"
#include "paths/paths.h"
#include "recovery/share.h"

namespace sotto::recovery {
namespace {

using Json = nlohmann::json;

Bytes octets(const Json& value) { return from_hex(value.get<std::string>()).value(); }

AccountName name_of(const Json& vector) {
  return {identity::AccountId(to_array<16>(octets(vector.at("account")))),
          crypto::Fingerprint::from_octets(to_array<32>(octets(vector.at("key"))))};
}

TEST(RecoveryVectors, TextsKeysAndSharesAreWhatAnotherImplementationMakes) {
  std::ifstream file(paths::source_dir() + "/tests/vectors/recovery.json");
  const Json vectors = Json::parse(file);
  ASSERT_EQ(vectors.size(), 3U);
  for (const Json& vector : vectors) {
    const auto seed = RecoverySeed::copy_of(octets(vector.at("seed")));
    EXPECT_EQ(seed_text(seed), vector.at("text").get<std::string>());
    const SlotKey slot = SlotKey::derive(seed);
    EXPECT_EQ(slot.slot, to_array<16>(octets(vector.at("slot"))));
    EXPECT_TRUE(crypto::constant_time_equal(slot.access, octets(vector.at("access"))));
    EXPECT_TRUE(equal(wire_form(slot.access), octets(vector.at("access"))));
    EXPECT_EQ(slot.access_hash(), crypto::sha256(octets(vector.at("access"))));

    const RecoveryKey key = RecoveryKey::derive(seed, name_of(vector));
    EXPECT_TRUE(crypto::constant_time_equal(key.signing.seed(), octets(vector.at("sign"))));
    const Bytes seal = octets(vector.at("seal"));
    EXPECT_TRUE(crypto::constant_time_equal(key.sealing_ec.scalar(), ByteView(seal).first(32)));
    EXPECT_TRUE(crypto::constant_time_equal(key.sealing_kem.seed(), ByteView(seal).last(64)));

    const std::size_t count = vector.at("shares").size();
    crypto::FixedRandom drawn(octets(vector.at("coefficients")));
    const auto shares = make_shares(seed, name_of(vector), to_array<16>(octets(vector.at("set"))),
                                    vector.at("threshold").get<std::size_t>(), count, drawn);
    ASSERT_TRUE(shares);
    for (std::size_t i = 0; i < count; ++i) {
      const Share& share = (*shares)[i];
      EXPECT_TRUE(crypto::constant_time_equal(share.value, octets(vector.at("shares").at(i))));
      EXPECT_EQ(share.terms.digests[i], to_array<32>(octets(vector.at("digests").at(i))));
    }
  }
}

TEST(RecoveryKeyTest, BelongsToOneAccountAndOneAccountKey) {
  crypto::DeterministicRandom random(7);
  const auto seed = crypto::random_secret<RecoverySeed>(random);
  const AccountName name{identity::AccountId(random.array<16>()),
                         crypto::Fingerprint::from_octets(random.array<32>())};
  const auto fingerprint = RecoveryKey::derive(seed, name).public_key().fingerprint();
  EXPECT_EQ(RecoveryKey::derive(seed, name).public_key().fingerprint(), fingerprint);
  const AccountName other_account{identity::AccountId(random.array<16>()), name.key};
  EXPECT_NE(RecoveryKey::derive(seed, other_account).public_key().fingerprint(), fingerprint);
  const AccountName other_key{name.account, crypto::Fingerprint::from_octets(random.array<32>())};
  EXPECT_NE(RecoveryKey::derive(seed, other_key).public_key().fingerprint(), fingerprint);
  const auto other_seed = crypto::random_secret<RecoverySeed>(random);
  EXPECT_NE(RecoveryKey::derive(other_seed, name).public_key().fingerprint(), fingerprint);
}

TEST(RecoveryKeyTest, AuthorsTheManifestAfterTheOneThatNamesIt) {
  crypto::DeterministicRandom random(8);
  const identity::testing::TestAccount alice(random);
  const auto seed = crypto::random_secret<RecoverySeed>(random);
  const AccountName name{alice.account.id, alice.account.key.public_key().fingerprint()};
  const RecoveryKey key = RecoveryKey::derive(seed, name);
  const auto named = alice.successor(random, identity::testing::kNow, [&](identity::Manifest& draft) {
    draft.recovery = key.public_key().fingerprint();
  });
  const auto laptop = identity::DeviceIdentity::generate(random);
  auto draft = identity::draft_successor(named, identity::DeviceId{}, identity::testing::kNow + days(60));
  draft.devices.clear();
  ASSERT_TRUE(identity::add_device(draft, identity::testing::listing(laptop)));
  const auto recovered =
      identity::sign_recovery_manifest(draft, alice.account, key.signing, key.public_key(), random);
  const auto verified = identity::verify_successor(named, recovered);
  ASSERT_TRUE(verified) << identity::describe(verified.error());
  EXPECT_EQ(verified->manifest().recovery, key.public_key().fingerprint());
  // The account key alone, which every removed device has, does not.
  const RecoveryKey guess = RecoveryKey::derive(crypto::random_secret<RecoverySeed>(random), name);
  const auto forged =
      identity::sign_recovery_manifest(draft, alice.account, guess.signing, guess.public_key(), random);
  EXPECT_EQ(identity::verify_successor(named, forged).error(), identity::IdentityError::unknown_author);
}

}  // namespace
}  // namespace sotto::recovery
