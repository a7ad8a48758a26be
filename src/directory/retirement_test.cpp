#include <gtest/gtest.h>

#include "directory/test_server.h"

namespace sotto::directory {
namespace {

using testing::address_of;
using testing::kNow;
using testing::TestAccount;
using testing::TestServer;

class RetirementTest : public ::testing::Test {
 protected:
  void SetUp() override { prepare(server); }

  void prepare(TestServer& at) {
    ASSERT_TRUE(at.register_account(alice, "alice"));
    ASSERT_TRUE(at.manage(alice.account.id, true, "ally"));
    ASSERT_TRUE(at.upload(address_of(alice), testing::make_prekeys(alice, 3, at.random)));
  }
  v1::RetireAccount statement(const identity::VerifiedManifest& newest, UnixMs now = kNow) {
    v1::RetireAccount request;
    to_wire(sign_retirement(newest, alice.account, alice.device, now, server.random), request);
    return request;
  }
  DirectoryResult<Retired> retire(TestServer& at, const v1::RetireAccount& request, UnixMs now = kNow) {
    return at.ask<Retired>([&](auto reply) {
      at.directory->retire_account(alice.account.id, request, {}, now, std::move(reply));
    });
  }
  template <typename T>
  static DirectoryError error_of(const DirectoryResult<T>& result) {
    EXPECT_FALSE(result);
    return result ? DirectoryError::corrupt : result.error().error;
  }

