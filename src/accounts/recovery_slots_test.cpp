#include "accounts/recovery_slots.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "storage/memory_store.h"
#include "wire/decode.h"

namespace sotto::accounts {
namespace {

using identity::AccountId;
constexpr UnixMs kNow{1'800'000'000'000};

class RecoverySlotsTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{3};
  AccountId alice{random.array<16>()};
  AccountId bob{random.array<16>()};
  storage::MemoryStore store{[this](const std::vector<storage::Completion>& group) {
    for (const auto& completion : group) slots.on_completion(completion);
  }};
  RecoverySlots slots{store};
  UnixMs now = kNow;

  static v1::RecoverySlot slot(char id, const std::string& access, const std::string& sealed) {
    v1::RecoverySlot out;
    out.set_slot(std::string(16, id));
    out.set_access_hash(wire::field(crypto::sha256(as_bytes(access))));
    out.set_sealed(sealed);
    return out;
  }
  static v1::StoreRecovery request(const std::vector<v1::RecoverySlot>& all) {
    v1::StoreRecovery out;
    for (const auto& each : all) *out.add_slots() = each;
    return out;
  }
  AccountsResult<void> replace(const AccountId& account, const std::vector<v1::RecoverySlot>& all) {
    AccountsResult<void> out = err(AccountsError::corrupt);
    slots.replace(account, request(all), now, [&](auto result) { out = result; });
    while (store.sync() > 0) {
    }
    return out;
  }
  AccountsResult<v1::RecoverySlot> fetch(const AccountId& account, char id, const std::string& access) {
    return slots.fetch(account, as_bytes(std::string(16, id)), as_bytes(access));
  }
};

TEST_F(RecoverySlotsTest, GivesWhatWasStoredToWhoKnowsTheAccess) {
  ASSERT_TRUE(replace(alice, {slot('1', "open", "sealed"), slot('2', "sesame", "other")}));
  const auto first = fetch(alice, '1', "open");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->sealed(), "sealed");
  EXPECT_EQ(first->stored_ms(), now.value);
  EXPECT_EQ(fetch(alice, '2', "sesame")->sealed(), "other");

  EXPECT_EQ(fetch(alice, '1', "sesame").error(), AccountsError::no_such_recovery_slot);
  EXPECT_EQ(fetch(alice, '3', "open").error(), AccountsError::no_such_recovery_slot);
  EXPECT_EQ(fetch(alice, '1', "").error(), AccountsError::no_such_recovery_slot);
  EXPECT_EQ(fetch(bob, '1', "open").error(), AccountsError::no_such_recovery_slot);
}

TEST_F(RecoverySlotsTest, AllSlotsAreReplacedAtOnce) {
  ASSERT_TRUE(replace(alice, {slot('1', "a", "old"), slot('2', "b", "old")}));
  now = now + hours(1);
  ASSERT_TRUE(replace(alice, {slot('2', "c", "new")}));
  EXPECT_EQ(fetch(alice, '1', "a").error(), AccountsError::no_such_recovery_slot);
  EXPECT_EQ(fetch(alice, '2', "b").error(), AccountsError::no_such_recovery_slot);
  EXPECT_EQ(fetch(alice, '2', "c")->sealed(), "new");
  const auto listed = slots.list(alice);
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->slots_size(), 1);
  EXPECT_EQ(listed->slots(0).slot(), std::string(16, '2'));
  EXPECT_TRUE(listed->slots(0).sealed().empty());
  EXPECT_EQ(listed->slots(0).stored_ms(), now.value);
  ASSERT_TRUE(replace(alice, {}));
  EXPECT_EQ(slots.list(alice)->slots_size(), 0);
}

TEST_F(RecoverySlotsTest, WhatWasAcceptedSurvivesACrashAndWhatWasNotIsNotThere) {
  ASSERT_TRUE(replace(alice, {slot('1', "a", "durable")}));
  bool answered = false;
  slots.replace(alice, request({slot('1', "a", "lost")}), now, [&](auto) { answered = true; });
  store.crash();
  EXPECT_FALSE(answered);
  EXPECT_EQ(fetch(alice, '1', "a")->sealed(), "durable");
}

TEST_F(RecoverySlotsTest, OneReplacementOfAnAccountIsWrittenAtATime) {
  std::vector<AccountsError> errors;
  slots.replace(alice, request({slot('1', "a", "x")}), now, [](auto) {});
  slots.replace(alice, request({slot('2', "a", "y")}), now, [&](auto result) {
    if (!result) errors.push_back(result.error());
  });
  EXPECT_EQ(errors, std::vector{AccountsError::overloaded});
  while (store.sync() > 0) {
  }
  EXPECT_TRUE(replace(alice, {slot('2', "a", "y")}));
}

