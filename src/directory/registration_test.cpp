#include <gtest/gtest.h>

#include "directory/test_server.h"

namespace sotto::directory {
namespace {

using testing::kNow;
using testing::TestAccount;
using testing::TestServer;

class RegistrationTest : public ::testing::Test {
 protected:
  TestServer server{11};
  TestAccount alice{server.random};
  TestAccount bob{server.random};
};

TEST_F(RegistrationTest, AnAccountIsFoundByItsHandleInAnySpelling) {
  const auto registered = server.register_account(alice, "Alice");
  ASSERT_TRUE(registered);
  EXPECT_EQ(registered->handle(), "alice");
  EXPECT_EQ(server.owner("ALICE"), alice.account.id);
  const auto current = server.directory->current_manifest(alice.account.id);
  ASSERT_TRUE(current);
  EXPECT_EQ((*current)->version, 1U);
  EXPECT_EQ((*current)->devices, std::vector{alice.device.id});
  const auto device = server.directory->find_device(testing::address_of(alice));
  ASSERT_TRUE(device);
  EXPECT_EQ(device->key, alice.device.key.public_key());
  const auto status = server.directory->account_status(alice.account.id);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->handles(0), "alice");
  EXPECT_EQ(status->created_ms(), kNow.value);
}

TEST_F(RegistrationTest, RepeatingItSucceedsAndChangesNothing) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  ASSERT_TRUE(server.register_account(alice, "alice", kNow + hours(1)));
  EXPECT_EQ(server.directory->account_status(alice.account.id)->created_ms(), kNow.value);
}

TEST_F(RegistrationTest, TheSameAccountWithAnythingElseIsRefused) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  EXPECT_EQ(server.register_account(alice, "alice2").error().error, DirectoryError::account_exists);
  EXPECT_EQ(server.owner("alice2"), std::nullopt);
  TestAccount impostor{server.random};
  impostor.account.id = alice.account.id;
  auto draft = impostor.manifest.manifest();
  draft.account = alice.account.id;
  impostor.manifest =
      identity::verify_first(sign_manifest(draft, impostor.account, impostor.device, server.random)).value();
  EXPECT_EQ(server.register_account(impostor, "alice").error().error, DirectoryError::account_exists);
}

TEST_F(RegistrationTest, AHandleBelongsToWhoeverCameFirst) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  EXPECT_EQ(server.register_account(bob, "Alice").error().error, DirectoryError::handle_taken);
  EXPECT_FALSE(server.directory->current_manifest(bob.account.id));
  EXPECT_TRUE(server.register_account(bob, "bob"));
}

TEST_F(RegistrationTest, OfTwoAtTheSameTimeOneGetsTheHandle) {
  const auto first = testing::make_slot<v1::Registered>();
  const auto second = testing::make_slot<v1::Registered>();
  server.directory->register_account(TestServer::registration(alice, "team"), kNow, testing::into(first));
  server.directory->register_account(TestServer::registration(bob, "team"), kNow, testing::into(second));
  EXPECT_FALSE(first->has_value());
  EXPECT_FALSE(second->has_value());
  server.settle();
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_TRUE(**first);
  ASSERT_FALSE(**second);
  EXPECT_EQ((**second).error().error, DirectoryError::handle_taken);
  EXPECT_EQ(server.owner("team"), alice.account.id);
}

TEST_F(RegistrationTest, TheSecondGetsTheHandleWhenTheFirstFailed) {
  const auto first = testing::make_slot<v1::Registered>();
  const auto second = testing::make_slot<v1::Registered>();
  server.directory->register_account(TestServer::registration(alice, "team"), kNow, testing::into(first));
  server.directory->register_account(TestServer::registration(bob, "team"), kNow, testing::into(second));
  server.store.fail_next_commits(1, storage::StorageError::no_space);
  server.settle();
  ASSERT_TRUE(first->has_value());
  EXPECT_EQ((**first).error().error, DirectoryError::storage_unavailable);
  EXPECT_FALSE(second->has_value());
  server.clock = server.clock + seconds(1);  // the log rests after a failure
  server.settle();
  ASSERT_TRUE(second->has_value());
  EXPECT_TRUE(**second);
  EXPECT_EQ(server.owner("team"), bob.account.id);
  EXPECT_EQ(server.logged("team")->account, bob.account.id);
}

