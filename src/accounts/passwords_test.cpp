#include "accounts/passwords.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "storage/memory_store.h"
#include "wire/decode.h"

namespace sotto::accounts {
namespace {

using identity::AccountId;
constexpr UnixMs kNow{1'800'000'000'000};

v1::SetPassword password(std::uint8_t authenticator = 7) {
  v1::SetPassword out;
  out.set_salt(std::string(16, 's'));
  out.mutable_stretching()->set_memory_kib(identity::kPasswordCost.memory_kib);
  out.mutable_stretching()->set_passes(identity::kPasswordCost.iterations);
  out.mutable_stretching()->set_lanes(identity::kPasswordCost.lanes);
  out.set_authenticator(std::string(32, static_cast<char>(authenticator)));
  return out;
}

class PasswordsTest : public ::testing::Test {
 protected:
  PasswordsTest() { restart(); }
  void restart() { passwords = std::make_unique<Passwords>(store, random); }
  void settle() {
    while (store.sync() > 0) {
    }
  }
  AccountsResult<void> set(const v1::SetPassword& request, UnixMs now = kNow) {
    AccountsResult<void> out = err(AccountsError::corrupt);
    passwords->set(alice, request, now, [&](auto result) { out = result; });
    settle();
    return out;
  }
  /// As Alice's handle unless another one is given, which nobody has.
  Result<AccountId, SignInRefusal> check(std::uint8_t authenticator, UnixMs now = kNow,
                                         std::string_view handle = "alice",
                                         std::string_view address = "192.0.2.1") {
    return passwords->check(attempt(handle, address), Bytes(32, authenticator), now);
  }
  SignInAttempt attempt(std::string_view handle = "alice", std::string_view address = "192.0.2.1") {
    return {handle, handle == "alice" ? std::optional(alice) : std::nullopt, address};
  }
  AccountsError refusal(std::uint8_t authenticator, UnixMs now = kNow, std::string_view handle = "alice") {
    const auto result = check(authenticator, now, handle);
    EXPECT_FALSE(result);
    return result ? AccountsError::corrupt : result.error().error;
  }