TEST_F(RecoverySlotsTest, BoundsHold) {
  EXPECT_EQ(replace(alice, {slot('1', "a", "x"), slot('1', "b", "y")}).error(),
            AccountsError::recovery_malformed);
  auto bad = slot('1', "a", "x");
  bad.set_slot("short");
  EXPECT_EQ(replace(alice, {bad}).error(), AccountsError::recovery_malformed);
  bad = slot('1', "a", "x");
  bad.set_access_hash("short");
  EXPECT_EQ(replace(alice, {bad}).error(), AccountsError::recovery_malformed);
  EXPECT_EQ(replace(alice, {slot('1', "a", "")}).error(), AccountsError::recovery_malformed);
  EXPECT_EQ(replace(alice, {slot('1', "a", std::string(kMaxSealedSlot + 1, 'x'))}).error(),
            AccountsError::recovery_too_large);
  EXPECT_TRUE(replace(alice, {slot('1', "a", std::string(kMaxSealedSlot, 'x'))}));
  EXPECT_EQ(replace(alice, {slot('1', "a", "x"), slot('2', "a", "x"), slot('3', "a", "x"),
                            slot('4', "a", "x"), slot('5', "a", "x")})
                .error(),
            AccountsError::recovery_too_large);
}

TEST_F(RecoverySlotsTest, StoringIsLimitedByTheDay) {
  for (std::uint32_t i = 0; i < kMaxRecoveryStoresPerDay; ++i) {
    ASSERT_TRUE(replace(alice, {slot('1', "a", "x")})) << i;
  }
  EXPECT_EQ(replace(alice, {slot('1', "a", "x")}).error(), AccountsError::too_many_stores);
  EXPECT_TRUE(replace(bob, {slot('1', "a", "x")}));
  now = now + hours(24);
  slots.tick(now);
  EXPECT_TRUE(replace(alice, {slot('1', "a", "x")}));
}

TEST_F(RecoverySlotsTest, FailuresOfTheStoreAreSaid) {
  store.fail_next_commits(1, storage::StorageError::no_space);
  EXPECT_EQ(replace(alice, {slot('1', "a", "x")}).error(), AccountsError::storage_unavailable);
  store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(slots.list(alice).error(), AccountsError::corrupt);
}

TEST_F(RecoverySlotsTest, RecordsComeBackAndEveryTruncationIsRefused) {
  const RecoverySlotRecord record{.access_hash = random.array<32>(), .stored = now, .sealed = Bytes(100, 9)};
  const Bytes octets = encode(record);
  EXPECT_EQ(decode_recovery_slot(octets), record);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    EXPECT_FALSE(decode_recovery_slot(ByteView(octets).first(length))) << length;
  }
  Bytes longer = octets;
  longer.push_back(0);
  EXPECT_FALSE(decode_recovery_slot(longer));
  const RecoverySlotId id = random.array<16>();
  EXPECT_EQ(recovery_slot_id(recovery_slot_key(id)), id);
  EXPECT_FALSE(recovery_slot_id(as_bytes("S1234")));
  EXPECT_FALSE(recovery_slot_id(as_bytes("X0123456789abcdef")));
}

TEST(DailyCountsTest, CountsADayFromTheFirst) {
  crypto::DeterministicRandom random(4);
  const AccountId alice{random.array<16>()};
  DailyCounts counts(2);
  EXPECT_TRUE(counts.allow(alice, kNow));
  EXPECT_TRUE(counts.allow(alice, kNow + hours(23)));
  EXPECT_FALSE(counts.allow(alice, kNow + hours(23)));
  EXPECT_TRUE(counts.allow(alice, kNow + hours(24)));
  EXPECT_FALSE(DailyCounts(0).allow(alice, kNow));
  for (std::size_t i = 1; i < DailyCounts::kMaxAccounts; ++i) {
    ASSERT_TRUE(counts.allow(AccountId{random.array<16>()}, kNow + hours(24)));
  }
  const AccountId late{random.array<16>()};
  EXPECT_FALSE(counts.allow(late, kNow + hours(25)));
  counts.tick(kNow + hours(49));
  EXPECT_TRUE(counts.allow(late, kNow + hours(49)));
}

}  // namespace
}  // namespace sotto::accounts
