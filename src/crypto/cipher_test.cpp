#include "crypto/cipher.h"

#include <gtest/gtest.h>

#include "bytes/hex.h"
#include "crypto/random.h"

namespace sotto::crypto {
namespace {

// NIST SP 800-38A F.5.5 CTR-AES256.Encrypt
struct Vector {
  Bytes key = *from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  Bytes iv = *from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  Bytes plaintext = *from_hex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  Bytes ciphertext = *from_hex(
      "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
      "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
};

TEST(Aes256Ctr, MatchesTheNistVectorInBothDirections) {
  const Vector vector;
  Bytes out(vector.plaintext.size());
  aes256_ctr(vector.key, vector.iv, vector.plaintext, out);
  EXPECT_EQ(out, vector.ciphertext);
  aes256_ctr(CipherKey::copy_of(vector.key), CipherIv::copy_of(vector.iv), out);
  EXPECT_EQ(out, vector.plaintext);
}

TEST(Aes256Ctr, KeepsNothingOfOneCallInTheNext) {
  const Vector vector;
  for (std::size_t size = 0; size <= vector.plaintext.size(); ++size) {
    Bytes out(size);
    aes256_ctr(vector.key, vector.iv, ByteView(vector.plaintext).first(size), out);
    EXPECT_TRUE(equal(out, ByteView(vector.ciphertext).first(size))) << size;
  }
}

TEST(Aes256Ctr, CarriesTheCounterAcrossAllSixteenOctets) {
  const Bytes key(32, 1);
  const Bytes last(16, 0xff);
  Bytes two_blocks(32);
  aes256_ctr(key, last, two_blocks, two_blocks);
  Bytes wrapped(16);
  aes256_ctr(key, Bytes(16, 0), wrapped, wrapped);
  EXPECT_TRUE(equal(ByteView(two_blocks).subspan(16), wrapped));
}

}  // namespace
}  // namespace sotto::crypto