  crypto::DeterministicRandom random{1};
  std::unique_ptr<Passwords> passwords;
  storage::MemoryStore store{[this](const std::vector<storage::Completion>& group) {
    for (const auto& completion : group) passwords->on_completion(completion);
  }};
  AccountId alice{random.array<16>()};
};

TEST_F(PasswordsTest, LetsInWhoHasTheAuthenticator) {
  EXPECT_EQ(refusal(7), AccountsError::sign_in_failed);  // none yet
  ASSERT_TRUE(set(password(7)));
  EXPECT_EQ(check(7), alice);
  EXPECT_EQ(refusal(8), AccountsError::sign_in_failed);
  ASSERT_TRUE(set(password(8)));
  EXPECT_EQ(refusal(7), AccountsError::sign_in_failed);
  EXPECT_EQ(check(8), alice);
  ASSERT_TRUE(set({}));
  EXPECT_EQ(refusal(8), AccountsError::sign_in_failed);
}

TEST_F(PasswordsTest, SurvivesAPowerLoss) {
  ASSERT_TRUE(set(password()));
  const auto nobody = passwords->challenge(attempt("nobody"))->salt();
  store.crash();
  restart();
  EXPECT_EQ(check(7), alice);
  EXPECT_EQ(passwords->challenge(attempt("nobody"))->salt(), nobody);
}

TEST_F(PasswordsTest, RefusesWhatNoClientMakes) {
  const auto refused = [&](const std::function<void(v1::SetPassword&)>& change) {
    v1::SetPassword request = password();
    change(request);
    const auto result = set(request);
    return !result && result.error() == AccountsError::password_malformed;
  };
  EXPECT_TRUE(refused([](auto& request) { request.set_salt("short"); }));
  EXPECT_TRUE(refused([](auto& request) { request.clear_salt(); }));
  EXPECT_TRUE(refused([](auto& request) { request.set_authenticator(std::string(31, 'x')); }));
  EXPECT_TRUE(refused([](auto& request) { request.clear_authenticator(); }));
  EXPECT_TRUE(refused([](auto& request) { request.clear_stretching(); }));
  EXPECT_TRUE(refused([](auto& request) { request.mutable_stretching()->set_memory_kib(1024); }));
  EXPECT_TRUE(refused([](auto& request) { request.mutable_stretching()->set_passes(1'000'000); }));
}

TEST_F(PasswordsTest, StoresNeitherAuthenticatorNorAnythingThatIsEqualForEqualOnes) {
  ASSERT_TRUE(set(password()));
  const auto stored = [&] { return *store.get(sign_in_partition(alice), password_key()).value(); };
  const Bytes first = stored();
  ASSERT_TRUE(set(password()));
  const Bytes second = stored();
  EXPECT_NE(Bytes(first.end() - 32, first.end()), Bytes(second.end() - 32, second.end()));
  EXPECT_EQ(as_chars(first).find(std::string(8, '\7')), std::string_view::npos);
}

TEST_F(PasswordsTest, ChallengesLookAlikeWhetherOrNotThereIsAPassword) {
  ASSERT_TRUE(set(password()));
  const auto real = *passwords->challenge(attempt("alice"));
  EXPECT_EQ(real.salt(), std::string(16, 's'));
  const auto invented = *passwords->challenge(attempt("nobody"));
  EXPECT_EQ(invented.salt().size(), 16U);
  EXPECT_EQ(invented.stretching().SerializeAsString(), real.stretching().SerializeAsString());
  EXPECT_EQ(passwords->challenge(attempt("nobody"))->salt(), invented.salt());
  EXPECT_NE(passwords->challenge(attempt("somebody"))->salt(), invented.salt());
  ASSERT_TRUE(set({}));
  EXPECT_EQ(passwords->challenge(attempt("alice"))->salt().size(), 16U);
}

TEST_F(PasswordsTest, TheTenthFailureOfADayClosesForAWhileThatDoubles) {
  ASSERT_TRUE(set(password()));
  for (int i = 1; i <= 10; ++i) {
    const auto failed = check(8);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().error, AccountsError::sign_in_failed);
    EXPECT_EQ(failed.error().notice,
              i < 10 ? v1::AccountNotice::SIGN_IN_FAILED : v1::AccountNotice::SIGN_IN_LOCKED);
  }
  const auto locked = check(7);  // the right one
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().error, AccountsError::sign_in_locked);
  EXPECT_EQ(locked.error().retry_after, minutes(15));
  EXPECT_FALSE(locked.error().notice);
  UnixMs now = kNow + minutes(15);
  for (const DurationMs pause : {minutes(30), hours(1), hours(2), hours(4), hours(8), hours(16), hours(24)}) {
    EXPECT_EQ(refusal(8, now), AccountsError::sign_in_failed);
    EXPECT_EQ(refusal(7, now + DurationMs{pause.value - 1}), AccountsError::sign_in_locked);
    now = now + pause;
  }
  EXPECT_EQ(check(7, now), alice);
  EXPECT_EQ(refusal(8, now), AccountsError::sign_in_failed);
  EXPECT_EQ(check(7, now), alice);  // a success forgave the failures
}

TEST_F(PasswordsTest, FailuresAreForgottenAfterADayWithoutOne) {
  ASSERT_TRUE(set(password()));
  for (int i = 0; i < 9; ++i) EXPECT_EQ(refusal(8), AccountsError::sign_in_failed);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(refusal(8, kNow + days(1)), AccountsError::sign_in_failed);
  EXPECT_EQ(check(7, kNow + days(1)), alice);
}

TEST_F(PasswordsTest, FailuresCountBeforeAndAfterTheyAreDurableAndAcrossARestart) {
  ASSERT_TRUE(set(password()));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(refusal(8), AccountsError::sign_in_failed);  // none written yet
  EXPECT_EQ(refusal(8), AccountsError::sign_in_locked);
  settle();
  EXPECT_EQ(refusal(8), AccountsError::sign_in_locked);
  store.crash();
  restart();
  EXPECT_EQ(refusal(7), AccountsError::sign_in_locked);
  EXPECT_EQ(passwords->holdings(alice)->failures.count, 10U);
}

TEST_F(PasswordsTest, AFullDiskForgivesNothing) {
  ASSERT_TRUE(set(password()));
  store.fail_next_commits(100, storage::StorageError::no_space);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(refusal(8), AccountsError::sign_in_failed);
    settle();
  }
  EXPECT_EQ(refusal(7), AccountsError::sign_in_locked);
}

