#include <gtest/gtest.h>

#include "directory/test_server.h"

namespace sotto::directory {
namespace {

using testing::kNow;
using testing::TestAccount;
using testing::TestServer;

class ManifestsTest : public ::testing::Test {
 protected:
  TestServer server{31};
  TestAccount alice{server.random};
  identity::DeviceIdentity laptop = identity::DeviceIdentity::generate(server.random);

  void SetUp() override { ASSERT_TRUE(server.register_account(alice, "alice")); }

  identity::VerifiedManifest with_laptop(UnixMs now = kNow) {
    return alice.successor(server.random, now, [&](identity::Manifest& draft) {
      EXPECT_TRUE(add_device(draft, identity::testing::listing(laptop)));
    });
  }
  DirectoryResult<v1::Manifests> manifests(std::uint64_t from) {
    v1::FetchManifests request;
    request.set_account(wire::field(alice.account.id.view()));
    request.set_from_version(from);
    return server.directory->fetch_manifests(AccountId{}, request, kNow);
  }
};

TEST_F(ManifestsTest, APublishedManifestIsTheNewestOne) {
  ASSERT_TRUE(server.directory->current_manifest(alice.account.id));  // cached from here on
  const auto second = with_laptop();
  const auto published = server.publish(alice.account.id, second);
  ASSERT_TRUE(published) << published.error().detail;
  EXPECT_EQ(published->version, 2U);
  EXPECT_TRUE(published->removed.empty());
  const auto current = server.directory->current_manifest(alice.account.id);
  ASSERT_TRUE(current);
  EXPECT_EQ((*current)->version, 2U);
  EXPECT_EQ((*current)->devices.size(), 2U);
  EXPECT_TRUE(server.directory->find_device({alice.account.id, laptop.id}));
  server.crash();
  EXPECT_EQ((*server.directory->current_manifest(alice.account.id))->version, 2U);
}

TEST_F(ManifestsTest, RepeatingItAfterALostAnswerSucceeds) {
  const auto second = with_laptop();
  const auto lost = testing::make_slot<Published>();
  v1::PublishManifest request;
  identity::to_wire(second.signed_manifest(), *request.mutable_manifest());
  server.directory->publish_manifest(alice.account.id, request, kNow, testing::into(lost));
  server.log->tick(server.clock);
  server.store.sync();  // the epoch is durable, but nobody is left to answer
  server.crash();
  EXPECT_FALSE(lost->has_value());
  EXPECT_TRUE(server.publish(alice.account.id, second));
}

TEST_F(ManifestsTest, AManifestIsShownFromTheMomentThatTheLogShowsIt) {
  ASSERT_TRUE(server.directory->current_manifest(alice.account.id));  // cached from here on
  const auto reply = testing::make_slot<Published>();
  v1::PublishManifest request;
  identity::to_wire(with_laptop().signed_manifest(), *request.mutable_manifest());
  server.directory->publish_manifest(alice.account.id, request, kNow, testing::into(reply));
  const auto expect_agreement = [&] {
    const std::uint64_t logged = server.logged("alice")->account_state->version;
    EXPECT_EQ(manifests(1)->manifests_size(), static_cast<int>(logged));
    EXPECT_EQ((*server.directory->current_manifest(alice.account.id))->version, logged);
    EXPECT_EQ(server.directory->find_device({alice.account.id, laptop.id}).has_value(), logged == 2);
    return logged;
  };
  EXPECT_EQ(expect_agreement(), 1U);
  server.log->tick(server.clock);
  server.store.sync();  // the commit point
  EXPECT_EQ(expect_agreement(), 2U);
  // A disk that takes nothing for a while.
  server.store.fail_next_commits(100, storage::StorageError::no_space);
  for (int second = 0; second < 3; ++second) {
    server.clock = server.clock + seconds(1);
    server.settle();
    EXPECT_FALSE(reply->has_value());
    EXPECT_EQ(expect_agreement(), 2U);
  }
  server.store.fail_next_commits(0, storage::StorageError::no_space);
  server.clock = server.clock + seconds(1);
  server.settle();
  ASSERT_TRUE(reply->has_value() && **reply);
  EXPECT_EQ(expect_agreement(), 2U);
}

TEST_F(ManifestsTest, OfTwoPublishersAtTheSameTimeOneWins) {
  const auto one = with_laptop();
  const auto other = alice.successor(server.random, kNow + hours(1), [](identity::Manifest&) {});
  const auto first = testing::make_slot<Published>();
  const auto second = testing::make_slot<Published>();
  v1::PublishManifest request;
  identity::to_wire(one.signed_manifest(), *request.mutable_manifest());
  server.directory->publish_manifest(alice.account.id, request, kNow, testing::into(first));
  identity::to_wire(other.signed_manifest(), *request.mutable_manifest());
  server.directory->publish_manifest(alice.account.id, request, kNow, testing::into(second));
  server.settle();
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_TRUE(**first);
  ASSERT_FALSE(**second);
  EXPECT_EQ((**second).error().error, DirectoryError::manifest_rejected);
  EXPECT_EQ(manifests(2)->manifests_size(), 1);
}

TEST_F(ManifestsTest, AWriterOutsideThisProcessCannotForkTheChain) {
  const auto one = with_laptop();
  const auto slot = testing::make_slot<Published>();
  v1::PublishManifest request;
  identity::to_wire(one.signed_manifest(), *request.mutable_manifest());
  storage::Batch foreign(*storage::Partition::create(as_bytes("ktlog")));
  foreign.put(as_bytes("Z"), {});
  ASSERT_TRUE(server.store.commit(std::move(foreign), {~0ULL}));
  server.directory->publish_manifest(alice.account.id, request, kNow, testing::into(slot));
  server.settle();
  ASSERT_TRUE(slot->has_value() && !**slot);
  EXPECT_EQ((**slot).error().error, DirectoryError::storage_unavailable);
  EXPECT_EQ((*server.directory->current_manifest(alice.account.id))->version, 1U);
  server.clock = server.clock + seconds(1);
  EXPECT_TRUE(server.publish(alice.account.id, one));
}

TEST_F(ManifestsTest, RefusesWhatDoesNotFollowOrIsNotCurrent) {
  const auto second = with_laptop();
  const auto error_of = [&](const DirectoryResult<Published>& result) {
    EXPECT_FALSE(result);
    return result ? DirectoryError::corrupt : result.error().error;
  };
  TestAccount bob{server.random};
  EXPECT_EQ(error_of(server.publish(bob.account.id, second)), DirectoryError::no_such_account);
  ASSERT_TRUE(server.register_account(bob, "bob"));
  EXPECT_EQ(error_of(server.publish(bob.account.id, second)), DirectoryError::manifest_rejected);
  EXPECT_EQ(error_of(server.publish(alice.account.id, second, kNow + days(36))),
            DirectoryError::manifest_rejected);
  EXPECT_EQ(error_of(server.publish(alice.account.id, with_laptop(kNow + days(3)))),
            DirectoryError::manifest_rejected);
  ASSERT_TRUE(server.publish(alice.account.id, second));
  EXPECT_EQ(error_of(server.publish(alice.account.id, alice.manifest)), DirectoryError::manifest_rejected);
  v1::PublishManifest empty;
  const auto refused = server.ask<Published>([&](auto reply) {
    server.directory->publish_manifest(alice.account.id, empty, kNow, std::move(reply));
  });
  EXPECT_EQ(error_of(refused), DirectoryError::manifest_rejected);
}

TEST_F(ManifestsTest, AnExpiredAccountComesBackWithANewManifest) {
  const UnixMs later = kNow + days(200);
  const auto renewed = alice.successor(server.random, later, [](identity::Manifest&) {});
  EXPECT_TRUE(server.publish(alice.account.id, renewed, later));
}

TEST_F(ManifestsTest, ThePrekeysOfARemovedDeviceGo) {
  ASSERT_TRUE(server.upload(testing::address_of(alice), testing::make_prekeys(alice, 3, server.random)));
  const auto second = with_laptop();
  ASSERT_TRUE(server.publish(alice.account.id, second));
  auto draft = draft_successor(second, laptop.id, kNow);
  ASSERT_TRUE(remove_device(draft, alice.device.id));
  const auto third =
      verify_successor(second, sign_manifest(draft, alice.account, laptop, server.random)).value();
  const auto published = server.publish(alice.account.id, third);
  ASSERT_TRUE(published);
  EXPECT_EQ(published->removed, std::vector{alice.device.id});
  EXPECT_EQ(server.directory->prekeys_remaining(testing::address_of(alice)).value(), 0U);
  const auto fetched = server.fetch(AccountId{}, testing::address_of(alice));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->bundles.bundles_size(), 0);
  EXPECT_EQ(fetched->bundles.unavailable_size(), 1);
  // Nothing but the account and its three manifests is left.
  const auto page = server.store.scan(account_partition(alice.account.id), {}, std::nullopt, {});
  EXPECT_EQ(page->entries.size(), 4U);
  EXPECT_EQ(
      server.upload(testing::address_of(alice), testing::make_prekeys(alice, 1, server.random)).error().error,
      DirectoryError::no_such_device);
}

TEST_F(ManifestsTest, AChainIsServedInBoundedPagesOldestFirst) {
  std::vector<identity::SignedManifest> chain = {alice.manifest.signed_manifest()};
  TestAccount& owner = alice;
  // Sixteen devices with the longest names: about 35 KB a version.
  for (std::size_t i = 0; i < 24; ++i) {
    owner.manifest = owner.successor(server.random, kNow, [&](identity::Manifest& draft) {
      while (draft.devices.size() < identity::kMaxDevices) {
        const auto device = identity::DeviceIdentity::generate(server.random);
        EXPECT_TRUE(
            add_device(draft, {device.id, device.key.public_key(), Bytes(identity::kMaxSealedName, 'n'), 0}));
      }
    });
    ASSERT_TRUE(server.publish(alice.account.id, owner.manifest));
    chain.push_back(owner.manifest.signed_manifest());
  }
  std::vector<identity::SignedManifest> served;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const auto page = manifests(served.size() + 1);
    ASSERT_TRUE(page);
    ASSERT_GT(page->manifests_size(), 0);
    ASSERT_LT(page->ByteSizeLong(), wire::kMaxFrameBytes);
    for (const auto& manifest : page->manifests()) served.push_back(identity::from_wire(manifest).value());
    more = page->more();
  }
  EXPECT_EQ(served, chain);
  EXPECT_GT(pages, 1);
  EXPECT_TRUE(identity::verify_chain(nullptr, served, kNow));
  const auto newest = manifests(0);
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->manifests_size(), 1);
  EXPECT_EQ(identity::from_wire(newest->manifests(0)).value(), chain.back());
  EXPECT_EQ(manifests(26)->manifests_size(), 0);
  EXPECT_FALSE(manifests(~0ULL)->more());
}

