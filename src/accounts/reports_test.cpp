#include "accounts/reports.h"

#include <gtest/gtest.h>

#include <memory>

#include "storage/memory_store.h"
#include "wire/decode.h"

namespace sotto::accounts {
namespace {

constexpr UnixMs kNow{1'800'000'000'000};

identity::AccountId account(std::uint16_t number) {
  ByteArray<16> octets{};
  octets[0] = static_cast<std::uint8_t>(number);
  octets[1] = static_cast<std::uint8_t>(number >> 8U);
  return identity::AccountId(octets);
}

v1::ReportAccount report_about(const identity::AccountId& whom, const std::string& why = "sells things") {
  v1::ReportAccount request;
  request.set_account(wire::field(whom.view()));
  request.set_why(why);
  auto& said = *request.add_excerpts();
  said.set_sent_ms(kNow.value - 5);
  said.set_text("buy");
  return request;
}

class ReportsTest : public ::testing::Test {
 protected:
  ReportsTest() { restart(); }
  void restart() { reports = std::make_unique<Reports>(store, random); }
  AccountsResult<void> file(const identity::AccountId& reporter, const v1::ReportAccount& request,
                            UnixMs now = kNow) {
    AccountsResult<void> answer = err(AccountsError::corrupt);
    reports->file(reporter, request, now, [&](AccountsResult<void> result) { answer = result; });
    store.sync();
    return answer;
  }
  AccountsResult<void> dismiss(const ReportId& id) {
    AccountsResult<void> answer = err(AccountsError::corrupt);
    reports->dismiss(id, [&](AccountsResult<void> result) { answer = result; });
    store.sync();
    return answer;
  }
  std::size_t count() { return reports->list().value().size(); }

  crypto::DeterministicRandom random{61};
  std::unique_ptr<Reports> reports;
  storage::MemoryStore store{[this](const std::vector<storage::Completion>& group) {
    for (const auto& completion : group) reports->on_completion(completion);
  }};
};

TEST_F(ReportsTest, AreKeptOverARestartUntilDismissed) {
  ASSERT_TRUE(file(account(1), report_about(account(9))));
  restart();
  const auto all = reports->list().value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].account, account(9));
  EXPECT_EQ(all[0].time, kNow);
  const auto found = reports->find(all[0].id).value();
  EXPECT_EQ(found.why, "sells things");
  ASSERT_EQ(found.excerpts.size(), 1U);
  EXPECT_EQ(found.excerpts[0].text, "buy");
  ASSERT_TRUE(dismiss(all[0].id));
  EXPECT_EQ(count(), 0U);
  EXPECT_EQ(dismiss(all[0].id).error(), AccountsError::no_such_report);
  EXPECT_EQ(reports->find(all[0].id).error(), AccountsError::no_such_report);
}

TEST_F(ReportsTest, CountEachReporterOnceForAnAccountAndNameNobody) {
  ASSERT_TRUE(file(account(1), report_about(account(9), "first")));
  ASSERT_TRUE(file(account(1), report_about(account(9), "second"), kNow + hours(1)));
  ASSERT_TRUE(file(account(2), report_about(account(9), "third"), kNow + hours(2)));
  const auto all = reports->list().value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(reports->find(all[0].id)->why, "third");
  EXPECT_EQ(reports->find(all[1].id)->why, "second");
  for (const auto& entry : store.scan(report_partition(), Bytes{0}, std::nullopt, {})->entries) {
    for (const auto* octets : {&entry.key, &entry.value}) {
      EXPECT_EQ(std::ranges::search(*octets, account(1).view()).begin(), octets->end()) << "who reported";
    }
  }
}

