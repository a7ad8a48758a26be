#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "directory/test_server.h"

namespace sotto::directory {
namespace {

using testing::address_of;
using testing::kNow;
using testing::make_prekeys;
using testing::TestAccount;
using testing::TestServer;

class PrekeysTest : public ::testing::Test {
 protected:
  TestServer server{41};
  TestAccount alice{server.random};
  TestAccount bob{server.random};

  void SetUp() override {
    ASSERT_TRUE(server.register_account(alice, "alice"));
    ASSERT_TRUE(server.register_account(bob, "bob"));
  }

  /// The index of the pair that a fetch by a new account gives, or nothing.
  std::optional<std::uint32_t> taken(UnixMs now = kNow) {
    const auto fetched = server.fetch(AccountId(server.random.array<16>()), address_of(alice), now);
    if (!fetched || fetched->bundles.bundles_size() != 1) {
      ADD_FAILURE() << "no bundle";
      return std::nullopt;
    }
    const auto& bundle = fetched->bundles.bundles(0);
    if (!bundle.has_one_time()) return std::nullopt;
    return bundle.one_time().index();
  }
};

TEST_F(PrekeysTest, AServedBundleVerifiesAtTheSender) {
  ASSERT_EQ(server.upload(address_of(alice), make_prekeys(alice, 5, server.random))->stored(), 5U);
  const session::PeerDevice peer{alice.account.id, alice.device.id,
                                 alice.account.key.public_key().fingerprint(), alice.device.key.public_key()};
  for (std::uint32_t i = 0; i < 6; ++i) {
    const auto fetched = server.fetch(bob.account.id, address_of(alice));
    ASSERT_TRUE(fetched);
    ASSERT_EQ(fetched->bundles.bundles_size(), 1);
    const auto& bundle = fetched->bundles.bundles(0);
    const auto batch =
        session::verify_batch(wire::octets(bundle.batch()), wire::octets(bundle.signature()),
                              wire::octets(bundle.last_resort_kem()), peer, std::nullopt, kNow);
    ASSERT_TRUE(batch);
    ASSERT_EQ(bundle.has_one_time(), i < 5) << i;
    if (i == 5) {
      EXPECT_TRUE(fetched->left.empty());
      EXPECT_TRUE(batch->last_resort(kNow));
      continue;
    }
    session::OneTimePart part{.index = bundle.one_time().index(),
                              .ec = wire::octets(bundle.one_time().ec()),
                              .kem = wire::octets(bundle.one_time().kem()),
                              .path = {}};
    for (const auto& node : bundle.one_time().path()) part.path.push_back(wire::octets(node));
    EXPECT_EQ(part.index, i);
    EXPECT_TRUE(batch->with_one_time(part, kNow));
    ASSERT_EQ(fetched->left.size(), 1U);
    EXPECT_EQ(fetched->left[0].remaining, 4 - i);
    EXPECT_EQ(server.directory->prekeys_remaining(address_of(alice)).value(), 4 - i);
  }
}

TEST_F(PrekeysTest, ANewBatchReplacesTheOldOneWholly) {
  ASSERT_TRUE(server.upload(address_of(alice), make_prekeys(alice, 6, server.random)));
  EXPECT_EQ(taken(), 0U);
  ASSERT_TRUE(server.upload(address_of(alice), make_prekeys(alice, 2, server.random, kNow + hours(1))));
  EXPECT_EQ(server.directory->prekeys_remaining(address_of(alice)).value(), 2U);
  const auto page = server.store.scan(account_partition(alice.account.id), as_bytes("O"), as_bytes("P"), {});
  EXPECT_EQ(page->entries.size(), 2U);
  EXPECT_EQ(taken(), 0U);
  EXPECT_EQ(taken(), 1U);
  EXPECT_EQ(taken(), std::nullopt);
}

TEST_F(PrekeysTest, RepeatingAnUploadBringsNoPairBack) {
  const auto batch = make_prekeys(alice, 3, server.random);
  ASSERT_TRUE(server.upload(address_of(alice), batch));
  EXPECT_EQ(taken(), 0U);
  const auto repeated = server.upload(address_of(alice), batch);
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated->stored(), 2U);
  EXPECT_EQ(taken(), 1U);
}

TEST_F(PrekeysTest, RefusesBatchesThatDoNotVerify) {
  const auto good = make_prekeys(alice, 2, server.random);
  const auto error_of = [&](const DeviceAddress& asker, const v1::UploadPrekeys& request, UnixMs now = kNow) {
    const auto result = server.upload(asker, request, now);
    EXPECT_FALSE(result);
    return result ? DirectoryError::corrupt : result.error().error;
  };
  auto bad = good;
  bad.mutable_signature()->at(0) ^= 1;
  EXPECT_EQ(error_of(address_of(alice), bad), DirectoryError::prekeys_rejected);
  bad = good;
  bad.mutable_pairs()->SwapElements(0, 1);
  EXPECT_EQ(error_of(address_of(alice), bad), DirectoryError::prekeys_rejected);
  bad = good;
  bad.mutable_last_resort_kem()->pop_back();
  EXPECT_EQ(error_of(address_of(alice), bad), DirectoryError::prekeys_rejected);
  EXPECT_EQ(error_of(address_of(bob), good), DirectoryError::prekeys_rejected);
  EXPECT_EQ(error_of({alice.account.id, bob.device.id}, good), DirectoryError::no_such_device);
  EXPECT_EQ(error_of({AccountId{}, bob.device.id}, good), DirectoryError::no_such_account);
  bad = good;
  for (std::uint32_t i = 0; i < session::kMaxOneTimePairs; ++i) bad.add_pairs();
  EXPECT_EQ(error_of(address_of(alice), bad), DirectoryError::malformed);
  ASSERT_TRUE(server.upload(address_of(alice), good));
  EXPECT_EQ(error_of(address_of(alice), make_prekeys(alice, 1, server.random, {kNow.value - 1})),
            DirectoryError::prekeys_rejected);
}

TEST_F(PrekeysTest, AnExpiredOrMissingBatchIsUnavailable) {
  const auto missing = server.fetch(bob.account.id, address_of(alice));
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->bundles.unavailable(0), wire::field(alice.device.id.view()));
  ASSERT_TRUE(server.upload(address_of(alice), make_prekeys(alice, 1, server.random)));
  const auto expired = server.fetch(bob.account.id, address_of(alice), kNow + days(35));
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->bundles.unavailable_size(), 1);
}

