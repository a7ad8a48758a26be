#include "accounts/handle_proofs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sotto::accounts {
namespace {

using identity::AccountId;
constexpr UnixMs kNow{1'800'000'000'000};

class HandleProofsTest : public ::testing::Test {
 protected:
  std::string issue(const AccountId& account = {}, std::string_view handle = "alice@example.org",
                    UnixMs now = kNow) {
    const auto code = proofs.issue(account, handle, now);
    EXPECT_TRUE(code.has_value());
    return code.value_or("");
  }
  AccountsError refusal(const AccountId& account, std::string_view handle, std::string_view typed,
                        UnixMs now = kNow) {
    const auto redeemed = proofs.redeem(account, handle, typed, now);
    EXPECT_FALSE(redeemed.has_value());
    return redeemed ? AccountsError::corrupt : redeemed.error();
  }
  static std::string other_than(std::string code) {
    code[0] = code[0] == '9' ? '0' : static_cast<char>(code[0] + 1);
    return code;
  }

  crypto::DeterministicRandom random{1};
  HandleProofs proofs{random};
  AccountId alice{random.array<16>()};
  AccountId bob{random.array<16>()};
};

TEST_F(HandleProofsTest, TheCodeProvesItsHandleForItsAccountOnce) {
  const std::string code = issue(alice);
  EXPECT_EQ(refusal(bob, "alice@example.org", code), AccountsError::code_unknown);
  EXPECT_EQ(refusal(alice, "bob@example.org", code), AccountsError::code_unknown);
  EXPECT_TRUE(proofs.redeem(alice, "alice@example.org", code.substr(0, 3) + " -" + code.substr(3), kNow));
  EXPECT_EQ(refusal(alice, "alice@example.org", code), AccountsError::code_unknown);
}

TEST_F(HandleProofsTest, CodesAreSixDigitsAndDiffer) {
  std::set<std::string> seen;
  for (std::uint8_t i = 0; i < 200; ++i) {
    const std::string code = issue(AccountId({i}), "user" + std::to_string(i) + "@example.org");
    EXPECT_EQ(code.size(), crypto::kCodeDigits);
    EXPECT_TRUE(std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; })) << code;
    seen.insert(code);
  }
  EXPECT_GT(seen.size(), 195u);
}

TEST_F(HandleProofsTest, FiveWrongGuessesBurnTheCode) {
  const std::string code = issue(alice);
  for (std::uint32_t i = 0; i < kMaxCodeTries; ++i) {
    EXPECT_EQ(refusal(alice, "alice@example.org", other_than(code)), AccountsError::code_wrong);
  }
  EXPECT_EQ(refusal(alice, "alice@example.org", code), AccountsError::code_unknown);
}

TEST_F(HandleProofsTest, ACodeExpiresIsReplacedAndWithdrawn) {
  const std::string code = issue(alice);
  EXPECT_EQ(refusal(alice, "alice@example.org", code, kNow + kCodeLifetime), AccountsError::code_unknown);
  const std::string second = issue(alice);
  ASSERT_NE(code, second);
  EXPECT_EQ(refusal(alice, "alice@example.org", code), AccountsError::code_wrong);
  proofs.withdraw(alice, "alice@example.org");
  EXPECT_EQ(refusal(alice, "alice@example.org", second), AccountsError::code_unknown);
}

TEST_F(HandleProofsTest, AnAccountAndAHandleGetFiveCodesAnHour) {
  for (std::uint32_t i = 0; i < kMaxCodesPerHour; ++i) issue(alice, "a" + std::to_string(i) + "@example.org");
  EXPECT_EQ(proofs.issue(alice, "another@example.org", kNow).error(), AccountsError::too_many_codes);
  EXPECT_EQ(wire_code(AccountsError::too_many_codes), v1::Error::RATE_LIMITED);
  EXPECT_GT(retry_after(AccountsError::too_many_codes).value, 0u);
  for (std::uint8_t i = 0; i < kMaxCodesPerHour; ++i) issue(AccountId({i, 7}), "victim@example.org");
  EXPECT_EQ(proofs.issue(bob, "victim@example.org", kNow).error(), AccountsError::too_many_codes);
  EXPECT_TRUE(proofs.issue(bob, "victim@example.org", kNow + hours(1)));
  EXPECT_TRUE(proofs.issue(alice, "another@example.org", kNow + hours(1)));
}

TEST_F(HandleProofsTest, WhatIsOverIsForgottenAndWhatIsRememberedIsBounded) {
  std::uint32_t issued = 0;
  const auto crowd = [&](UnixMs now) {
    const AccountId account({static_cast<std::uint8_t>(issued), static_cast<std::uint8_t>(issued >> 8),
                             static_cast<std::uint8_t>(issued >> 16)});
    return proofs.issue(account, std::to_string(issued++) + "@example.org", now);
  };
  while (crowd(kNow)) ASSERT_LE(issued, kMaxCodesRemembered);
  EXPECT_EQ(proofs.issue(bob, "bob@example.org", kNow).error(), AccountsError::overloaded);
  proofs.tick(kNow + hours(1));
  EXPECT_TRUE(proofs.issue(bob, "bob@example.org", kNow + hours(1)));
}

}  // namespace
}  // namespace sotto::accounts
