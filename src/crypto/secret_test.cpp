#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <new>

#include "crypto/error.h"
#include "crypto/hash.h"

namespace sotto::crypto {
namespace {

using Key = SecretArray<16, struct KeyTag>;
using OtherKey = SecretArray<16, struct OtherKeyTag>;

static_assert(!std::is_copy_constructible_v<Key> && !std::is_copy_assignable_v<Key>);
static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_default_constructible_v<Key>, "an all-zero key must not come about by accident");
static_assert(!std::is_convertible_v<Key, OtherKey> && !std::is_convertible_v<Key, ByteView>);
static_assert(!std::equality_comparable<Key>);
static_assert(!std::is_constructible_v<SecretAccess>);

TEST(SecretArray, IsWipedWhenMovedFrom) {
  Key from = Key::copy_of(Bytes(16, 0x5a));
  Key to = std::move(from);
  EXPECT_TRUE(constant_time_equal(to, Bytes(16, 0x5a)));
  EXPECT_TRUE(constant_time_equal(from, Bytes(16, 0)));  // NOLINT(bugprone-use-after-move): the point
  Key assigned = Key::copy_of(Bytes(16, 1));
  assigned = std::move(to);
  EXPECT_TRUE(constant_time_equal(assigned, Bytes(16, 0x5a)));
  EXPECT_TRUE(constant_time_equal(to, Bytes(16, 0)));  // NOLINT(bugprone-use-after-move): the point
}

TEST(SecretArray, IsWipedWhenDestroyed) {
  alignas(Key) ByteArray<sizeof(Key)> storage{};
  auto* key = new (storage.data()) Key(Key::copy_of(Bytes(16, 0x5a)));
  ASSERT_EQ(storage[7], 0x5a);
  key->~Key();
  EXPECT_EQ(storage, ByteArray<sizeof(Key)>{});
}

TEST(SecretArray, ClonesOnlyOnRequest) {
  const Key key = Key::copy_of(Bytes(16, 0x5a));
  EXPECT_TRUE(constant_time_equal(key.clone(), Bytes(16, 0x5a)));
}

TEST(SecretBytes, KeepsItsSizeThroughCloneAndMove) {
  SecretBytes bytes = SecretBytes::copy_of(Bytes(33, 9));
  EXPECT_EQ(bytes.clone().size(), 33U);
  const SecretBytes moved = std::move(bytes);
  EXPECT_EQ(moved.size(), 33U);
}

TEST(CryptoError, HasADistinctDescriptionForEveryEnumerator) {
  constexpr int kCount = static_cast<int>(CryptoError::library_failure) + 1;
  for (int i = 0; i < kCount; ++i) {
    EXPECT_NE(describe(static_cast<CryptoError>(i)), "unknown");
    for (int j = 0; j < i; ++j) {
      EXPECT_NE(describe(static_cast<CryptoError>(i)), describe(static_cast<CryptoError>(j)));
    }
  }
}

}  // namespace
}  // namespace sotto::crypto