TEST_F(PrekeysTest, FetchingRefusesMalformedRequests) {
  const auto error_of = [&](const v1::FetchBundles& request) {
    const auto result = server.ask<Fetched>([&](auto reply) {
      server.directory->fetch_bundles(bob.account.id, request, kNow, std::move(reply));
    });
    EXPECT_FALSE(result);
    return result ? DirectoryError::corrupt : result.error().error;
  };
  auto request = TestServer::bundles_of(address_of(alice));
  request.add_devices(request.devices(0));
  EXPECT_EQ(error_of(request), DirectoryError::malformed);
  request.mutable_devices(1)->pop_back();
  EXPECT_EQ(error_of(request), DirectoryError::malformed);
  request.clear_devices();
  for (std::size_t i = 0; i <= identity::kMaxDevices; ++i) {
    request.add_devices(wire::field(server.random.array<16>()));
  }
  EXPECT_EQ(error_of(request), DirectoryError::malformed);
  EXPECT_EQ(error_of(TestServer::bundles_of({AccountId{}, alice.device.id})),
            DirectoryError::no_such_account);
}

TEST_F(PrekeysTest, OneAskerCannotDrainADevice) {
  ASSERT_TRUE(server.upload(address_of(alice), make_prekeys(alice, 64, server.random)));
  const RateLimits limits;
  for (std::uint32_t i = 0; i < limits.fetches_per_pair; ++i) {
    const auto fetched = server.fetch(bob.account.id, address_of(alice));
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->bundles.bundles(0).has_one_time(), i < limits.one_time_per_pair) << i;
  }
  const auto limited = server.fetch(bob.account.id, address_of(alice));
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().error, DirectoryError::rate_limited);
  EXPECT_TRUE(taken().has_value());  // another asker still gets one
}

TEST_F(PrekeysTest, ManyAskersTogetherTakeSixtyAnHour) {
  ASSERT_TRUE(server.upload(address_of(alice), make_prekeys(alice, 64, server.random)));
  for (std::uint32_t i = 0; i < 62; ++i) EXPECT_EQ(taken().has_value(), i < 60) << i;
  EXPECT_TRUE(taken(kNow + hours(1)).has_value());
}

TEST_F(PrekeysTest, UploadsAreLimited) {
  TestServer strict(42, {.uploads = 1});
  ASSERT_TRUE(strict.register_account(alice, "alice"));
  const auto batch = make_prekeys(alice, 1, server.random);
  EXPECT_TRUE(strict.upload(address_of(alice), batch));
  EXPECT_EQ(strict.upload(address_of(alice), batch).error().error, DirectoryError::rate_limited);
}

TEST_F(PrekeysTest, AFailedCommitGivesNoPairOut) {
  ASSERT_TRUE(server.upload(address_of(alice), make_prekeys(alice, 2, server.random)));
  server.store.fail_next_commits(1, storage::StorageError::io_error);
  const auto failed = server.fetch(bob.account.id, address_of(alice));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error, DirectoryError::storage_unavailable);
  EXPECT_EQ(taken(), 0U);
}