TEST_F(RegistrationTest, ACrashBetweenAnyTwoWritesLeavesAllOrNothingAndItRepeatable) {
  int syncs = 0;
  for (bool answered = false; !answered; ++syncs) {
    TestServer fresh(20U + static_cast<unsigned>(syncs));
    const TestAccount carol{fresh.random};
    const auto lost = testing::make_slot<v1::Registered>();
    fresh.directory->register_account(TestServer::registration(carol, "carol"), kNow, testing::into(lost));
    fresh.log->tick(fresh.clock);
    for (int i = 0; i < syncs; ++i) fresh.store.sync();
    answered = lost->has_value();
    fresh.crash();
    // The first thing that is written whole says everything.
    EXPECT_EQ(fresh.owner("carol").has_value(), syncs >= 1) << syncs;
    EXPECT_EQ(fresh.logged("carol")->account.has_value(), syncs >= 1) << syncs;
    EXPECT_TRUE(fresh.register_account(carol, "carol")) << syncs;
    EXPECT_EQ(fresh.owner("carol"), carol.account.id) << syncs;
    EXPECT_EQ(fresh.logged("carol")->account, carol.account.id) << syncs;
    EXPECT_EQ(fresh.logged("carol")->handle.version, 1U) << syncs;
  }
  EXPECT_GE(syncs, 3);
}

TEST_F(RegistrationTest, ARegistrationThatWasLostKeepsNobodyAway) {
  const auto lost = testing::make_slot<v1::Registered>();
  server.directory->register_account(TestServer::registration(alice, "team"), kNow, testing::into(lost));
  server.log->tick(server.clock);
  server.crash();
  EXPECT_TRUE(server.register_account(bob, "team"));
  EXPECT_EQ(server.register_account(alice, "team").error().error, DirectoryError::handle_taken);
  EXPECT_TRUE(server.register_account(alice, "alice"));
}

TEST_F(RegistrationTest, TheLogSaysWhatWasRegistered) {
  EXPECT_FALSE(server.logged("alice")->handle.present());
  ASSERT_TRUE(server.register_account(alice, "Alice"));
  const auto states = server.logged("alice");
  ASSERT_TRUE(states && states->account_state);
  EXPECT_EQ(states->account, alice.account.id);
  EXPECT_EQ(states->handle.version, 1U);
  EXPECT_EQ(transparency::check_manifest(*states->account_state, alice.manifest),
            transparency::ManifestCheck::logged);
}

TEST_F(RegistrationTest, RefusesWhatDoesNotVerify) {
  auto request = TestServer::registration(alice, "alice");
  const auto error_of = [&](UnixMs now = kNow) {
    const auto result = server.ask<v1::Registered>(
        [&](auto reply) { server.directory->register_account(request, now, std::move(reply)); });
    EXPECT_FALSE(result);
    return result ? DirectoryError::corrupt : result.error().error;
  };
  request.set_account("short");
  EXPECT_EQ(error_of(), DirectoryError::malformed);
  request.set_account(wire::field(bob.account.id.view()));
  EXPECT_EQ(error_of(), DirectoryError::manifest_rejected);
  request.set_account(wire::field(alice.account.id.view()));
  request.set_handle("a l i c e");
  EXPECT_EQ(error_of(), DirectoryError::handle_invalid);
  request.set_handle("alice@example.org");  // would have to be proved
  EXPECT_EQ(error_of(), DirectoryError::handle_invalid);
  request.set_handle("alice");
  EXPECT_EQ(error_of(kNow + days(60)), DirectoryError::manifest_rejected);
  request.mutable_manifest()->mutable_author_signature()->at(100) ^= 1;
  EXPECT_EQ(error_of(), DirectoryError::manifest_rejected);
  request.mutable_manifest()->clear_author_signature();
  EXPECT_EQ(error_of(), DirectoryError::manifest_rejected);
}

TEST_F(RegistrationTest, UnknownAccountsAndHandlesAreSaidToBeUnknown) {
  EXPECT_EQ(server.directory->current_manifest(alice.account.id).error().error,
            DirectoryError::no_such_account);
  EXPECT_EQ(server.directory->find_device(testing::address_of(alice)).error().error,
            DirectoryError::no_such_account);
  EXPECT_EQ(server.directory->account_status(alice.account.id).error().error,
            DirectoryError::no_such_account);
  EXPECT_EQ(server.directory->holder_of("alice", kNow).error().error, DirectoryError::no_such_handle);
  EXPECT_EQ(server.directory->holder_of("\xff", kNow).error().error, DirectoryError::handle_invalid);
  ASSERT_TRUE(server.register_account(alice, "alice"));
  EXPECT_EQ(server.directory->find_device({alice.account.id, bob.device.id}).error().error,
            DirectoryError::no_such_device);
}

