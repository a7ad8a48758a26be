#include "crypto/vrf.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "paths/paths.h"

namespace sotto::crypto {
namespace {

using Json = nlohmann::json;

VrfPrivateKey key_of(std::string_view scalar) {
  return VrfPrivateKey::from_scalar(VrfScalar::copy_of(from_hex(scalar).value())).value();
}

Json vectors() {
  std::ifstream in(paths::source_dir() + "/tests/vectors/ecvrf_p256.json");
  return Json::parse(in).at("vectors");
}

// RFC 9381 appendix B.1, examples 10 to 12; the public keys as printed there.
constexpr std::string_view kPublicKeys[] = {
    "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    "03596375e6ce57e0f20294fc46bdfcfd19a39f8161b58695b3ec5b3d16427c274d"};

TEST(EcVrf, AgreesWithTheExamplesOfTheRfc) {
  const Json all = vectors();
  ASSERT_EQ(all.size(), 3U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const VrfPrivateKey key = key_of(all[i].at("sk").get<std::string>());
    const auto alpha = all[i].at("alpha").get<std::string>();
    const VrfProof proof = key.prove(as_bytes(alpha));
    EXPECT_EQ(to_hex(key.public_key().encoded()), kPublicKeys[i]);
    EXPECT_EQ(to_hex(proof), all[i].at("pi").get<std::string>());
    EXPECT_EQ(to_hex(vrf_output(proof)), all[i].at("beta").get<std::string>());
    EXPECT_EQ(to_hex(key.public_key().verify(as_bytes(alpha), proof).value()),
              all[i].at("beta").get<std::string>());
  }
}

TEST(EcVrf, VerifiesWhatItProvesForManyKeysAndInputs) {
  DeterministicRandom random(1);
  for (int i = 0; i < 50; ++i) {
    const auto key = VrfPrivateKey::generate(random);
    const Bytes alpha(static_cast<std::size_t>(i), static_cast<std::uint8_t>(i));
    const VrfProof proof = key.prove(alpha);
    EXPECT_EQ(key.public_key().verify(alpha, proof).value(), vrf_output(proof));
    EXPECT_EQ(key.prove(alpha), proof);
  }
}

TEST(EcVrf, RefusesAProofWithAnyBitFlipped) {
  DeterministicRandom random(2);
  const auto key = VrfPrivateKey::generate(random);
  VrfProof proof = key.prove(as_bytes("label"));
  for (std::size_t bit = 0; bit < proof.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    proof[bit / 8] ^= mask;
    EXPECT_FALSE(key.public_key().verify(as_bytes("label"), proof)) << "bit " << bit;
    proof[bit / 8] ^= mask;
  }
  EXPECT_TRUE(key.public_key().verify(as_bytes("label"), proof));
}

TEST(EcVrf, RefusesAnotherInputAnotherKeyAndAnotherLength) {
  DeterministicRandom random(3);
  const auto key = VrfPrivateKey::generate(random);
  const auto other = VrfPrivateKey::generate(random);
  const VrfProof proof = key.prove(as_bytes("label"));
  EXPECT_EQ(key.public_key().verify(as_bytes("labem"), proof).error(), CryptoError::bad_signature);
  EXPECT_EQ(other.public_key().verify(as_bytes("label"), proof).error(), CryptoError::bad_signature);
  for (std::size_t size = 0; size < proof.size(); ++size) {
    EXPECT_EQ(key.public_key().verify(as_bytes("label"), ByteView(proof).first(size)).error(),
              CryptoError::wrong_length);
  }
}

TEST(EcVrf, ValidatesPublicKeysInFull) {
  DeterministicRandom random(5);
  const auto key = VrfPrivateKey::generate(random).public_key();
  EXPECT_TRUE(VrfPublicKey::decode(key.encoded()));
  EXPECT_EQ(VrfPublicKey::decode(ByteView(key.encoded()).first(32)).error(), CryptoError::wrong_length);
  EXPECT_EQ(VrfPublicKey::decode(Bytes{0}).error(), CryptoError::wrong_length);
  auto wrong = key.encoded();
  for (const int first : {0, 1, 4, 5, 6, 7}) {
    wrong[0] = static_cast<std::uint8_t>(first);
    EXPECT_EQ(VrfPublicKey::decode(wrong).error(), CryptoError::invalid_public_key);
  }
  // x = p, which is 0 modulo p, and 0 is the x coordinate of a point.
  const Bytes field = from_hex("02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff").value();
  EXPECT_EQ(VrfPublicKey::decode(field).error(), CryptoError::invalid_public_key);
  Bytes no_point(33, 0);
  no_point[0] = 2;
  no_point[32] = 1;  // 1 - 3 + b is not a square
  EXPECT_EQ(VrfPublicKey::decode(no_point).error(), CryptoError::invalid_public_key);
}

TEST(EcVrf, RefusesPrivateScalarsOutOfRange) {
  EXPECT_EQ(VrfPrivateKey::from_scalar(VrfScalar::copy_of(Bytes(32, 0))).error(),
            CryptoError::invalid_private_key);
  EXPECT_EQ(VrfPrivateKey::from_scalar(VrfScalar::copy_of(Bytes(32, 0xff))).error(),
            CryptoError::invalid_private_key);
}

}  // namespace
}  // namespace sotto::crypto
