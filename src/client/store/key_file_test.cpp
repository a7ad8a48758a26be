#include "client/store/key_file.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"

namespace sotto::client::store {
namespace {

constexpr crypto::Argon2Parameters kCheap = {.memory_kib = 64, .iterations = 1, .lanes = 1};

crypto::SecretBytes phrase(std::string_view text) { return crypto::SecretBytes::copy_of(as_bytes(text)); }

Bytes sealed_file() {
  crypto::DeterministicRandom random(1);
  return KeyFile::seal(DatabaseKey::copy_of(Bytes(32, 9)), phrase("correct horse"), kCheap, random).value();
}

/// As an attacker or a bug that knows the format would leave it.
Bytes with_new_digest(Bytes file) {
  const auto digest = crypto::sha256(ByteView(file).first(file.size() - 32));
  std::copy(digest.begin(), digest.end(), file.end() - 32);
  return file;
}

StoreError open_error(ByteView file, std::string_view passphrase = "correct horse") {
  auto opened = KeyFile::open(file, phrase(passphrase));
  EXPECT_FALSE(opened);
  return opened ? StoreError::library_failure : opened.error();
}

TEST(KeyFile, CostsWhatRfc9106RecommendsUnlessATestAsksOtherwise) {
  const crypto::Argon2Parameters cost = passphrase_cost();
  EXPECT_EQ(cost.memory_kib, 65536U);
  EXPECT_EQ(cost.iterations, 3U);
  EXPECT_EQ(cost.lanes, 4U);
}

TEST(KeyFile, OpensUnderItsPassphraseOnly) {
  const Bytes file = sealed_file();
  const auto opened = KeyFile::open(file, phrase("correct horse"));
  ASSERT_TRUE(opened);
  EXPECT_TRUE(crypto::constant_time_equal(*opened, Bytes(32, 9)));
  EXPECT_EQ(open_error(file, "correct horsf"), StoreError::wrong_passphrase);
  EXPECT_EQ(open_error(file, ""), StoreError::wrong_passphrase);
}

TEST(KeyFile, ReportsEveryTruncationAsDamage) {
  const Bytes file = sealed_file();
  for (std::size_t length = 0; length < file.size(); ++length) {
    EXPECT_EQ(open_error(ByteView(file).first(length)), StoreError::key_file_corrupt) << length;
  }
  Bytes longer = file;
  longer.push_back(0);
  EXPECT_EQ(open_error(longer), StoreError::key_file_corrupt);
}

TEST(KeyFile, NeverOpensWithAnyBitFlipped) {
  const Bytes file = sealed_file();
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes altered = file;
    altered[at] ^= 0x01;
    const StoreError error = open_error(altered);
    // The format number itself may read as a newer one.
    EXPECT_TRUE(error == StoreError::key_file_corrupt || (at < 10 && error == StoreError::key_file_newer))
        << at;
  }
}

TEST(KeyFile, RefusesForgedParametersAndSealedKeys) {
  Bytes costly = sealed_file();
  costly[10] = 0x7f;  // memory: 2 TiB
  EXPECT_EQ(open_error(with_new_digest(costly)), StoreError::key_file_refused);
  Bytes other_key = sealed_file();
  other_key[40] ^= 0x01;
  EXPECT_EQ(open_error(with_new_digest(other_key)), StoreError::wrong_passphrase);
  Bytes newer = sealed_file();
  newer[9] = 2;
  EXPECT_EQ(open_error(with_new_digest(newer)), StoreError::key_file_newer);
}

TEST(KeyFile, ReportsParametersThatArgon2Refuses) {
  crypto::DeterministicRandom random(1);
  const auto sealed = KeyFile::seal(DatabaseKey::copy_of(Bytes(32, 9)), phrase("p"),
                                    {.memory_kib = 8, .iterations = 0, .lanes = 1}, random);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error(), StoreError::library_failure);
}

}  // namespace
}  // namespace sotto::client::store