TEST_F(RegistrationTest, HandlesComeAndGo) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  ASSERT_TRUE(server.register_account(bob, "bob"));
  const auto added = server.manage(alice.account.id, true, "Ally");
  ASSERT_TRUE(added);
  EXPECT_EQ(added->handles_size(), 2);
  EXPECT_EQ(server.owner("ally"), alice.account.id);
  EXPECT_TRUE(server.manage(alice.account.id, true, "ally"));
  EXPECT_EQ(server.manage(bob.account.id, true, "ally").error().error, DirectoryError::handle_taken);
  EXPECT_EQ(server.manage(bob.account.id, false, "ally").error().error, DirectoryError::no_such_handle);

  ASSERT_TRUE(server.manage(alice.account.id, false, "ally"));
  EXPECT_EQ(server.owner("ally"), std::nullopt);
  EXPECT_EQ(server.store.get(handle_partition("ally"), handle_key("ally")).value(), std::nullopt);
  EXPECT_TRUE(server.logged("ally")->handle.present());
  EXPECT_EQ(server.logged("ally")->account, std::nullopt) << "retired";
  EXPECT_EQ(server.logged("ally")->handle.version, 2U);
}

TEST_F(RegistrationTest, AHandleLeadsWhereTheLogSaysFromTheMomentThatItSaysSo) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  const auto begin = [&](bool add) {
    server.directory->manage_handle(alice.account.id, TestServer::handle_change(add, "ally"), kNow,
                                    [](const auto& answer) { EXPECT_TRUE(answer); });
  };
  for (const bool add : {true, false}) {
    begin(add);
    for (bool more = true; more;) {  // after each write
      server.log->tick(server.clock);
      more = server.store.sync() > 0;
      EXPECT_EQ(server.owner("ally"), server.logged("ally")->account);
      const auto holder = server.directory->holder_of("ally", kNow);
      EXPECT_EQ(holder && holder->given_up, server.logged("ally")->handle.version == 2);
    }
    EXPECT_EQ(server.owner("ally").has_value(), add);
  }
}

TEST_F(RegistrationTest, AHandleThatWasGivenUpIsHeldForThirtyDays) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  ASSERT_TRUE(server.register_account(bob, "bob"));
  ASSERT_TRUE(server.manage(alice.account.id, true, "ally"));
  ASSERT_TRUE(server.manage(alice.account.id, false, "ally"));
  const UnixMs last_moment{(kNow + kHandleHold).value - 1};
  EXPECT_EQ(server.manage(bob.account.id, true, "ally", last_moment).error().error,
            DirectoryError::handle_held);
  TestAccount carol{server.random, last_moment};
  EXPECT_EQ(server.register_account(carol, "ally", last_moment).error().error, DirectoryError::handle_held);
  server.crash();
  EXPECT_EQ(server.manage(bob.account.id, true, "ally").error().error, DirectoryError::handle_held);

  ASSERT_TRUE(server.manage(alice.account.id, true, "ally")) << "its own";
  EXPECT_EQ(server.logged("ally")->handle.version, 3U);
  ASSERT_TRUE(server.manage(alice.account.id, false, "ally"));
  EXPECT_TRUE(server.manage(bob.account.id, true, "ally", kNow + kHandleHold));
  EXPECT_EQ(server.owner("ally"), bob.account.id);
  EXPECT_EQ(server.logged("ally")->account, bob.account.id);
  EXPECT_EQ(server.logged("ally")->handle.version, 5U);
}

TEST_F(RegistrationTest, NothingIsLeftOfAHoldThatIsOver) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  ASSERT_TRUE(server.manage(alice.account.id, true, "ally"));
  ASSERT_TRUE(server.manage(alice.account.id, false, "ally"));
  const auto held = [&] {
    return server.store.get(handle_partition("ally"), hold_key("ally")).value().has_value();
  };
  const auto sweep = [&](UnixMs now) {
    for (std::size_t i = 0; i < kHandlePartitions; ++i) {
      server.directory->tick(now);
      server.settle();
    }
  };
  sweep({(kNow + kHandleHold).value - 1});
  EXPECT_TRUE(held());
  sweep(kNow + kHandleHold);
  EXPECT_FALSE(held());
}

TEST_F(RegistrationTest, ACrashWhileAHandleIsAddedOrRemovedNeverLeavesItWithTwo) {
  for (int syncs = 0; syncs <= 4; ++syncs) {
    TestServer fresh(40U + static_cast<unsigned>(syncs));
    ASSERT_TRUE(fresh.register_account(alice, "alice"));
    ASSERT_TRUE(fresh.register_account(bob, "bob"));
    const auto change = [&](bool add) {
      fresh.directory->manage_handle(alice.account.id, TestServer::handle_change(add, "team"), kNow,
                                     testing::into(testing::make_slot<v1::HandleManaged>()));
      fresh.log->tick(fresh.clock);
      for (int i = 0; i < syncs; ++i) fresh.store.sync();
      fresh.crash();
      const bool has = fresh.owner("team") == alice.account.id;
      EXPECT_EQ(has, fresh.directory->account_status(alice.account.id)->handles_size() == 2);
      EXPECT_EQ(has, fresh.logged("team")->account == alice.account.id);
      return has;
    };
    EXPECT_EQ(change(true), syncs >= 1);
    EXPECT_EQ(bool(fresh.manage(bob.account.id, true, "team")), syncs == 0);
    ASSERT_TRUE(syncs == 0 || fresh.manage(alice.account.id, true, "team"));
    if (syncs > 0) EXPECT_FALSE(change(false));
  }
}

