// The method finds what is planted. Without these tests a run that watches nothing would look clean.
#include <array>

#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "poison.h"

namespace sotto::testing {
namespace {

using Key = crypto::SecretArray<48, struct PlantedKeyTag>;

volatile int g_sink = 0;
constexpr std::array<int, 256> kTable{1, 2, 3};

[[gnu::noinline]] void branch_on(std::uint8_t secret) {
  if ((secret & 1U) != 0) g_sink = 1;
}

[[gnu::noinline]] void index_with(std::uint8_t secret) { g_sink = kTable[secret]; }

[[gnu::noinline]] bool compare_octet_by_octet(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

TEST_F(ConstantTime, SelfTestFindsABranchOnASecretOctet) {
  ByteArray<1> secret{7};
  poison(secret);
  EXPECT_GT(leaks_of([&] { branch_on(secret[0]); }), 0U);
}

TEST_F(ConstantTime, SelfTestFindsATableIndexedWithASecretOctet) {
  ByteArray<1> secret{7};
  poison(secret);
  EXPECT_GT(leaks_of([&] { index_with(secret[0]); }), 0U);
}

TEST_F(ConstantTime, SelfTestFindsAComparisonThatStopsEarly) {
  ByteArray<32> secret{7};
  poison(secret);
  EXPECT_GT(leaks_of([&] { g_sink = compare_octet_by_octet(secret, ByteArray<32>{}) ? 1 : 0; }), 0U);
}

TEST_F(ConstantTime, SelfTestFollowsSecretsThroughOpenSsl) {
  const auto key = crypto::random_secret<Key>(random);
  const auto derived = crypto::hkdf_expand<ByteArray<48>>(key, as_bytes("label"));
  EXPECT_GT(leaks_of([&] { branch_on(derived[47]); }), 0U);
}

TEST_F(ConstantTime, SelfTestIsSilentAboutPublicOctets) {
  ByteArray<1> octet{7};
  poison(octet);
  crypto::declassify(octet);
  expect_constant_time([&] {
    branch_on(octet[0]);
    index_with(octet[0]);
  });
}

}  // namespace
}  // namespace sotto::testing
