#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <thread>

#include "bytes/hex.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"
#include "crypto/wycheproof.h"

namespace sotto::crypto {
namespace {

using wycheproof::Json;
using wycheproof::octets;
using RootKey = SecretArray<48, struct RootKeyTag>;
using ChainKey = SecretArray<48, struct ChainKeyTag>;
using ShortKey = SecretArray<20, struct ShortKeyTag>;

// FIPS 180-4 example "abc" and the empty message (NIST CAVP SHA256ShortMsg.rsp, SHA384ShortMsg.rsp, Len = 0).
TEST(Sha2, MatchesTheNistExamples) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(ByteView{})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha384(as_bytes("abc"))),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(to_hex(sha384(ByteView{})),
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
            "274edebfe76f65fbd51ad2f14898b95b");
}

TEST(Sha2, HashesPartsAsTheirConcatenation) {
  EXPECT_EQ(sha256({as_bytes("a"), ByteView{}, as_bytes("bc")}), sha256(as_bytes("abc")));
  EXPECT_EQ(sha384({as_bytes("ab"), as_bytes("c")}), sha384(as_bytes("abc")));
}

TEST(Sha2, GivesTheSameOnEveryThread) {
  const Sha384Digest here = sha384(as_bytes("abc"));
  Sha384Digest there{};
  std::thread([&there] { there = sha384(as_bytes("abc")); }).join();
  EXPECT_EQ(here, there);
}

TEST(HmacSha384, AgreesWithWycheproof) {
  SOTTO_WYCHEPROOF("hmac_sha384_test.json", [](const Json& group, const Json& test) {
    const Bytes tag = octets(test, "tag");
    ASSERT_EQ(tag.size() * 8, group.at("tagSize").get<std::size_t>());
    const Bytes message = octets(test, "msg");
    const auto computed = hmac_sha384(octets(test, "key"), {ByteView(message)});
    EXPECT_EQ(constant_time_equal(ByteView(computed).first(tag.size()), tag), wycheproof::is_valid(test));
  });
}

// RFC 4231 4.7: a key longer than the block.
TEST(HmacSha384, HashesKeysLongerThanABlock) {
  const Bytes key(131, 0xaa);
  EXPECT_EQ(to_hex(hmac_sha384(
                key, {as_bytes("Test Using Larger Than Block-Size "), as_bytes("Key - Hash Key First")})),
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
            "0c2ef6ab4030fe8296248df163f44952");
}

TEST(HmacSha384, GivesTheSameForTypedAndRawKeys) {
  const Bytes key(48, 7);
  EXPECT_EQ(hmac_sha384(RootKey::copy_of(key), {as_bytes("m")}), hmac_sha384(key, {as_bytes("m")}));
}

TEST(HkdfSha384, AgreesWithWycheproof) {
  SOTTO_WYCHEPROOF("hkdf_sha384_test.json", [](const Json&, const Json& test) {
    const auto size = test.at("size").get<std::size_t>();
    if (!wycheproof::is_valid(test)) {
      EXPECT_GT(size, 255U * 48U);  // the only invalid ones; for us a precondition
      return;
    }
    const Bytes ikm = octets(test, "ikm");
    const auto prk = hkdf_extract(octets(test, "salt"), {ByteView(ikm)});
    using Reference = SecretArray<48, struct ReferenceTag>;
    Bytes okm(size);
    hkdf_expand(hmac_sha384(octets(test, "salt"), {ByteView(ikm)}), octets(test, "info"), okm);
    EXPECT_EQ(okm, octets(test, "okm"));
    if (size >= 48) {
      const auto typed = hkdf_expand<Reference>(prk, octets(test, "info"));
      EXPECT_TRUE(constant_time_equal(typed, ByteView(okm).first(48)));
    }
  });
}

TEST(HkdfSha384, CutsTypedOutputsFromOneStreamInOrder) {
  const auto prk = PseudorandomKey::copy_of(Bytes(48, 3));
  Bytes stream(48 + 20 + 16 + 48);
  hkdf_expand(Bytes(48, 3), as_bytes("info"), stream);
  auto [root, short_key, id, chain] =
      hkdf_expand<RootKey, ShortKey, ByteArray<16>, ChainKey>(prk, as_bytes("info"));
  EXPECT_TRUE(constant_time_equal(root, ByteView(stream).first(48)));
  EXPECT_TRUE(constant_time_equal(short_key, ByteView(stream).subspan(48, 20)));
  EXPECT_TRUE(equal(id, ByteView(stream).subspan(68, 16)));
  EXPECT_TRUE(constant_time_equal(chain, ByteView(stream).subspan(84)));
}

TEST(HkdfSha384, TakesAChainKeyAsPrkAndGivesOneOutputAsItself) {
  const auto chain = ChainKey::copy_of(Bytes(48, 3));
  const ChainKey next = hkdf_expand<ChainKey>(chain, as_bytes("info"));
  Bytes stream(48);
  hkdf_expand(Bytes(48, 3), as_bytes("info"), stream);
  EXPECT_TRUE(constant_time_equal(next, stream));
}

TEST(HkdfSha384, ExpandsAPairAsTwoSeparateExpansions) {
  using Key = SecretArray<48, struct PairTestTag>;
  const auto prk = Key::copy_of(Bytes(48, 0x42));
  const auto [first, second] = hkdf_expand_pair<Key, Key>(prk, as_bytes("a"), as_bytes("other"));
  Bytes expected(48);
  hkdf_expand(Bytes(48, 0x42), as_bytes("a"), expected);
  EXPECT_TRUE(constant_time_equal(first, expected));
  hkdf_expand(Bytes(48, 0x42), as_bytes("other"), expected);
  EXPECT_TRUE(constant_time_equal(second, expected));
}

TEST(HkdfSha384, ExtractsFromSecretPartsAsFromTheirConcatenation) {
  const auto root = RootKey::copy_of(Bytes(48, 1));
  const auto part = ShortKey::copy_of(Bytes(20, 2));
  Bytes ikm(48, 1);
  ikm.insert(ikm.end(), 20, 2);
  const auto expected = hmac_sha384(Bytes(48, 1), {ByteView(ikm)});
  EXPECT_TRUE(constant_time_equal(hkdf_extract(root, root, part), expected));
  EXPECT_TRUE(constant_time_equal(hkdf_extract(Bytes(48, 1), root, part), expected));
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  const Bytes a = {1, 2, 3};
  EXPECT_TRUE(constant_time_equal(a, Bytes{1, 2, 3}));
  EXPECT_FALSE(constant_time_equal(a, Bytes{1, 2, 4}));
  EXPECT_FALSE(constant_time_equal(a, Bytes{1, 2}));
  EXPECT_TRUE(constant_time_equal(ByteView{}, ByteView{}));
}

}  // namespace
}  // namespace sotto::crypto
