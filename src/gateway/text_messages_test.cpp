#include "gateway/text_messages.h"

#include <gtest/gtest.h>

#include <memory>

#include "gateway/sms_limits.h"
#include "storage/memory_store.h"
#include "wire/decode.h"

namespace sotto::gateway {
namespace {

constexpr UnixMs kNow{1'800'000'000'000};
constexpr std::string_view kBob = "+46701112233";
constexpr std::string_view kServerNumber = "+46700000001";

class TextMessagesTest : public ::testing::Test, public SmsOutput {
 protected:
  TextMessagesTest() {
    rules.numbers = {std::string(kServerNumber)};
    rules.server = "chat.example";
    restart();
  }
  void restart() { texts = std::make_unique<TextMessages>(store, random, rules, *this); }
  void settle() {
    while (store.sync() > 0) {
    }
  }
  v1::SendSms request(std::string_view words, std::string_view number = kBob) {
    v1::SendSms out;
    out.set_number(std::string(number));
    out.set_text(std::string(words));
    out.set_id(wire::field(random.array<16>()));
    return out;
  }
  TextMessages::Sender alice(bool proven = true) { return {alice_id, "+46709999999", proven}; }
  SmsResult<v1::SmsSent> send(const v1::SendSms& sms, const TextMessages::Sender& sender) {
    SmsResult<v1::SmsSent> answer = err(SmsError::corrupt);
    texts->send(sender, sms, now, [&](SmsResult<v1::SmsSent> result) { answer = std::move(result); });
    settle();
    return answer;
  }
  SmsResult<v1::SmsSent> send(std::string_view words, std::string_view number = kBob) {
    return send(request(words, number), alice());
  }
  SmsError refusal(const v1::SendSms& sms, const TextMessages::Sender& sender) {
    const auto sent = send(sms, sender);
    EXPECT_FALSE(sent) << "was sent";
    return sent ? SmsError::unknown_text : sent.error();
  }
  std::optional<SmsError> report(const SmsRef& ref, SmsState state) {
    std::optional<SmsError> error = SmsError::corrupt;
    texts->report(ref, state, now, [&](SmsResult<void> result) {
      error = result ? std::nullopt : std::optional(result.error());
    });
    settle();
    return error;
  }
  std::optional<SmsError> receive(std::string_view text, std::string from = "46701112233",
                                  std::string id = "") {
    std::optional<SmsError> error = SmsError::corrupt;
    texts->receive(
        {std::move(from), "46700000001", std::string(text), std::move(id)}, now,
        [&](SmsResult<void> result) { error = result ? std::nullopt : std::optional(result.error()); });
    settle();
    return error;
  }
  const OutgoingSms& last() { return handed.back(); }
  std::vector<v1::SmsReport::State> told_states() {
    std::vector<v1::SmsReport::State> out;
    for (const auto& [account, event] : told) {
      if (event.has_report()) out.push_back(event.report().state());
    }
    return out;
  }
  /// Everything that the store holds, as one text.
  std::string stored() {
    std::string out;
    const auto page = store.scan(sms_partition(), {}, std::nullopt, {});
    for (const auto& entry : page->entries) out += as_chars(entry.value);
    return out;
  }

  void hand_over(const OutgoingSms& text) override { handed.push_back(text); }
  void tell(const identity::AccountId& account, const v1::GatewayEvent& event,
            std::move_only_function<void(bool)> done) override {
    if (mailboxes_work) told.emplace_back(account, event);
    done(mailboxes_work);
  }

  crypto::DeterministicRandom random{1};
  identity::AccountId alice_id{random.array<16>()};
  identity::AccountId carol_id{random.array<16>()};
  SmsRules rules;
  UnixMs now = kNow;
  std::vector<OutgoingSms> handed;
  std::vector<std::pair<identity::AccountId, v1::GatewayEvent>> told;
  bool mailboxes_work = true;
  std::unique_ptr<TextMessages> texts;
  storage::MemoryStore store{[this](const std::vector<storage::Completion>& group) {
    for (const auto& completion : group) texts->on_completion(completion);
  }};
};

TEST_F(TextMessagesTest, ATextIsAcceptedHandedOverAndReportedAndThenItsNumbersAreGone) {
  const auto sent = send("hej", "+46 (0)70 111 22 33");
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->from(), kServerNumber);
  EXPECT_EQ(sent->number(), kBob);
  EXPECT_EQ(sent->parts(), 1U);
  ASSERT_EQ(handed.size(), 1U);
  EXPECT_EQ(last().to, kBob);
  EXPECT_EQ(last().text,
            "+46709999999 writes through chat.example. Not encrypted. Answer STOP to end this.\n\nhej");
  EXPECT_NE(stored().find("hej"), std::string::npos);

