#include "directory/first_contacts.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <map>

#include "directory/test_server.h"

namespace sotto::directory {
namespace {

using testing::address_of;
using testing::kNow;
using testing::TestAccount;
using testing::TestServer;

AccountId account(std::uint8_t number) {
  ByteArray<16> octets{};
  octets[0] = number;
  return AccountId(octets);
}

/// A counter on a store in memory that can crash.
struct Counter {
  explicit Counter(const RateLimits& wanted) : limits(wanted) { restart(); }
  void restart() {
    contacts.reset();
    commits = std::make_unique<storage::Commits>(store);
    contacts = std::make_unique<FirstContacts>(store, *commits, random, limits);
  }
  void crash() {
    contacts.reset();
    commits.reset();
    store.crash();
    restart();
  }
  DirectoryResult<ContactPass> admit(const AccountId& asker, const AccountId& target, UnixMs now,
                                     ByteView pass = {}) {
    auto slot = testing::make_slot<ContactPass>();
    contacts->admit(asker, target, pass, now, testing::into(slot));
    store.sync();
    if (!slot->has_value()) {
      ADD_FAILURE() << "no answer";
      return err(Failure{DirectoryError::overloaded});
    }
    return **slot;
  }

  crypto::DeterministicRandom random{51};
  RateLimits limits;
  std::unique_ptr<storage::Commits> commits;
  storage::MemoryStore store{[this](const std::vector<storage::Completion>& group) {
    for (const auto& completion : group) commits->on_completion(completion);
  }};
  std::unique_ptr<FirstContacts> contacts;
};

TEST(FirstContacts, AreCountedOnceForEachAccountAndSaidWhenTheNextMayCome) {
  Counter counter({.first_contacts_per_hour = 2, .first_contacts_per_day = 3});
  const AccountId me = account(200);
  EXPECT_TRUE(counter.admit(me, account(1), kNow));
  EXPECT_TRUE(counter.admit(me, account(2), kNow + minutes(10)));
  EXPECT_TRUE(counter.admit(me, account(1), kNow + minutes(20)));
  const auto refused = counter.admit(me, account(3), kNow + minutes(20));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, DirectoryError::first_contact_limited);
  EXPECT_EQ(refused.error().retry_after, minutes(40));
  EXPECT_TRUE(counter.admit(account(201), account(3), kNow + minutes(20))) << "another asker is not hindered";
  EXPECT_TRUE(counter.admit(me, account(3), kNow + hours(1)));
  const auto tomorrow = counter.admit(me, account(4), kNow + hours(3));
  ASSERT_FALSE(tomorrow);
  EXPECT_EQ(tomorrow.error().retry_after, hours(21)) << "three in a day";
  EXPECT_EQ(counter.contacts->count(me, kNow + hours(3)).value(), 3U);
  EXPECT_TRUE(counter.admit(me, account(4), kNow + hours(24)));
  EXPECT_EQ(counter.contacts->refused(), 2U);
}

TEST(FirstContacts, WhoShowsThePassIsNotCountedAndNobodyElseCanUseIt) {
  Counter counter({.first_contacts_per_hour = 1, .first_contacts_per_day = 1});
  const AccountId me = account(200);
  const auto pass = counter.admit(me, account(1), kNow);
  ASSERT_TRUE(pass);
  counter.crash();
  ASSERT_TRUE(counter.admit(me, account(2), kNow + days(3)));
  EXPECT_FALSE(counter.admit(me, account(1), kNow + days(3)));
  EXPECT_EQ(counter.admit(me, account(1), kNow + days(3), *pass).value(), *pass);
  EXPECT_FALSE(counter.admit(me, account(3), kNow + days(3), *pass)) << "of another account";
  EXPECT_TRUE(counter.admit(account(201), account(9), kNow + days(3)));
  EXPECT_FALSE(counter.admit(account(201), account(1), kNow + days(3), *pass)) << "of another asker";
  ContactPass bent = *pass;
  bent[15] ^= 1;
  EXPECT_FALSE(counter.admit(me, account(1), kNow + days(3), bent));
}

TEST(FirstContacts, ACrashForgivesNobodyAndNoCountIsForgottenBetweenTwoAnswers) {
  Counter counter({.first_contacts_per_hour = 2, .first_contacts_per_day = 2});
  const AccountId me = account(200);
  EXPECT_TRUE(counter.admit(me, account(1), kNow));
  // Two in flight at once count both.
  auto second = testing::make_slot<ContactPass>();
  auto third = testing::make_slot<ContactPass>();
  counter.contacts->admit(me, account(2), {}, kNow, testing::into(second));
  counter.contacts->admit(me, account(3), {}, kNow, testing::into(third));
  counter.store.sync();
  EXPECT_TRUE(second->value());
  EXPECT_FALSE(third->value());
  counter.crash();
  EXPECT_TRUE(counter.admit(me, account(2), kNow));
  EXPECT_FALSE(counter.admit(me, account(3), kNow));
}

TEST(FirstContacts, WhatTheDiskDoesNotTakeIsNotAdmitted) {
  Counter counter({});
  counter.store.fail_next_commits(1, storage::StorageError::io_error);
  const auto failed = counter.admit(account(200), account(1), kNow);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error, DirectoryError::storage_unavailable);
  EXPECT_TRUE(counter.admit(account(200), account(1), kNow));
}