TEST_F(RegistrationTest, AnAccountHasABoundedNumberOfHandlesAndChanges) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  for (std::size_t i = 1; i < kMaxHandles; ++i) {
    ASSERT_TRUE(server.manage(alice.account.id, true, "alice" + std::to_string(i)));
  }
  EXPECT_EQ(server.manage(alice.account.id, true, "another").error().error, DirectoryError::handle_limit);
  EXPECT_EQ(server.manage(bob.account.id, true, "bobby").error().error, DirectoryError::no_such_account);
  for (std::uint32_t i = kMaxHandles; i < RateLimits{}.handle_changes_per_day; ++i) {
    EXPECT_TRUE(server.manage(alice.account.id, true, "alice"));
  }
  const auto limited = server.manage(alice.account.id, true, "alice");
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().error, DirectoryError::rate_limited);
  EXPECT_TRUE(server.manage(alice.account.id, true, "alice", kNow + limited.error().retry_after));
  EXPECT_EQ(server
                .ask<v1::HandleManaged>([&](auto reply) {
                  server.directory->manage_handle(alice.account.id, {}, kNow, std::move(reply));
                })
                .error()
                .error,
            DirectoryError::malformed);
}

TEST_F(RegistrationTest, AFullStoreQueueAndABrokenDiskAreReported) {
  ASSERT_TRUE(server.register_account(alice, "alice"));
  server.store.fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(server.directory->holder_of("alice", kNow).error().error, DirectoryError::storage_unavailable);
  server.store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(server.directory->holder_of("alice", kNow).error().error, DirectoryError::corrupt);
  // As many as the queue takes.
  const storage::Batch empty(*storage::Partition::create(Bytes(1, 0xff)));
  for (std::uint64_t i = 0; server.store.commit(empty, storage::Ticket{~std::uint64_t{0} - i}); ++i) continue;
  const auto slot = testing::make_slot<v1::PrekeysUploaded>();
  server.directory->upload_prekeys(testing::address_of(alice), testing::make_prekeys(alice, 1, server.random),
                                   kNow, testing::into(slot));
  ASSERT_TRUE(slot->has_value() && !**slot);
  EXPECT_EQ((**slot).error().error, DirectoryError::overloaded);
  EXPECT_GT((**slot).error().retry_after.value, 0U);
  EXPECT_EQ(server.directory->in_flight(), 0U);
}

TEST_F(RegistrationTest, AQueueThatIsFullForAWhileLosesNoRegistration) {
  const storage::Batch empty(*storage::Partition::create(Bytes(1, 0xff)));
  for (std::uint64_t i = 0; server.store.commit(empty, storage::Ticket{~std::uint64_t{0} - i}); ++i) continue;
  const auto slot = testing::make_slot<v1::Registered>();
  server.directory->register_account(TestServer::registration(alice, "alice"), kNow, testing::into(slot));
  server.log->tick(server.clock);
  server.log->tick(server.clock);  // again at once, then it rests
  server.settle();
  EXPECT_FALSE(slot->has_value());
  server.clock = server.clock + seconds(1);
  server.settle();
  EXPECT_TRUE(slot->has_value() && **slot);
}

TEST_F(RegistrationTest, TooManyWaitingForOneAccountAreTurnedAway) {
  std::vector<testing::Slot<v1::Registered>> slots;
  for (std::size_t i = 0; i < kMaxWaiting + 2; ++i) {
    slots.push_back(testing::make_slot<v1::Registered>());
    server.directory->register_account(TestServer::registration(alice, "alice"), kNow,
                                       testing::into(slots.back()));
  }
  ASSERT_TRUE(slots.back()->has_value());
  EXPECT_EQ((**slots.back()).error().error, DirectoryError::overloaded);
  server.settle();
  for (std::size_t i = 0; i + 1 < slots.size(); ++i) EXPECT_TRUE(slots[i]->has_value() && **slots[i]) << i;
}

TEST_F(RegistrationTest, RequestsInFlightDieWithTheDirectory) {
  const auto first = testing::make_slot<v1::Registered>();
  const auto second = testing::make_slot<v1::Registered>();
  server.directory->register_account(TestServer::registration(alice, "team"), kNow, testing::into(first));
  server.directory->register_account(TestServer::registration(bob, "team"), kNow, testing::into(second));
  server.directory.reset();
  EXPECT_FALSE(first->has_value());
  EXPECT_FALSE(second->has_value());
}

}  // namespace
}  // namespace sotto::directory