TEST_F(PasswordsTest, ANewPasswordForgetsTheFailuresOfTheOldOne) {
  ASSERT_TRUE(set(password()));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(refusal(8), AccountsError::sign_in_failed);
  settle();
  EXPECT_EQ(refusal(7), AccountsError::sign_in_locked);
  ASSERT_TRUE(set(password(9)));
  EXPECT_EQ(check(9), alice);
}

TEST_F(PasswordsTest, NobodyIsLockedLikeSomebody) {
  for (int i = 0; i < 10; ++i) {
    const auto failed = check(8, kNow, "nobody");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().error, AccountsError::sign_in_failed);
    EXPECT_FALSE(failed.error().notice);  // there is nobody to tell
  }
  EXPECT_EQ(refusal(8, kNow, "nobody"), AccountsError::sign_in_locked);
  EXPECT_EQ(refusal(8, kNow, "somebody"), AccountsError::sign_in_failed);
  EXPECT_EQ(refusal(8, kNow + minutes(15), "nobody"), AccountsError::sign_in_failed);
}

TEST_F(PasswordsTest, AnAddressThatTriesManyAccountsHasToWait) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(refusal(8, kNow, "user" + std::to_string(i)), AccountsError::sign_in_failed);
  }
  const auto refused = check(8, kNow, "one-more");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, AccountsError::too_many_sign_ins);
  EXPECT_EQ(refused.error().retry_after, minutes(1));
  EXPECT_EQ(check(8, kNow, "one-more", "192.0.2.2").error().error, AccountsError::sign_in_failed);
  // Its own successes forgive nothing.
  ASSERT_TRUE(set(password()));
  EXPECT_EQ(check(7, kNow + minutes(1)), alice);
  EXPECT_EQ(refusal(8, kNow + minutes(1), "one-more"), AccountsError::sign_in_failed);
  EXPECT_EQ(refusal(8, kNow + minutes(2), "one-more"), AccountsError::too_many_sign_ins);
  passwords->tick(kNow + days(2));
  EXPECT_EQ(refusal(8, kNow + days(2), "one-more"), AccountsError::sign_in_failed);
}

TEST_F(PasswordsTest, AClockThatWentBackOpensNothing) {
  ASSERT_TRUE(set(password()));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(refusal(8), AccountsError::sign_in_failed);
  EXPECT_EQ(refusal(7, {kNow.value - days(2).value}), AccountsError::sign_in_locked);
}

TEST_F(PasswordsTest, AStoreThatFailsSaysSo) {
  ASSERT_TRUE(set(password()));
  store.fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(refusal(7), AccountsError::storage_unavailable);
  store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(passwords->challenge(attempt()).error(), AccountsError::corrupt);
  store.fail_next_commits(1, storage::StorageError::no_space);
  EXPECT_EQ(set(password()).error(), AccountsError::storage_unavailable);
  EXPECT_EQ(check(7), alice);
}

TEST(SignInRecords, AreReadBackAndRefusedAtEveryOtherLength) {
  const PasswordRecord stored{
      .set = kNow, .salt = {1}, .cost = identity::kPasswordCost, .check_salt = {2}, .check = {3}};
  const Bytes octets = encode(stored);
  ASSERT_TRUE(decode_password(octets));
  EXPECT_EQ(encode(*decode_password(octets)), octets);
  const Bytes failures = encode(Failures{3, kNow});
  EXPECT_EQ(decode_failures(failures), (Failures{3, kNow}));
  const NoticeRecord notice{kNow, v1::AccountNotice::SIGNED_IN, "192.0.2.1"};
  EXPECT_EQ(decode_notice(encode(notice)), notice);
  EXPECT_EQ(decode_last_notice(encode_last_notice(9)), 9U);
  EXPECT_EQ(notice_number(notice_key(9)), 9U);
  const auto all_cut = [](const Bytes& whole, const auto& decode) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(decode(ByteView(whole).first(size))) << size;
    }
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(decode(longer));
    Bytes other = whole;
    other[0] ^= 2;
    EXPECT_FALSE(decode(other));
  };
  all_cut(octets, decode_password);
  all_cut(failures, decode_failures);
  all_cut(encode(notice), decode_notice);
  all_cut(encode_last_notice(9), decode_last_notice);
  all_cut(notice_key(9), notice_number);
  PasswordRecord cheap = stored;
  cheap.cost.iterations = 1;
  EXPECT_FALSE(decode_password(encode(cheap)));
}

}  // namespace
}  // namespace sotto::accounts
