#include "accounts/notices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "accounts/sign_in_limits.h"
#include "crypto/random.h"
#include "storage/memory_store.h"

namespace sotto::accounts {
namespace {

constexpr UnixMs kNow{1'800'000'000'000};
using Kind = v1::AccountNotice;

class NoticesTest : public ::testing::Test {
 protected:
  NoticesTest() { restart(); }
  void restart() { notices = std::make_unique<Notices>(store); }
  void settle() {
    while (store.sync() > 0) {
    }
  }
  /// Its number, 0 on failure; without waiting for the disk unless told.
  std::uint64_t add(v1::AccountNotice::Kind kind, UnixMs now = kNow) {
    std::uint64_t number = 0;
    notices->add(alice, kind, "192.0.2.1", now, [&](const auto& notice) {
      if (notice) number = notice->number();
      failure = notice ? std::nullopt : std::optional(notice.error());
    });
    settle();
    return number;
  }
  std::vector<std::uint64_t> numbers(UnixMs now = kNow) {
    std::vector<std::uint64_t> out;
    for (const auto& notice : *notices->all(alice, now)) out.push_back(notice.number());
    return out;
  }

  crypto::DeterministicRandom random{1};
  std::unique_ptr<Notices> notices;
  std::optional<AccountsError> failure;
  storage::MemoryStore store{[this](const std::vector<storage::Completion>& group) {
    for (const auto& completion : group) notices->on_completion(completion);
  }};
  identity::AccountId alice{random.array<16>()};
};

TEST_F(NoticesTest, AreNumberedAndKeptInOrder) {
  EXPECT_EQ(add(Kind::SIGN_IN_FAILED), 1U);
  EXPECT_EQ(add(Kind::SIGNED_IN, kNow + seconds(1)), 2U);
  const auto all = *notices->all(alice, kNow);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].kind(), Kind::SIGN_IN_FAILED);
  EXPECT_EQ(all[1].kind(), Kind::SIGNED_IN);
  EXPECT_EQ(all[1].time_ms(), (kNow + seconds(1)).value);
  EXPECT_EQ(all[1].address(), "192.0.2.1");
  EXPECT_TRUE(notices->all(identity::AccountId(random.array<16>()), kNow)->empty());
}

TEST_F(NoticesTest, TwoAtOnceGetTwoNumbers) {
  std::vector<std::uint64_t> given;
  for (int i = 0; i < 3; ++i) {
    notices->add(alice, Kind::SIGN_IN_FAILED, "", kNow,
                 [&](const auto& notice) { given.push_back(notice->number()); });
  }
  EXPECT_TRUE(given.empty());  // not before they are durable
  settle();
  EXPECT_EQ(given, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(NoticesTest, AfterAMonthOneIsGoneAndItsNumberIsNotUsedAgain) {
  add(Kind::SIGNED_IN);
  EXPECT_EQ(numbers(kNow + kNoticeKept), std::vector<std::uint64_t>{});
  EXPECT_EQ(add(Kind::SIGNED_IN, kNow + kNoticeKept), 2U);
  store.crash();
  restart();
  EXPECT_EQ(numbers(kNow), std::vector<std::uint64_t>{2});
  EXPECT_EQ(add(Kind::SIGNED_IN, kNow + kNoticeKept), 3U);
}

TEST_F(NoticesTest, NoiseDoesNotPushOutWhatMatters) {
  const std::uint64_t matters = add(Kind::SIGNED_IN);
  for (std::size_t i = 0; i < 2 * kMaxNotices; ++i) add(Kind::SIGN_IN_FAILED);
  const auto kept = numbers();
  EXPECT_EQ(kept.size(), kMaxNotices);
  EXPECT_EQ(kept.front(), matters);
  EXPECT_EQ(kept.back(), 2 * kMaxNotices + 1);
  // Where nothing is noise the oldest goes.
  for (std::size_t i = 0; i < kMaxNotices; ++i) add(Kind::SIGNED_IN);
  EXPECT_EQ(std::ranges::count(numbers(), matters), 0);
  EXPECT_EQ(numbers().size(), kMaxNotices);
}

TEST_F(NoticesTest, AddressesAreCut) {
  notices->add(alice, Kind::SIGNED_IN, std::string(1000, 'x'), kNow, [](const auto&) {});
  settle();
  EXPECT_EQ(notices->all(alice, kNow)->front().address().size(), kMaxNoticeAddress);
}

TEST_F(NoticesTest, AStoreThatFailsSaysSo) {
  store.fail_next_commits(1, storage::StorageError::no_space);
  EXPECT_EQ(add(Kind::SIGNED_IN), 0U);
  EXPECT_EQ(failure, AccountsError::storage_unavailable);
  store.fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(add(Kind::SIGNED_IN), 0U);
  store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(notices->all(alice, kNow).error(), AccountsError::corrupt);
  EXPECT_EQ(add(Kind::SIGNED_IN), 1U);
}

}  // namespace
}  // namespace sotto::accounts