  texts->handed_over(last().ref, HandOver::accepted, now);
  settle();
  EXPECT_EQ(stored().find("hej"), std::string::npos) << "words are kept though Kannel has them";
  EXPECT_FALSE(report(last().ref, SmsState::at_carrier));
  EXPECT_FALSE(report(last().ref, SmsState::delivered));
  EXPECT_EQ(told_states(), (std::vector{v1::SmsReport::AT_CARRIER, v1::SmsReport::DELIVERED}));
  EXPECT_EQ(told[0].first, alice_id);
  now = now + kTextKept;
  texts->tick(now);
  settle();
  EXPECT_EQ(report(last().ref, SmsState::delivered), SmsError::unknown_text);
}

TEST_F(TextMessagesTest, OnlyTheFirstTextOfARouteIntroducesItsSender) {
  send("one");
  send("two");
  EXPECT_EQ(last().text, "two");
}

TEST_F(TextMessagesTest, TheSameIdAgainIsAnsweredAndNotSentAgain) {
  const v1::SendSms sms = request("hej");
  const auto first = send(sms, alice());
  const auto again = send(sms, alice());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(handed.size(), 1U);
  store.crash();
  restart();
  EXPECT_TRUE(send(sms, alice()));
  EXPECT_EQ(texts->counts().accepted, 0U);
}

TEST_F(TextMessagesTest, TheSameIdWhileItIsWrittenIsToldToWait) {
  const v1::SendSms sms = request("hej");
  texts->send(alice(), sms, now, [](const auto& result) { EXPECT_TRUE(result); });
  texts->send(alice(), sms, now, [](const auto& result) { EXPECT_EQ(result.error(), SmsError::overloaded); });
  settle();
}

TEST_F(TextMessagesTest, WhatWasAcceptedIsHandedOverAfterACrash) {
  send("hej");
  handed.clear();
  store.crash();
  restart();
  texts->tick(now);
  ASSERT_EQ(handed.size(), 1U);
  EXPECT_TRUE(last().text.ends_with("hej"));
}

TEST_F(TextMessagesTest, AHandOverThatFailsIsTriedAgainLaterAndGivenUpAfterADay) {
  send("hej");
  texts->handed_over(last().ref, HandOver::failed, now);
  texts->tick(now + seconds(4));
  EXPECT_EQ(handed.size(), 1U);
  texts->tick(now + seconds(5));
  EXPECT_EQ(handed.size(), 2U);
  texts->handed_over(last().ref, HandOver::failed, now + kHandOverTime);
  settle();
  EXPECT_EQ(told_states(), std::vector{v1::SmsReport::FAILED});
}

TEST_F(TextMessagesTest, ATextThatTheGatewayRefusesHasFailed) {
  send("hej");
  texts->handed_over(last().ref, HandOver::refused, now);
  settle();
  EXPECT_EQ(told_states(), std::vector{v1::SmsReport::FAILED});
}

TEST_F(TextMessagesTest, AReportBeforeTheHandOverIsDoneCountsAndStaysTheLastWord) {
  send("hej");
  EXPECT_FALSE(report(last().ref, SmsState::delivered));
  texts->handed_over(last().ref, HandOver::accepted, now);
  EXPECT_FALSE(report(last().ref, SmsState::at_carrier));
  EXPECT_EQ(told_states(), std::vector{v1::SmsReport::DELIVERED});
}

TEST_F(TextMessagesTest, AReportThatCannotBeStoredIsNotAnsweredWithSuccess) {
  send("hej");
  texts->handed_over(last().ref, HandOver::accepted, now);
  settle();
  store.fail_next_commits(1, storage::StorageError::io_error);
  EXPECT_EQ(report(last().ref, SmsState::delivered), SmsError::storage_unavailable);
  EXPECT_EQ(report(last().ref, SmsState::delivered), SmsError::storage_unavailable) << "still not stored";
  EXPECT_TRUE(told.empty());
  texts->tick(now + kSmsRetry);
  settle();
  EXPECT_EQ(told_states(), std::vector{v1::SmsReport::DELIVERED});
  EXPECT_FALSE(report(last().ref, SmsState::delivered));
}

TEST_F(TextMessagesTest, DevicesAreToldOnceMailboxesWorkAgainAlsoAfterACrash) {
  send("hej");
  mailboxes_work = false;
  EXPECT_FALSE(report(last().ref, SmsState::delivered));
  store.crash();
  restart();
  mailboxes_work = true;
  texts->tick(now);
  settle();
  EXPECT_EQ(told_states(), std::vector{v1::SmsReport::DELIVERED});
  texts->tick(now + kSmsRetry);
  settle();
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(TextMessagesTest, ATextWithoutAReportEndsAfterThreeDays) {
  send("hej");
  texts->handed_over(last().ref, HandOver::accepted, now);
  settle();
  texts->tick(now + kTextKept);
  settle();
  EXPECT_EQ(told_states(), std::vector{v1::SmsReport::NO_REPORT});
  texts->tick(now + kTextKept + kSmsRetry);
  settle();
  EXPECT_EQ(report(last().ref, SmsState::delivered), SmsError::unknown_text);
}

TEST_F(TextMessagesTest, NobodySendsWithoutANumberOrPermission) {
  EXPECT_EQ(refusal(request("x"), alice(false)), SmsError::not_allowed);
  rules.senders = SmsSenders::everybody;
  restart();
  EXPECT_TRUE(send(request("x"), alice(false)));
  rules.senders = SmsSenders::nobody;
  restart();
  EXPECT_EQ(refusal(request("x"), alice()), SmsError::unavailable);
  rules = {};
  restart();
  EXPECT_EQ(refusal(request("x"), alice()), SmsError::unavailable);
}

TEST_F(TextMessagesTest, RefusesWhatIsNoTextToANumber) {
  v1::SendSms sms = request("");
  EXPECT_EQ(refusal(sms, alice()), SmsError::malformed);
  sms = request("x");
  sms.set_id("short");
  EXPECT_EQ(refusal(sms, alice()), SmsError::malformed);
  EXPECT_EQ(refusal(request("\xff"), alice()), SmsError::malformed);
  EXPECT_EQ(refusal(request("x", "bob"), alice()), SmsError::number_invalid);
  EXPECT_EQ(refusal(request(std::string(1'600, 'x')), alice()), SmsError::too_long);
  EXPECT_EQ(refusal(request(std::string(kMaxSmsOctets + 1, 'x')), alice()), SmsError::too_long);
  EXPECT_EQ(refusal(request("x", kServerNumber), alice()), SmsError::unreachable)
      << "the server's own number";
  rules.prefixes = {"+47"};
  restart();
  EXPECT_EQ(refusal(request("x"), alice()), SmsError::unreachable);
  EXPECT_EQ(texts->charge_code(std::string(kBob), now).error(), SmsError::unreachable);
}

TEST_F(TextMessagesTest, AnAnswerFindsTheAccountThatWroteAndNobodyElse) {
  EXPECT_EQ(receive("hello"), SmsError::unroutable);
  send("hej");
  EXPECT_FALSE(receive("hello"));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].first, alice_id);
  EXPECT_EQ(told[0].second.received().from(), kBob);
  EXPECT_EQ(told[0].second.received().text(), "hello");
  EXPECT_EQ(receive("hello", "46702222222"), SmsError::unroutable);
  EXPECT_EQ(receive("hello", "BANK"), SmsError::unroutable);
  mailboxes_work = false;
  EXPECT_EQ(receive("hello"), SmsError::storage_unavailable);
}

TEST_F(TextMessagesTest, ATextThatTheGatewayBringsAgainHasTheSameId) {
  send("hej");
  receive("hello", "46701112233", "k1");
  receive("hello", "46701112233", "k1");
  receive("hello", "46701112233", "k2");
  receive("hello");
  const auto id = [&](std::size_t i) { return told[i].second.received().id(); };
  EXPECT_EQ(id(0), id(1));
  EXPECT_NE(id(0), id(2));
  EXPECT_NE(id(2), id(3));
  EXPECT_EQ(id(3).size(), 16U);
}

TEST_F(TextMessagesTest, AnOverlongAnswerIsCutAndSaysSo) {
  send("hej");
  receive(std::string(kMaxIncomingOctets - 1, 'x') + "å");
  EXPECT_EQ(told[0].second.received().text().size(), kMaxIncomingOctets - 1);
  EXPECT_TRUE(told[0].second.received().cut());
}

TEST_F(TextMessagesTest, StopEndsItAndStartBeginsAgain) {
  send("hej");
  EXPECT_FALSE(receive("Stop. "));
  EXPECT_EQ(refusal(request("please"), alice()), SmsError::stopped);
  store.crash();
  restart();
  EXPECT_EQ(refusal(request("please"), alice()), SmsError::stopped);
  EXPECT_FALSE(receive("only talking"));
  EXPECT_EQ(refusal(request("please"), alice()), SmsError::stopped);
  EXPECT_FALSE(receive("start"));
  EXPECT_TRUE(send("thanks"));
  EXPECT_EQ(told.size(), 3U) << "the words themselves are shown too";
}

TEST_F(TextMessagesTest, ANumberIsOneAccountsTowardsARecipientUntilItIsLongUnused) {
  const TextMessages::Sender carol{carol_id, "carol", true};
  send("hej");
  EXPECT_EQ(refusal(request("x"), carol), SmsError::no_number);
  EXPECT_TRUE(send(request("x", "+46702222222"), carol));
  rules.numbers.emplace_back("+46700000002");
  restart();
  EXPECT_EQ(send(request("x"), carol)->from(), "+46700000002");
  rules.numbers.pop_back();
  restart();
  now = now + kRouteKept;
  const auto taken_over = send(request("x"), carol);
  ASSERT_TRUE(taken_over);
  EXPECT_EQ(taken_over->from(), kServerNumber);
  receive("hello");
  EXPECT_EQ(told.back().first, carol_id);
}

TEST_F(TextMessagesTest, RoutesThatAreOverAreErased) {
  send("hej");
  texts->tick(now + kRouteKept);
  settle();
  EXPECT_TRUE(texts->routes_of(alice_id).empty());
  EXPECT_EQ(receive("late"), SmsError::unroutable);
}

TEST_F(TextMessagesTest, BudgetsAreCountedFromWhatIsRememberedAlsoAfterACrash) {
  rules.budgets = {.parts_per_day = 8,
                   .account_parts_per_day = 5,
                   .account_texts_per_hour = 3,
                   .account_recipients_per_day = 2};
  restart();
  ASSERT_TRUE(send("a"));
  ASSERT_TRUE(send("b", "+46702222222"));
  EXPECT_EQ(refusal(request("c", "+46703333333"), alice()), SmsError::too_many_recipients);
  ASSERT_TRUE(send("c"));
  EXPECT_EQ(refusal(request("d"), alice()), SmsError::too_many_texts);
  store.crash();
  restart();
  EXPECT_EQ(refusal(request("d"), alice()), SmsError::too_many_texts);
  now = now + hours(1);
  EXPECT_EQ(refusal(request(std::string(400, 'd')), alice()), SmsError::too_many_parts);
  ASSERT_TRUE(send(std::string(300, 'd')));
  const TextMessages::Sender carol{carol_id, "carol", true};
  ASSERT_TRUE(send(request("x", "+46704444444"), carol));
  EXPECT_TRUE(texts->charge_code("+46705555555", now));
  EXPECT_EQ(refusal(request(std::string(300, 'x'), "+46704444444"), carol), SmsError::budget_spent);
  EXPECT_TRUE(texts->charge_code("+46705555555", now));
  EXPECT_EQ(texts->charge_code("+46705555555", now).error(), SmsError::budget_spent);
  now = now + days(1);
  EXPECT_TRUE(send("e"));
}

TEST_F(TextMessagesTest, AnAccountThatWasTurnedOffLeavesNothing) {
  send("hej");
  texts->forget(alice_id);
  settle();
  EXPECT_EQ(stored(), "");
  texts->handed_over(last().ref, HandOver::accepted, now);
  EXPECT_EQ(receive("hello"), SmsError::unroutable);
}

TEST_F(TextMessagesTest, AFailedWriteTakesNothing) {
  store.fail_next_commits(1, storage::StorageError::io_error);
  EXPECT_EQ(refusal(request("hej"), alice()), SmsError::storage_unavailable);
  EXPECT_TRUE(handed.empty());
  send("again");
  EXPECT_NE(last().text.find("writes through"), std::string::npos) << "nobody was introduced yet";
}

TEST_F(TextMessagesTest, NothingIsTakenWhileTheStoreCannotBeReadOrIsDamaged) {
  send("hej");
  restart();
  store.fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(refusal(request("x"), alice()), SmsError::storage_unavailable);
  EXPECT_TRUE(send("x"));
  storage::Batch damage(sms_partition());
  damage.put(text_key(SmsRef(random.array<16>())), Bytes(3, 1));
  store.commit(std::move(damage), {999});
  settle();
  restart();
  EXPECT_EQ(refusal(request("x"), alice()), SmsError::corrupt);
}

TEST_F(TextMessagesTest, OnlySoManyTextsAreInTheSendersHands) {
  rules.budgets = {.parts_per_day = 1'000,
                   .account_parts_per_day = 1'000,
                   .account_texts_per_hour = 1'000,
                   .account_recipients_per_day = 1'000};
  restart();
  for (std::size_t i = 0; i < kMaxInHands + 2; ++i) send("x");
  EXPECT_EQ(handed.size(), kMaxInHands);
  EXPECT_EQ(texts->counts().waiting, kMaxInHands + 2);
  texts->handed_over(handed[0].ref, HandOver::accepted, now);
  EXPECT_EQ(handed.size(), kMaxInHands + 1);
}

}  // namespace
}  // namespace sotto::gateway