TEST_F(ReportsTest, RefuseWhatIsTooLongNamesNobodyOrOneself) {
  const auto error_of = [&](const v1::ReportAccount& request) { return file(account(1), request).error(); };
  EXPECT_EQ(error_of(v1::ReportAccount()), AccountsError::report_malformed);
  EXPECT_EQ(error_of(report_about(account(1))), AccountsError::report_malformed);
  EXPECT_EQ(error_of(report_about(account(9), std::string(kMaxReportReason + 1, 'x'))),
            AccountsError::report_malformed);
  auto request = report_about(account(9));
  request.mutable_excerpts(0)->set_text(std::string(kMaxReportExcerpt + 1, 'x'));
  EXPECT_EQ(error_of(request), AccountsError::report_malformed);
  request = report_about(account(9));
  for (std::size_t i = 0; i < kMaxReportExcerpts; ++i) *request.add_excerpts() = request.excerpts(0);
  EXPECT_EQ(error_of(request), AccountsError::report_malformed);
  EXPECT_EQ(count(), 0U);
}

TEST_F(ReportsTest, OneReporterFilesTenADay) {
  for (std::uint16_t i = 0; i < kReportsPerDay; ++i) {
    EXPECT_TRUE(file(account(1), report_about(account(100 + i))));
  }
  EXPECT_EQ(file(account(1), report_about(account(200))).error(), AccountsError::too_many_reports);
  EXPECT_TRUE(file(account(1), report_about(account(200)), kNow + days(1)));
}

TEST_F(ReportsTest, TheOldestAboutWhoeverHasMostGivesWay) {
  for (std::uint16_t i = 0; i < kMaxReportsAbout; ++i) {
    ASSERT_TRUE(file(account(1000 + i), report_about(account(9)), kNow + seconds(i)));
  }
  ASSERT_TRUE(file(account(2000), report_about(account(9)), kNow + hours(1)));
  EXPECT_EQ(count(), kMaxReportsAbout);
  EXPECT_EQ(reports->list()->back().time, kNow + seconds(1)) << "the first one gave way";
  for (std::uint16_t i = 0; count() < kMaxReports; ++i) {
    ASSERT_TRUE(file(account(3000 + i), report_about(account(5000 + i)), kNow + hours(2)));
  }
  ASSERT_TRUE(file(account(2001), report_about(account(10)), kNow + hours(3)));
  EXPECT_EQ(count(), kMaxReports);
  EXPECT_EQ(reports->list()->back().time, kNow + seconds(2)) << "who floods pushes out its own";
}

TEST_F(ReportsTest, AreErasedAfterNinetyDays) {
  ASSERT_TRUE(file(account(1), report_about(account(9))));
  ASSERT_TRUE(file(account(1), report_about(account(10)), kNow + days(1)));
  restart();
  reports->tick(kNow + kReportKept);
  store.sync();
  const auto left = reports->list().value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].account, account(10));
}

TEST_F(ReportsTest, WhatTheDiskDoesNotTakeIsSaidAndForgotten) {
  store.fail_next_commits(1, storage::StorageError::io_error);
  EXPECT_EQ(file(account(1), report_about(account(9))).error(), AccountsError::storage_unavailable);
  EXPECT_EQ(count(), 0U);
  ASSERT_TRUE(file(account(1), report_about(account(9))));
  const auto id = reports->list()->at(0).id;
  storage::Batch damage(report_partition());
  damage.put(report_key(id), {1});
  ASSERT_TRUE(store.commit(std::move(damage), {~0ULL}));
  store.sync();
  EXPECT_EQ(reports->find(id).error(), AccountsError::corrupt);
  restart();
  EXPECT_EQ(reports->list().error(), AccountsError::corrupt);
}

TEST_F(ReportsTest, RecordsRoundTripAndRefuseEveryOtherLength) {
  const ReportRecord record{.time = kNow, .account = account(9), .why = "why", .excerpts = {{kNow, "a"}}};
  const Bytes octets = encode(record);
  EXPECT_EQ(decode_report(octets), record);
  const std::size_t bare = encode({.time = kNow, .account = account(9), .why = "why", .excerpts = {}}).size();
  for (std::size_t length = 0; length < octets.size(); ++length) {
    EXPECT_EQ(decode_report(ByteView(octets).first(length)).has_value(), length == bare) << length;
  }
}

}  // namespace
}  // namespace sotto::accounts
