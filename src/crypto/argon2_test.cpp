#include "crypto/argon2.h"

#include <gtest/gtest.h>

#include "bytes/hex.h"
#include "crypto/hash.h"

namespace sotto::crypto {
namespace {

constexpr Argon2Parameters kCheap = {.memory_kib = 256, .iterations = 2, .lanes = 1};

void expect_key(const Argon2Parameters& parameters, const char* hex) {
  const auto key = argon2id(as_bytes("password"), as_bytes("somesalt"), parameters);
  ASSERT_TRUE(key.has_value()) << describe(key.error());
  EXPECT_TRUE(constant_time_equal(*key, *from_hex(hex))) << hex;
}

// phc-winner-argon2 src/test.c, Argon2id version 0x13. (RFC 9106's own vector needs a secret and associated
// data, which we do not use.)
TEST(Argon2id, MatchesTheReferenceImplementation) {
  expect_key({.memory_kib = 1U << 16U, .iterations = 2, .lanes = 1},
             "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  expect_key({.memory_kib = 256, .iterations = 2, .lanes = 1},
             "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
  expect_key({.memory_kib = 256, .iterations = 2, .lanes = 2},
             "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
}

TEST(Argon2id, GivesTheSameForTypedAndRawInputs) {
  const auto typed = argon2id(SecretBytes::copy_of(as_bytes("p")), Argon2Salt{1}, kCheap);
  const auto raw = argon2id(as_bytes("p"), Argon2Salt{1}, kCheap);
  ASSERT_TRUE(typed && raw);
  EXPECT_EQ(hmac_sha384(*typed, {}), hmac_sha384(*raw, {}));
}

TEST(Argon2id, TakesAnEmptyPassphrase) {
  EXPECT_TRUE(argon2id(ByteView{}, Argon2Salt{}, kCheap).has_value());
}

TEST(Argon2id, RefusesAShortSalt) {
  EXPECT_EQ(argon2id(as_bytes("p"), Bytes(7), kCheap).error(), CryptoError::wrong_length);
}

TEST(Argon2id, RefusesParametersOutOfRange) {
  const Argon2Salt salt{};
  const auto error_of = [&salt](const Argon2Parameters& parameters) {
    return argon2id(as_bytes("p"), salt, parameters).error();
  };
  EXPECT_EQ(error_of({.memory_kib = 256, .iterations = 0, .lanes = 1}), CryptoError::library_failure);
  EXPECT_EQ(error_of({.memory_kib = 256, .iterations = 65, .lanes = 1}), CryptoError::library_failure);
  EXPECT_EQ(error_of({.memory_kib = 256, .iterations = 1, .lanes = 0}), CryptoError::library_failure);
  EXPECT_EQ(error_of({.memory_kib = 1024, .iterations = 1, .lanes = 65}), CryptoError::library_failure);
  EXPECT_EQ(error_of({.memory_kib = 15, .iterations = 1, .lanes = 2}), CryptoError::library_failure);
  EXPECT_EQ(error_of({.memory_kib = (4U << 20U) + 1, .iterations = 1, .lanes = 1}),
            CryptoError::out_of_memory);
}

}  // namespace
}  // namespace sotto::crypto
