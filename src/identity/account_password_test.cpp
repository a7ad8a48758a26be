#include "identity/account_password.h"

#include <gtest/gtest.h>

#include <string>

#include "bytes/hex.h"

namespace sotto::identity {
namespace {

const crypto::Argon2Salt kSalt{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

crypto::SecretBytes typed(std::string_view text) { return crypto::SecretBytes::copy_of(as_bytes(text)); }

Result<Authenticator, PasswordError> derive(std::string_view password,
                                            const crypto::Argon2Parameters& cost = kPasswordCost) {
  return derive_authenticator(typed(password), kSalt, cost, "sotto.example");
}

TEST(AccountPassword, NeedsTenCharacters) {
  EXPECT_EQ(check_strength(typed("123456789"), "alice").error(), PasswordError::too_short);
  EXPECT_EQ(check_strength(typed(""), "alice").error(), PasswordError::too_short);
  EXPECT_TRUE(check_strength(typed("1234567890"), "alice"));
  // Characters, not octets.
  EXPECT_EQ(check_strength(typed("ååååååååå"), "alice").error(), PasswordError::too_short);
  EXPECT_TRUE(check_strength(typed("åååååååååå"), "alice"));
}

TEST(AccountPassword, MayNotBeTheNameInWhateverSpelling) {
  for (const char* same : {"alice.the.great", "Alice.The.GREAT", "ａlice.the.great"}) {
    EXPECT_EQ(check_strength(typed(same), "alice.the.great").error(), PasswordError::is_handle) << same;
  }
  EXPECT_TRUE(check_strength(typed("alice.the.great!"), "alice.the.great"));
}

TEST(AccountPassword, MustBeTextOfBoundedLength) {
  EXPECT_EQ(check_strength(typed("1234567890\xff"), "alice").error(), PasswordError::not_utf8);
  EXPECT_EQ(check_strength(typed(std::string(kMaxPassword + 1, 'x')), "alice").error(),
            PasswordError::too_long);
  EXPECT_TRUE(check_strength(typed(std::string(kMaxPassword, 'x')), "alice"));
}

TEST(AccountPassword, GivesAnotherAuthenticatorForEveryServerSaltCostAndPassword) {
  const auto base = derive("correct horse battery");
  ASSERT_TRUE(base);
  EXPECT_EQ(derive("correct horse battery"), base);
  EXPECT_NE(derive("correct horse batterz"), base);
  EXPECT_NE(derive_authenticator(typed("correct horse battery"), kSalt, kPasswordCost, "other.example"),
            base);
  EXPECT_NE(derive_authenticator(typed("correct horse battery"), {}, kPasswordCost, "sotto.example"), base);
  EXPECT_NE(derive("correct horse battery", {64U << 10U, 4, 4}), base);
}

TEST(AccountPassword, DoesNotDependOnHowTheKeyboardComposes) {
  EXPECT_EQ(derive("sm\u00f6rg\u00e5sbord"), derive("smo\u0308rga\u030asbord"));
}

// tests/vectors/sign_in.py computes the same from the specification.
TEST(AccountPassword, IsWhatTheSpecificationSays) {
  const auto authenticator = derive("correct horse battery");
  ASSERT_TRUE(authenticator);
  EXPECT_EQ(to_hex(*authenticator), "07a2da66494167d6d943b9be06f51ec3a8476d5f860a6014e04543b64270ad9b");
}

TEST(AccountPassword, RefusesServersThatWantLessWorkOrAbsurdlyMuch) {
  const crypto::Argon2Parameters refused[] = {
      {.memory_kib = 8, .iterations = 1, .lanes = 1},
      {.memory_kib = (64U << 10U) - 1, .iterations = 3, .lanes = 4},
      {.memory_kib = 64U << 10U, .iterations = 2, .lanes = 4},
      {.memory_kib = 64U << 10U, .iterations = 3, .lanes = 0},
      {.memory_kib = 64U << 10U, .iterations = 3, .lanes = 9},
      {.memory_kib = (256U << 10U) + 1, .iterations = 3, .lanes = 4},
      {.memory_kib = 64U << 10U, .iterations = 17, .lanes = 4},
      {.memory_kib = 256U << 10U, .iterations = 5, .lanes = 4},
      {.memory_kib = ~0U, .iterations = ~0U, .lanes = ~0U},
  };
  for (const auto& cost : refused) {
    EXPECT_FALSE(acceptable(cost)) << cost.memory_kib << " " << cost.iterations << " " << cost.lanes;
    EXPECT_EQ(derive("correct horse battery", cost).error(), PasswordError::cost_refused);
  }
  EXPECT_TRUE(acceptable(kPasswordCost));
  EXPECT_TRUE(acceptable({.memory_kib = 256U << 10U, .iterations = 4, .lanes = 8}));
  EXPECT_TRUE(acceptable({.memory_kib = 64U << 10U, .iterations = 16, .lanes = 1}));
}

}  // namespace
}  // namespace sotto::identity