  TestServer server{61};
  TestAccount alice{server.random};
  TestAccount bob{server.random};
};

TEST_F(RetirementTest, NobodyFindsTheAccountAndNothingButItsPublicKeysIsLeft) {
  const auto retired = retire(server, statement(alice.manifest));
  ASSERT_TRUE(retired) << retired.error().detail;
  EXPECT_EQ(retired->devices, std::vector{alice.device.id});
  for (const char* handle : {"alice", "ally"}) {
    EXPECT_EQ(server.owner(handle), std::nullopt);
    const auto logged = server.logged(handle);
    EXPECT_TRUE(logged->handle.present());
    EXPECT_EQ(logged->account, std::nullopt);
  }
  transparency::LogView view{server.log->keys()};
  const auto answer = server.log->look_up_account(alice.account.id, 0);
  const auto state = transparency::verify_account(
      view, alice.account.id, *answer, [](const auto&) { return std::nullopt; }, kNow);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->version, 2U);
  EXPECT_EQ(check_manifest(*state, alice.manifest), transparency::ManifestCheck::retired);
  const auto page = server.store.scan(account_partition(alice.account.id), {}, std::nullopt, {});
  ASSERT_EQ(page->entries.size(), 2U);
  EXPECT_EQ(page->entries[0].key, account_key());
  EXPECT_EQ(decode_account(page->entries[0].value), (AccountRecord{kNow, kNow, 1, {}}));
  EXPECT_EQ(page->entries[1].key, manifest_key(1));
}

TEST_F(RetirementTest, EverythingElseIsRefusedFromThenOn) {
  ASSERT_TRUE(server.directory->current_manifest(alice.account.id));  // cached
  const auto next = alice.successor(server.random, kNow, [](identity::Manifest&) {});
  ASSERT_TRUE(retire(server, statement(alice.manifest)));
  for (int life = 0; life < 2; ++life) {
    EXPECT_TRUE((*server.directory->current_manifest(alice.account.id))->retired);
    EXPECT_TRUE(server.directory->find_device(address_of(alice))->account_retired);
    EXPECT_EQ(error_of(server.publish(alice.account.id, next)), DirectoryError::account_retired);
    EXPECT_EQ(error_of(server.manage(alice.account.id, true, "again")), DirectoryError::account_retired);
    EXPECT_EQ(error_of(server.upload(address_of(alice), testing::make_prekeys(alice, 1, server.random))),
              DirectoryError::account_retired);
    EXPECT_EQ(error_of(server.fetch(bob.account.id, address_of(alice))), DirectoryError::account_retired);
    v1::FetchManifests fetch;
    fetch.set_account(wire::field(alice.account.id.view()));
    EXPECT_EQ(error_of(server.directory->fetch_manifests(bob.account.id, fetch, kNow)),
              DirectoryError::account_retired);
    EXPECT_EQ(error_of(server.register_account(alice, "alice")), DirectoryError::account_retired);
    EXPECT_EQ(error_of(server.register_account(alice, "another")), DirectoryError::account_retired);
    server.crash();
  }
}

TEST_F(RetirementTest, ItsHandlesAreHeldAndThenFree) {
  ASSERT_TRUE(retire(server, statement(alice.manifest)));
  EXPECT_EQ(error_of(server.register_account(bob, "ally")), DirectoryError::handle_held);
  const UnixMs later = kNow + kHandleHold;
  TestAccount carol{server.random, later};
  EXPECT_TRUE(server.register_account(carol, "ally", later));
  EXPECT_EQ(server.logged("ally")->account, carol.account.id);
  EXPECT_EQ(server.logged("ally")->handle.version, 3U);
}

TEST_F(RetirementTest, RepeatingItSucceedsAndChangesNothing) {
  const auto request = statement(alice.manifest);
  ASSERT_TRUE(retire(server, request));
  const std::uint64_t size = server.log->size();
  EXPECT_EQ(retire(server, request)->devices, std::vector{alice.device.id});
  server.crash();
  EXPECT_TRUE(retire(server, statement(alice.manifest, kNow + hours(1)), kNow + hours(1)));
  EXPECT_EQ(server.log->size(), size);
  EXPECT_EQ(error_of(retire(server, request, kNow + days(3))), DirectoryError::manifest_rejected);
}

TEST_F(RetirementTest, WhatDoesNotVerifyTurnsNothingOff) {
  auto request = statement(alice.manifest);
  request.mutable_author_signature()->at(0) ^= 1;
  EXPECT_EQ(error_of(retire(server, request)), DirectoryError::manifest_rejected);
  request.clear_statement();
  EXPECT_EQ(error_of(retire(server, request)), DirectoryError::manifest_rejected);
  EXPECT_EQ(error_of(retire(server, {})), DirectoryError::manifest_rejected);
  const auto late = statement(alice.manifest);
  const auto second = alice.successor(server.random, kNow, [](identity::Manifest&) {});
  ASSERT_TRUE(server.publish(alice.account.id, second));
  EXPECT_EQ(error_of(retire(server, late)), DirectoryError::manifest_rejected) << "of an older manifest";
  TestServer empty(62);
  EXPECT_EQ(error_of(retire(empty, statement(alice.manifest))), DirectoryError::no_such_account);
  EXPECT_EQ(server.owner("alice"), alice.account.id);
  EXPECT_TRUE(retire(server, statement(second)));
}

TEST_F(RetirementTest, ACrashBetweenAnyTwoWritesLeavesTheWholeAccountOrNothing) {
  bool answered = false;
  for (int syncs = 0; !answered; ++syncs) {
    TestServer fresh(70U + static_cast<unsigned>(syncs));
    prepare(fresh);
    // What another module keeps about the account.
    storage::Batch foreign(*storage::Partition::create(as_bytes("foreign")));
    ASSERT_TRUE(fresh.store.commit(storage::Batch(foreign).put(as_bytes("k"), {1}), {~0ULL}));
    fresh.store.sync();
    foreign.erase(as_bytes("k"));
    const auto slot = testing::make_slot<Retired>();
    fresh.directory->retire_account(alice.account.id, statement(alice.manifest), {foreign}, kNow,
                                    testing::into(slot));
    fresh.log->tick(fresh.clock);
    for (int i = 0; i < syncs; ++i) fresh.store.sync();
    answered = slot->has_value();
    fresh.crash();
    const bool gone = syncs >= 1;
    EXPECT_EQ((*fresh.directory->current_manifest(alice.account.id))->retired, gone);
    EXPECT_EQ(fresh.owner("alice").has_value(), !gone);
    EXPECT_EQ(fresh.owner("ally").has_value(), !gone);
    EXPECT_EQ(fresh.logged("alice")->account.has_value(), !gone);
    EXPECT_EQ(*fresh.directory->prekeys_remaining(address_of(alice)), gone ? 0U : 3U);
    EXPECT_EQ(fresh.store.get(foreign.partition, as_bytes("k"))->has_value(), !gone);
    EXPECT_TRUE(retire(fresh, statement(alice.manifest)));
  }
}

}  // namespace
}  // namespace sotto::directory
