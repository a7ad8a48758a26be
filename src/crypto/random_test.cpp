#include "crypto/random.h"

#include <gtest/gtest.h>

#include "bytes/hex.h"
#include "crypto/hash.h"

namespace sotto::crypto {
namespace {

using Key = SecretArray<48, struct KeyTag>;

// Pinned: a recorded simulator seed must mean the same run for ever. The octets are those of
// `openssl enc -aes-256-ctr -K $(sha256 of eight big-endian seed octets) -iv 0` over zeros.
TEST(DeterministicRandom, GivesPinnedOctets) {
  EXPECT_EQ(to_hex(DeterministicRandom(0).array<32>()),
            "6b4bd19716b6424f7be29e9d140cb3d640dd58fd3864dbc8df9db790da2d9164");
  EXPECT_EQ(to_hex(DeterministicRandom(42).array<32>()),
            "138cb37bf75b5e06441cc6aa699a5ca490b86e0a8795bcc8601f42685180b738");
}

TEST(DeterministicRandom, GivesOneStreamHoweverTheReadsAreCut) {
  DeterministicRandom whole(7);
  Bytes expected(5000);
  whole.fill(expected);
  DeterministicRandom cut(7);
  Bytes pieces;
  for (std::size_t size = 0; pieces.size() < expected.size(); ++size) {
    Bytes piece(std::min(size, expected.size() - pieces.size()));
    cut.fill(piece);
    pieces.insert(pieces.end(), piece.begin(), piece.end());
  }
  EXPECT_EQ(pieces, expected);
}

TEST(DeterministicRandom, DoesNotRepeatItsBuffer) {
  DeterministicRandom random(7);
  EXPECT_NE(random.array<1024>(), random.array<1024>());
}

TEST(SystemRandom, GivesFreshOctets) {
  SystemRandom random;
  EXPECT_NE(random.array<32>(), random.array<32>());
}

TEST(RandomSecret, IsFilledFromTheSource) {
  DeterministicRandom random(1);
  const Key key = random_secret<Key>(random);
  EXPECT_TRUE(constant_time_equal(key, DeterministicRandom(1).array<48>()));
}

}  // namespace
}  // namespace sotto::crypto