TEST_F(ManifestsTest, FetchingRefusesMalformedAndUnknownAccounts) {
  v1::FetchManifests request;
  EXPECT_EQ(server.directory->fetch_manifests(AccountId{}, request, kNow).error().error,
            DirectoryError::malformed);
  request.set_account(std::string(16, 'x'));
  EXPECT_EQ(server.directory->fetch_manifests(AccountId{}, request, kNow).error().error,
            DirectoryError::no_such_account);
}

TEST_F(ManifestsTest, LookupsAndPublicationsAreLimited) {
  TestServer strict(32, {.resolves = 1, .account_lookups = 1, .manifest_pages = 1, .publishes_per_day = 1});
  ASSERT_TRUE(strict.register_account(alice, "alice"));
  v1::LookUp lookup;
  lookup.set_handle("alice");
  ASSERT_TRUE(strict.directory->look_up(AccountId{}, lookup, kNow));
  const auto refused = strict.directory->look_up(AccountId{}, lookup, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, DirectoryError::rate_limited);
  EXPECT_TRUE(strict.directory->look_up(AccountId{}, lookup, kNow + refused.error().retry_after));
  v1::FetchManifests request;
  request.set_account(wire::field(alice.account.id.view()));
  EXPECT_TRUE(strict.directory->fetch_manifests(AccountId{}, request, kNow));
  EXPECT_EQ(strict.directory->fetch_manifests(AccountId{}, request, kNow).error().error,
            DirectoryError::rate_limited);
  EXPECT_TRUE(strict.directory->fetch_manifests(alice.account.id, request, kNow));
  const auto second = with_laptop();
  EXPECT_TRUE(strict.publish(alice.account.id, second));
  EXPECT_EQ(strict.publish(alice.account.id, second).error().error, DirectoryError::rate_limited);
}

TEST(ManifestCacheTest, KeepsTheMostRecentlyUsed) {
  ManifestCache cache(2);
  const auto id = [](std::uint8_t n) { return AccountId({n}); };
  cache.put(id(1), std::make_shared<CurrentManifest>(CurrentManifest{1, {}}));
  cache.put(id(2), std::make_shared<CurrentManifest>(CurrentManifest{2, {}}));
  ASSERT_NE(cache.find(id(1)), nullptr);
  cache.put(id(3), std::make_shared<CurrentManifest>(CurrentManifest{3, {}}));
  EXPECT_EQ(cache.find(id(2)), nullptr);
  EXPECT_NE(cache.find(id(1)), nullptr);
  cache.put(id(3), std::make_shared<CurrentManifest>(CurrentManifest{4, {}}));
  EXPECT_EQ(cache.find(id(3))->version, 4U);
  EXPECT_EQ(cache.size(), 2U);
}

}  // namespace
}  // namespace sotto::directory
