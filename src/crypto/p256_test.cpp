#include "crypto/p256.h"

#include <gtest/gtest.h>

#include "bytes/hex.h"
#include "crypto/hash.h"
#include "crypto/wycheproof.h"

namespace sotto::crypto {
namespace {

using wycheproof::Json;
using wycheproof::octets;

// p and n of SP 800-186 3.2.1.3
constexpr const char* kFieldPrime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
constexpr const char* kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

P256Scalar scalar(std::string_view hex) { return P256Scalar::copy_of(*from_hex(hex)); }

P256PrivateKey small_key(std::uint8_t value) {
  ByteArray<32> octets_of_scalar{};
  octets_of_scalar.back() = value;
  return std::move(*P256PrivateKey::from_scalar(P256Scalar::copy_of(octets_of_scalar)));
}

/// A scalar as Wycheproof writes it: any number of leading zeros or none.
P256Scalar padded_scalar(Bytes value) {
  while (value.size() > 32 && value.front() == 0) value.erase(value.begin());
  value.insert(value.begin(), 32 - value.size(), 0);
  return P256Scalar::copy_of(value);
}

Bytes compressed(ByteView uncompressed) {
  Bytes out = to_bytes(uncompressed.first(33));
  out[0] = static_cast<std::uint8_t>(2 + (uncompressed.back() & 1));
  return out;
}

// The suite is mostly of uncompressed points, which we refuse as they are; the valid ones are then compressed
// so that the agreement itself is compared.
TEST(P256Ecdh, AgreesWithWycheproof) {
  int agreed = 0;
  int refused = 0;
  int degenerate = 0;
  SOTTO_WYCHEPROOF("ecdh_secp256r1_ecpoint_test.json", [&](const Json&, const Json& test) {
    Bytes encoded = octets(test, "public");
    if (encoded.size() != kP256PublicKeySize) {
      EXPECT_EQ(P256PublicKey::decode(encoded).error(), CryptoError::wrong_length);
      if (!wycheproof::is_valid(test)) return;
      encoded = compressed(encoded);
    }
    const auto peer = P256PublicKey::decode(encoded);
    ASSERT_EQ(peer.has_value(), test.at("result") != "invalid");
    if (!peer) {
      EXPECT_EQ(peer.error(), CryptoError::invalid_public_key);
      ++refused;
      return;
    }
    const auto key = P256PrivateKey::from_scalar(padded_scalar(octets(test, "private")));
    ASSERT_TRUE(key.has_value());
    const auto secret = key->ecdh(*peer);
    if (!secret) {  // the suite counts x = 0 as valid; SP/1 refuses it
      EXPECT_EQ(secret.error(), CryptoError::degenerate_secret);
      EXPECT_EQ(octets(test, "shared"), Bytes(32, 0));
      ++degenerate;
      return;
    }
    EXPECT_TRUE(constant_time_equal(*secret, octets(test, "shared")));
    ++agreed;
  });
  EXPECT_EQ(agreed, 330);
  EXPECT_EQ(refused, 7);
  EXPECT_EQ(degenerate, 1);
}

// Valid signatures with a high s are refused here, and their low-s twins must verify.
TEST(P256Ecdsa, AgreesWithWycheproofExceptThatHighSIsRefused) {
  const Bytes order = *from_hex(kOrder);
  int accepted = 0;
  int high_s = 0;
  SOTTO_WYCHEPROOF("ecdsa_secp256r1_sha256_p1363_test.json", [&](const Json& group, const Json& test) {
    const Bytes point = octets(group.at("publicKey"), "uncompressed");
    const auto key = P256PublicKey::decode(compressed(point));
    ASSERT_TRUE(key.has_value());
    const Bytes message = octets(test, "msg");
    Bytes signature = octets(test, "sig");
    const auto verdict = ecdsa_verify(*key, message, signature);
    if (!wycheproof::is_valid(test)) {
      ASSERT_FALSE(verdict.has_value());
      EXPECT_EQ(verdict.error(),
                signature.size() == 64 ? CryptoError::bad_signature : CryptoError::wrong_length);
      return;
    }
    if (verdict) {
      ++accepted;
      return;
    }
    EXPECT_EQ(verdict.error(), CryptoError::bad_signature);
    ++high_s;
    int borrow = 0;  // s = n - s
    for (std::size_t i = 32; i-- > 0;) {
      const int difference = order[i] - signature[32 + i] - borrow;
      borrow = difference < 0 ? 1 : 0;
      signature[32 + i] = static_cast<std::uint8_t>(difference & 0xff);
    }
    EXPECT_TRUE(ecdsa_verify(*key, message, signature).has_value());
  });
  EXPECT_EQ(accepted, 103);
  EXPECT_EQ(high_s, 70);
}

// RFC 6979 A.2.5, SHA-256. The first signature there has a high s, so ours is its twin n - s.
TEST(P256Ecdsa, SignsAsRfc6979WithLowS) {
  const auto key =
      P256PrivateKey::from_scalar(scalar("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(to_hex(key->public_key().encoded()),
            "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
  EXPECT_EQ(to_hex(key->sign(as_bytes("sample"))),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9");
  EXPECT_EQ(to_hex(key->sign(as_bytes("test"))),
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

TEST(P256Ecdsa, SignsAndVerifiesPartsAsTheirConcatenation) {
  DeterministicRandom random(1);
  const auto key = P256PrivateKey::generate(random);
  const auto signature = key.sign({as_bytes("ab"), as_bytes("c")});
  EXPECT_EQ(signature, key.sign(as_bytes("abc")));
  EXPECT_TRUE(ecdsa_verify(key.public_key(), {as_bytes("a"), as_bytes("bc")}, signature).has_value());
}

TEST(P256Ecdsa, RefusesEveryFlippedBitAndEveryOtherLength) {
  DeterministicRandom random(2);
  const auto key = P256PrivateKey::generate(random);
  const auto signature = key.sign(as_bytes("m"));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    auto changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_EQ(ecdsa_verify(key.public_key(), as_bytes("m"), changed).error(), CryptoError::bad_signature)
        << bit;
  }
  for (std::size_t size = 0; size < signature.size(); ++size) {
    ASSERT_EQ(ecdsa_verify(key.public_key(), as_bytes("m"), ByteView(signature).first(size)).error(),
              CryptoError::wrong_length);
  }
  EXPECT_FALSE(ecdsa_verify(key.public_key(), as_bytes("n"), signature).has_value());
  const auto other = P256PrivateKey::generate(random);
  EXPECT_FALSE(ecdsa_verify(other.public_key(), as_bytes("m"), signature).has_value());
}

TEST(P256PublicKey, DecodesWhatItEncodes) {
  DeterministicRandom random(3);
  for (int i = 0; i < 50; ++i) {
    const auto key = P256PrivateKey::generate(random);
    const auto decoded = P256PublicKey::decode(key.public_key().encoded());
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(*decoded, key.public_key());
  }
}

TEST(P256PublicKey, RefusesEveryOtherLength) {
  DeterministicRandom random(4);
  const auto key = P256PrivateKey::generate(random);
  Bytes encoded = to_bytes(key.public_key().encoded());
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_EQ(P256PublicKey::decode(ByteView(encoded).first(size)).error(), CryptoError::wrong_length);
  }
  encoded.push_back(0);
  EXPECT_EQ(P256PublicKey::decode(encoded).error(), CryptoError::wrong_length);
  EXPECT_EQ(P256PublicKey::decode(Bytes(65, 4)).error(), CryptoError::wrong_length);
}

TEST(P256PublicKey, RefusesEveryPrefixButTwoAndThree) {
  DeterministicRandom random(5);
  const auto key = P256PrivateKey::generate(random);
  Bytes encoded = to_bytes(key.public_key().encoded());
  for (int prefix = 0; prefix < 256; ++prefix) {
    encoded[0] = static_cast<std::uint8_t>(prefix);
    EXPECT_EQ(P256PublicKey::decode(encoded).has_value(), prefix == 2 || prefix == 3) << prefix;
  }
}

// x = 5 is on the curve; x + p fits in 32 octets and names the same point, so it must be refused.
TEST(P256PublicKey, RefusesAnXNotBelowTheFieldPrime) {
  Bytes encoded(33, 0);
  encoded[0] = 2;
  encoded[32] = 5;
  ASSERT_TRUE(P256PublicKey::decode(encoded).has_value());
  Bytes unreduced = *from_hex(std::string("02") + kFieldPrime);
  EXPECT_EQ(P256PublicKey::decode(unreduced).error(), CryptoError::invalid_public_key);
  unreduced = *from_hex("02ffffffff00000001000000000000000000000001000000000000000000000004");  // p + 5
  EXPECT_EQ(P256PublicKey::decode(unreduced).error(), CryptoError::invalid_public_key);
}

TEST(P256PublicKey, RefusesAnXWithoutAPointOnTheCurve) {
  int refused = 0;
  Bytes encoded(33, 0);
  encoded[0] = 2;
  for (int x = 1; x < 200; ++x) {
    encoded[32] = static_cast<std::uint8_t>(x);
    const auto key = P256PublicKey::decode(encoded);
    if (key) continue;
    EXPECT_EQ(key.error(), CryptoError::invalid_public_key);
    ++refused;
  }
  EXPECT_GT(refused, 60);  // about half of all x have no point
  EXPECT_LT(refused, 140);
}

TEST(P256PrivateKey, RefusesZeroAndScalarsNotBelowTheOrder) {
  const std::string order_minus_one(std::string(kOrder, 62) + "50");
  EXPECT_TRUE(P256PrivateKey::from_scalar(scalar(order_minus_one)).has_value());
  EXPECT_EQ(P256PrivateKey::from_scalar(scalar(kOrder)).error(), CryptoError::invalid_private_key);
  EXPECT_EQ(P256PrivateKey::from_scalar(scalar(std::string(64, 'f'))).error(),
            CryptoError::invalid_private_key);
  EXPECT_EQ(P256PrivateKey::from_scalar(scalar(std::string(64, '0'))).error(),
            CryptoError::invalid_private_key);
}

TEST(P256PrivateKey, DrawsAgainWhenTheSourceGivesNoScalar) {
  class FirstDrawTooLarge final : public RandomSource {
   public:
    void fill(MutableByteView out) override {
      for (std::uint8_t& octet : out) octet = first_ ? 0xff : 0x11;
      first_ = false;
    }

   private:
    bool first_ = true;
  } source;
  const auto key = P256PrivateKey::generate(source);
  EXPECT_TRUE(constant_time_equal(key.scalar(), Bytes(32, 0x11)));
}

TEST(P256PrivateKey, ComesBackFromItsScalar) {
  DeterministicRandom random(6);
  const auto key = P256PrivateKey::generate(random);
  const auto again = P256PrivateKey::from_scalar(key.scalar().clone());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->public_key(), key.public_key());
}

TEST(P256PrivateKey, IsMovable) {
  DeterministicRandom random(6);
  auto key = P256PrivateKey::generate(random);
  const auto signature = key.sign(as_bytes("m"));
  const auto moved = std::move(key);
  EXPECT_EQ(moved.sign(as_bytes("m")), signature);
}

TEST(P256Ecdh, AgreesBetweenTheTwoSides) {
  DeterministicRandom random(7);
  const auto alice = P256PrivateKey::generate(random);
  const auto bob = P256PrivateKey::generate(random);
  const auto one = ecdh(alice, bob.public_key());
  const auto two = ecdh(bob, alice.public_key());
  ASSERT_TRUE(one && two);
  EXPECT_EQ(hmac_sha384(*one, {}), hmac_sha384(*two, {}));
}

// The point with x = 0 exists on P-256; times one it stays.
TEST(P256Ecdh, RefusesTheAllZeroSecret) {
  Bytes zero_x(33, 0);
  zero_x[0] = 2;
  const auto peer = P256PublicKey::decode(zero_x);
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(small_key(1).ecdh(*peer).error(), CryptoError::degenerate_secret);
  EXPECT_TRUE(small_key(2).ecdh(*peer).has_value());
}

}  // namespace
}  // namespace sotto::crypto
