#include <gtest/gtest.h>

#include "directory/test_server.h"

namespace sotto::directory {
namespace {

using testing::kNow;
using testing::TestAccount;
using testing::TestServer;

class LookupsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server.register_account(alice, "alice")); }

  DirectoryResult<transparency::LookupAnswer> by_handle(std::string_view handle, UnixMs now = kNow) {
    v1::LookUp request;
    request.set_handle(std::string(handle));
    return server.directory->look_up(bob.account.id, request, now);
  }
  DirectoryResult<transparency::LookupAnswer> by_account(const AccountId& account, std::uint64_t known = 0,
                                                         UnixMs now = kNow) {
    v1::LookUp request;
    request.set_account(wire::field(account.view()));
    request.set_known_size(known);
    return server.directory->look_up(bob.account.id, request, now);
  }

  TestServer server{51, {.resolves = 3, .account_lookups = 3}};
  TestAccount alice{server.random};
  TestAccount bob{server.random};
};

TEST_F(LookupsTest, AnswersHaveProofsForAHandleInAnySpelling) {
  const auto answer = by_handle("ALICE");
  ASSERT_TRUE(answer);
  transparency::LogView view{server.log->keys()};
  const auto states =
      transparency::verify_contact(view, "alice", *answer, [](const auto&) { return std::nullopt; }, kNow);
  ASSERT_TRUE(states && states->account_state);
  EXPECT_EQ(states->account, alice.account.id);
  const auto absent = by_handle("nobody");
  ASSERT_TRUE(absent);
  const auto nobody =
      transparency::verify_contact(view, "nobody", *absent, [](const auto&) { return std::nullopt; }, kNow);
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->handle.present());
}

TEST_F(LookupsTest, AnAccountIsFollowedFromTheSizeThatTheAskerKnows) {
  transparency::LogView view{server.log->keys()};
  const auto none = [](const auto&) { return std::nullopt; };
  ASSERT_TRUE(
      transparency::verify_account(view, alice.account.id, *by_account(alice.account.id), none, kNow));
  const auto second = alice.successor(server.random, kNow, [](identity::Manifest&) {});
  ASSERT_TRUE(server.publish(alice.account.id, second));
  const auto answer = by_account(alice.account.id, view.known_size());
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->consistency.empty());
  const auto state = transparency::verify_account(view, alice.account.id, *answer, none, kNow);
  ASSERT_TRUE(state);
  EXPECT_EQ(transparency::check_manifest(*state, second), transparency::ManifestCheck::logged);
}

TEST_F(LookupsTest, RefusesWhatIsNeitherHandleNorAccount) {
  EXPECT_EQ(by_handle("a l i c e").error().error, DirectoryError::handle_invalid);
  EXPECT_EQ(server.directory->look_up(bob.account.id, {}, kNow).error().error, DirectoryError::malformed);
  v1::LookUp request;
  request.set_account("short");
  EXPECT_EQ(server.directory->look_up(bob.account.id, request, kNow).error().error,
            DirectoryError::malformed);
}

TEST_F(LookupsTest, HandlesAndAccountsAreCountedApart) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(by_handle("alice"));
    EXPECT_TRUE(by_account(alice.account.id));
  }
  EXPECT_EQ(by_account(alice.account.id).error().error, DirectoryError::rate_limited);
  const auto refused = by_handle("alice");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, DirectoryError::rate_limited);
  EXPECT_TRUE(by_handle("alice", kNow + refused.error().retry_after));
}

TEST_F(LookupsTest, ABrokenDiskIsNotAnAnswer) {
  server.store.fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(by_handle("alice").error().error, DirectoryError::storage_unavailable);
  server.store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(by_handle("alice").error().error, DirectoryError::corrupt);
}

TEST(LogFailures, AreWhatTheAskerCanDoAboutThem) {
  using transparency_log::LogError;
  EXPECT_EQ(failure_of(LogError::overloaded).error, DirectoryError::overloaded);
  EXPECT_GT(failure_of(LogError::overloaded).retry_after.value, 0U);
  EXPECT_EQ(failure_of(LogError::not_ready).error, DirectoryError::log_not_ready);
  EXPECT_GT(failure_of(LogError::not_ready).retry_after.value, 0U);
  EXPECT_GT(failure_of(LogError::storage_unavailable).retry_after.value, 0U);
  for (const LogError error : {LogError::wrong_version, LogError::corrupt, LogError::malformed}) {
    EXPECT_EQ(failure_of(error).error, DirectoryError::corrupt);
  }
}

}  // namespace
}  // namespace sotto::directory