TEST_F(PrekeysTest, DamagedRecordsAreReportedNotServed) {
  ASSERT_TRUE(server.upload(address_of(alice), make_prekeys(alice, 2, server.random)));
  storage::Batch damage(account_partition(alice.account.id));
  damage.put(cursor_key(alice.device.id), {1});
  ASSERT_TRUE(server.store.commit(std::move(damage), {~0ULL}));
  server.settle();
  EXPECT_EQ(server.fetch(bob.account.id, address_of(alice)).error().error, DirectoryError::corrupt);
}

/// Property: whatever the order of uploads, fetches, group commits, failing commits and crashes, no pair is
/// given out twice, and pairs come from the newest durable batch.
TEST(PrekeysProperty, NoPairIsEverGivenOutTwice) {
  rc::check([](std::uint32_t seed, const std::vector<std::uint8_t>& steps) {
    TestServer server(seed, {.one_time_per_target = 1000});
    const TestAccount alice{server.random};
    RC_ASSERT(server.register_account(alice, "alice").has_value());
    std::set<std::string> seen;
    std::vector<testing::Slot<Fetched>> open;
    const auto collect = [&] {
      for (const auto& slot : open) {
        if (!slot->has_value() || !**slot) continue;
        for (const auto& bundle : (**slot)->bundles.bundles()) {
          if (bundle.has_one_time()) RC_ASSERT(seen.insert(bundle.one_time().kem()).second);
        }
        slot->reset();
      }
    };
    std::uint64_t created = kNow.value;
    for (const std::uint8_t step : steps) {
      switch (step % 8) {
        case 0:
          server.directory->upload_prekeys(address_of(alice),
                                           make_prekeys(alice, step % 4, server.random, {++created}), kNow,
                                           [](const auto&) {});
          break;
        case 1: server.store.sync(); break;
        case 2: server.store.fail_next_commits(1, storage::StorageError::io_error); break;
        case 3:
          open.clear();  // answers of a dead process reach nobody
          server.crash();
          break;
        default:
          open.push_back(testing::make_slot<Fetched>());
          server.directory->fetch_bundles(AccountId(server.random.array<16>()),
                                          TestServer::bundles_of(address_of(alice)), kNow,
                                          testing::into(open.back()));
      }
      collect();
    }
    server.settle();
    collect();
  });
}

TEST(RateCountersTest, CountWithinAWindowAndForgetAfterIt) {
  crypto::DeterministicRandom random(43);
  RateCounters counters({.resolves = 2, .publishes_per_day = 1}, random);
  const Bytes alice = {1};
  const Bytes bob = {2};
  EXPECT_TRUE(counters.allow(Rate::resolve, {alice}, kNow));
  EXPECT_TRUE(counters.allow(Rate::resolve, {alice}, kNow + minutes(59)));
  EXPECT_FALSE(counters.allow(Rate::resolve, {alice}, kNow + minutes(59)));
  EXPECT_TRUE(counters.allow(Rate::resolve, {bob}, kNow + minutes(59)));
  EXPECT_TRUE(counters.allow(Rate::publish, {alice}, kNow));
  EXPECT_EQ(counters.retry_after(Rate::resolve, kNow + minutes(59)), minutes(1));
  counters.tick(kNow + hours(1));
  EXPECT_EQ(counters.size(), 1U);
  EXPECT_TRUE(counters.allow(Rate::resolve, {alice}, kNow + hours(1)));
  EXPECT_FALSE(counters.allow(Rate::publish, {alice}, kNow + hours(1)));
  counters.tick(kNow + hours(24));
  EXPECT_EQ(counters.size(), 0U);
}

TEST(RateCountersTest, AClockThatWentBackDoesNotKeepCountersForLonger) {
  crypto::DeterministicRandom random(44);
  RateCounters counters({.resolves = 1}, random);
  EXPECT_TRUE(counters.allow(Rate::resolve, {}, kNow));
  EXPECT_FALSE(counters.allow(Rate::resolve, {}, {kNow.value - minutes(1).value}));
  counters.tick({kNow.value - days(300).value});
  EXPECT_EQ(counters.size(), 0U);
}

TEST(RateCountersTest, PartsOfASubjectDoNotRunTogether) {
  crypto::DeterministicRandom random(45);
  RateCounters counters({.fetches_per_pair = 1}, random);
  EXPECT_TRUE(counters.allow(Rate::fetch_pair, {as_bytes("ab"), as_bytes("c")}, kNow));
  EXPECT_TRUE(counters.allow(Rate::fetch_pair, {as_bytes("a"), as_bytes("bc")}, kNow));
}

}  // namespace
}  // namespace sotto::directory