TEST(FirstContacts, AreForgottenAfterADayWithTheKeyThatHidesThem) {
  Counter counter({});
  const Bytes from = {0};
  ASSERT_TRUE(counter.admit(account(200), account(1), kNow));
  const auto written = counter.store.scan(first_contact_partition(), from, std::nullopt, {});
  ASSERT_EQ(written->entries.size(), 2U);
  const Bytes keys = written->entries[1].value;
  EXPECT_EQ(keys.size(), 1U + 48 + 56);
  counter.contacts->tick(kNow + hours(23));
  counter.store.sync();
  EXPECT_TRUE(counter.store.get(first_contact_partition(), first_contact_key(account(200)))->has_value());
  counter.contacts->tick(kNow + days(2));
  counter.store.sync();
  const auto left = counter.store.scan(first_contact_partition(), from, std::nullopt, {});
  ASSERT_EQ(left->entries.size(), 1U);
  EXPECT_TRUE(equal(ByteView(left->entries[0].value).first(49), ByteView(keys).first(49)));
  EXPECT_FALSE(equal(ByteView(left->entries[0].value).subspan(49), ByteView(keys).subspan(49)));
}

TEST(FirstContacts, DamageIsSaidAndNotForgiven) {
  Counter counter({});
  storage::Batch damage(first_contact_partition());
  damage.put(first_contact_key(account(200)), {1, 2});
  ASSERT_TRUE(counter.store.commit(std::move(damage), {~0ULL}));
  counter.store.sync();
  EXPECT_EQ(counter.admit(account(200), account(1), kNow).error().error, DirectoryError::corrupt);
  EXPECT_EQ(counter.contacts->count(account(200), kNow).error().error, DirectoryError::corrupt);
  storage::Batch keys(first_contact_partition());
  keys.put(Bytes{'K'}, {2});
  ASSERT_TRUE(counter.store.commit(std::move(keys), {~0ULL}));
  counter.store.sync();
  counter.restart();
  EXPECT_EQ(counter.admit(account(201), account(1), kNow).error().error, DirectoryError::corrupt);
}

TEST(FirstContacts, RecordsRoundTripAndRefuseAnythingElse) {
  const std::vector<FirstContact> begun = {{kNow, 7}, {kNow + minutes(1), 8}};
  const Bytes octets = encode(begun);
  EXPECT_EQ(decode_first_contacts(octets), begun);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    const auto cut = decode_first_contacts(ByteView(octets).first(length));
    EXPECT_EQ(cut.has_value(), length == 1 || length == 17) << length;
  }
  EXPECT_FALSE(decode_first_contacts(Bytes(1 + 16 * (kMaxFirstContacts + 1), 1)));
}

/// Property: whatever the order of asking, waiting and crashing, of the accounts that somebody was let
/// through to, never more than the limits lie in any hour and in any day, and whom it was let through to in
/// the last day is never refused.
TEST(FirstContacts, NeverMoreThanTheLimitsInAnyHourAndAnyDay) {
  rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps) {
    Counter counter({.first_contacts_per_hour = 3, .first_contacts_per_day = 7});
    const AccountId me = account(255);
    UnixMs now = kNow;
    std::map<std::uint8_t, UnixMs> counted;  // when each was let through as a new one
    std::deque<UnixMs> times;
    for (const auto& [what, whom] : steps) {
      if (what % 8 == 0) counter.crash();
      if (what % 8 == 1) counter.contacts->tick(now);
      now = now + DurationMs{minutes(1).value * (what / 4)};
      const bool known = counted.contains(whom) && elapsed(counted[whom], now) < hours(24);
      const bool admitted = counter.admit(me, account(whom), now).has_value();
      if (known) RC_ASSERT(admitted);
      if (known || !admitted) continue;
      counted[whom] = now;
      times.push_back(now);
      const auto within = [&](DurationMs window) {
        return std::ranges::count_if(times, [&](UnixMs time) { return elapsed(time, now) < window; });
      };
      RC_ASSERT(within(hours(1)) <= 3);
      RC_ASSERT(within(hours(24)) <= 7);
    }
  });
}

TEST(FirstContacts, CountWithBundlesOfStrangersAloneAndTheAnswerHasThePass) {
  TestServer server(52, {.first_contacts_per_hour = 1, .first_contacts_per_day = 1});
  const TestAccount alice{server.random};
  const TestAccount bob{server.random};
  const TestAccount carol{server.random};
  ASSERT_TRUE(server.register_account(alice, "alice"));
  ASSERT_TRUE(server.register_account(bob, "bob"));
  ASSERT_TRUE(server.register_account(carol, "carol"));
  const AccountId& me = alice.account.id;
  EXPECT_TRUE(server.fetch(me, address_of(alice))->bundles.pass().empty()) << "own devices";
  EXPECT_EQ(server.fetch(me, {AccountId{}, bob.device.id}).error().error, DirectoryError::no_such_account);
  const auto first = server.fetch(me, address_of(bob));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->bundles.pass().size(), 16U);
  const auto limited = server.fetch(me, address_of(carol));
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().error, DirectoryError::first_contact_limited);
  EXPECT_EQ(server.directory->first_contacts_refused(), 1U);
  EXPECT_EQ(server.directory->first_contacts(me, kNow).value(), 1U);
  server.crash();
  EXPECT_FALSE(server.fetch(me, address_of(carol)));
  auto request = TestServer::bundles_of(address_of(bob));
  request.set_pass(first->bundles.pass());
  ASSERT_TRUE(server.fetch(me, address_of(carol), kNow + days(2)));
  EXPECT_FALSE(server.fetch(me, address_of(bob), kNow + days(2)));
  const auto known = server.ask<Fetched>(
      [&](auto reply) { server.directory->fetch_bundles(me, request, kNow + days(2), std::move(reply)); });
  EXPECT_TRUE(known) << "a contact of long ago";
}

}  // namespace
}  // namespace sotto::directory
