// Strangers, and what the user makes of them, through whole clients over a FakeServer.
#include "bytes/hex.h"
#include "client/attachments/policy.h"
#include "client/attachments/transfers.h"
#include "client/contacts/contact_records.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/links/records.h"
#include "client/outbox/queue.h"
#include "client/requests/decisions.h"
#include "client/requests/reports.h"
#include "client/requests/rules.h"
#include "client/requests/standing.h"
#include "client/safety/cards.h"
#include "client/sync/registers.h"
#include "client/test_content.h"

namespace sotto::client::testing {
namespace {

class RequestsTest : public ContentTest {
 protected:
  /// Bob decides about strangers; Alice is one.
  void begin() {
    sign_up_both();
    follow_rule(bob_, v1::ContactRules::ANYBODY);
  }
  std::vector<v1::Conversation> requests(TestClient& client) {
    return request_records(*client.database, *client.core->self(), now_);
  }
  std::vector<std::string> unread(TestClient& client) {
    std::vector<std::string> out;
    for (const auto& [row, message] :
         unread_messages(*client.database, *client.core->self(), 100, false, now_)) {
      if (!message.has_system()) out.push_back(message.body());
    }
    return out;
  }
  template <typename Decide>
  auto decide(TestClient& client, std::string_view whom, Decide&& decide) {
    return act(client, [&](Work& work) { return decide(work, whom); });
  }
  void write(TestClient& client, std::string_view to, std::string_view text) {
    send(client, to, text);
    settle();
  }
  v1::ContactRules rules(TestClient& client) { return contact_rules(*client.database, *client.core->self()); }
  std::string renew_link(TestClient& client) {
    act(client, [](Work& work) {
      renew_contact_link(work);
      return true;
    });
    return rules(client).link();
  }

  TestClient mallory_{9, 99};
};

TEST_F(RequestsTest, AStrangersMessageWaitsApartAndNobodyIsTold) {
  begin();
  write(alice_, "bob", "hello");
  const auto waiting = requests(bob_);
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0].conversation(), "alice");
  EXPECT_EQ(waiting[0].messages(), 1U);
  EXPECT_TRUE(waiting[0].request());
  EXPECT_FALSE(waiting[0].has_newest());
  EXPECT_TRUE(conversation_records(*bob_.database, *bob_.core->self(), now_).empty());
  EXPECT_TRUE(unread(bob_).empty());
  EXPECT_EQ(count_requests(*bob_.database, *bob_.core->self()), 1U);
  EXPECT_TRUE(bob_.newest("alice").request());
  pass(hours(2));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::SENT);
  EXPECT_FALSE(find_contact(*alice_.database, "bob")->heard) << "no answer of any kind";
}

TEST_F(RequestsTest, ReadingARequestTellsNobodyAndTypingNeither) {
  begin();
  write(alice_, "bob", "hello");
  act(bob_, [](Work& work) { return read_conversation(work, "alice"); });
  pass(minutes(1));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::SENT);
  const auto told = act(bob_, [](Work& work) { return signal_typing(work, "alice", true); });
  EXPECT_FALSE(told.value());
  v1::Content typing;
  typing.mutable_typing()->set_active(true);
  forge(alice_, "bob", typing);
  EXPECT_FALSE(std::ranges::any_of(bob_.events, [](const v1::Event& event) { return event.has_typing(); }));
}

TEST_F(RequestsTest, AcceptingLetsReceiptsGoAndEndsTheRequest) {
  begin();
  write(alice_, "bob", "one");
  write(alice_, "bob", "two");
  const auto accepted = decide(bob_, "alice", accept_request);
  ASSERT_TRUE(accepted);
  EXPECT_FALSE(accepted->request());
  EXPECT_TRUE(requests(bob_).empty());
  EXPECT_EQ(unread(bob_), (std::vector<std::string>{"one", "two"}));
  for (const auto& message : alice_.messages("bob").first) EXPECT_EQ(message.state(), v1::Message::DELIVERED);
  write(alice_, "bob", "three");
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::DELIVERED);
  EXPECT_EQ(decide(bob_, "alice", accept_request).error(), ComposeError::no_request);
  EXPECT_EQ(decide(bob_, "nobody", accept_request).error(), ComposeError::no_conversation);
}

TEST_F(RequestsTest, AnsweringAcceptsAndRevealsNoLink) {
  begin();
  write(alice_, "bob", "see https://example.org/x");
  write(bob_, "alice", "who are you?");
  EXPECT_TRUE(requests(bob_).empty());
  const auto message = bob_.messages("alice").first.front();
  EXPECT_FALSE(message.request());
  ASSERT_EQ(message.links_size(), 1);
  EXPECT_TRUE(message.links(0).inert());
  EXPECT_EQ(message.links(0).host(), "example.org");
  EXPECT_EQ(message.links(0).url(), "");
  EXPECT_EQ(alice_.messages("bob").first.front().state(), v1::Message::DELIVERED);
}

TEST_F(RequestsTest, LinksAreRevealedOneMessageAtATimeAndNotThoseOfLaterEdits) {
  begin();
  write(alice_, "bob", "see https://example.org/x");
  write(bob_, "alice", "hm");
  const auto id = id_of(bob_, "alice", "see https://example.org/x");
  EXPECT_TRUE(act(bob_, [&](Work& work) { return reveal_links(work, "alice", id); }));
  EXPECT_EQ(at(bob_, "alice", id).links(0).url(), "https://example.org/x");
  EXPECT_FALSE(at(bob_, "alice", id).links(0).inert());
  EXPECT_TRUE(edit(alice_, "bob", id, "see https://examp1e.org/x"));
  const auto edited = at(bob_, "alice", id);
  ASSERT_EQ(edited.links_size(), 1);
  EXPECT_TRUE(edited.links(0).inert());
  EXPECT_EQ(edited.links(0).resembles(), "example.org");
  const auto none = act(bob_, [&](Work& work) { return reveal_links(work, "alice", "last"); });
  EXPECT_TRUE(none) << "the newest of hers has a link";
  const auto own = id_of(bob_, "alice", "hm");
  EXPECT_EQ(act(bob_, [&](Work& work) { return reveal_links(work, "alice", own); }).error(),
            ComposeError::no_links);
  EXPECT_EQ(alice_.messages("bob").first.front().links(0).inert(), false) << "own links are links";
}

TEST_F(RequestsTest, DeletingErasesAndLetsThemAskAgain) {
  begin();
  write(alice_, "bob", "buy this");
  EXPECT_TRUE(decide(bob_, "alice", delete_request));
  EXPECT_TRUE(requests(bob_).empty());
  EXPECT_TRUE(bob_.texts("alice").empty());
  pass(hours(2));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::SENT);
  write(alice_, "bob", "please");
  ASSERT_EQ(requests(bob_).size(), 1U);
  EXPECT_EQ(requests(bob_)[0].messages(), 1U);
}

TEST_F(RequestsTest, BlockingKeepsThemOut) {
  begin();
  write(alice_, "bob", "buy this");
  EXPECT_TRUE(decide(bob_, "alice", block_request));
  write(alice_, "bob", "buy that");
  EXPECT_TRUE(bob_.texts("alice").empty());
  EXPECT_TRUE(requests(bob_).empty());
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::SENT);
}

TEST_F(RequestsTest, NothingOfARequestIsFetched) {
  begin();
  act(bob_, [](Work& work) {
    save_policy(work.db, {.senders = FetchFrom::everybody});
    return true;
  });
  write(alice_, "bob", "hello");
  const auto record = find_conversation(*bob_.database, *bob_.core->self(), "alice");
  EXPECT_FALSE(
      fetches(*bob_.database, *bob_.core->self(), load_policy(*bob_.database), record->id, false, 10));
  const auto files = [&] {
    return act(bob_, [](Work& work) { return message_files(work, "alice", "last"); });
  };
  EXPECT_EQ(files().error(), ComposeError::not_accepted);
  decide(bob_, "alice", accept_request);
  EXPECT_TRUE(files()->empty());
  EXPECT_TRUE(
      fetches(*bob_.database, *bob_.core->self(), load_policy(*bob_.database), record->id, false, 10));
}

TEST_F(RequestsTest, OwnDevicesDecideTogether) {
  begin();
  link_second_device();
  write(alice_, "bob", "hello");
  EXPECT_EQ(requests(bob_).size(), 1U);
  EXPECT_EQ(requests(bob2_).size(), 1U);
  decide(bob2_, "alice", accept_request);
  EXPECT_TRUE(requests(bob_).empty());
  EXPECT_EQ(alice_.newest("bob").deliveries_size(), 2) << "each device tells what it has";

  clients_.push_back(&mallory_);
  sign_up(mallory_, "mallory");
  write(mallory_, "bob", "spam");
  EXPECT_EQ(requests(bob2_).size(), 1U);
  decide(bob_, "mallory", delete_request);
  EXPECT_TRUE(requests(bob2_).empty());
  EXPECT_TRUE(bob2_.texts("mallory").empty());
  write(mallory_, "bob", "spam again");
  decide(bob2_, "mallory", block_request);
  EXPECT_TRUE(requests(bob_).empty());
  write(mallory_, "bob", "more spam");
  EXPECT_TRUE(bob_.texts("mallory").empty());
  EXPECT_TRUE(bob2_.texts("mallory").empty());
}

TEST_F(RequestsTest, WhoeverWasWrittenToIsNoStrangerOnDevicesThatComeLater) {
  begin();
  write(bob_, "alice", "hello");
  link_second_device();
  write(alice_, "bob", "hello yourself");
  EXPECT_TRUE(requests(bob2_).empty());
  EXPECT_EQ(alice_.newest("bob").deliveries_size(), 2);
}

TEST_F(RequestsTest, ANameTheUserGaveMakesSomebodyKnown) {
  begin();
  write(alice_, "bob", "hello");
  set(bob_, "alice", Write::NAME, 0, "Alice from work");
  EXPECT_TRUE(requests(bob_).empty());
  pass(hours(2));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::DELIVERED);
}

TEST_F(RequestsTest, NobodyMeansThatStrangersAreNotThere) {
  begin();
  follow_rule(bob_, v1::ContactRules::NOBODY);
  write(alice_, "bob", "hello");
  EXPECT_TRUE(bob_.texts("alice").empty());
  EXPECT_FALSE(find_contact(*bob_.database, "alice")) << "nobody asked who that is";
  pass(hours(2));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::SENT);
  write(bob_, "alice", "it is me who begins");
  write(alice_, "bob", "hello again");
  EXPECT_EQ(bob_.texts("alice").back(), "hello again");
  EXPECT_TRUE(requests(bob_).empty());
}

TEST_F(RequestsTest, HoldersOfTheLinkMayWriteUntilItIsRenewed) {
  begin();
  follow_rule(bob_, v1::ContactRules::LINK);
  const std::string link = renew_link(bob_);
  write(alice_, "bob", "without");
  EXPECT_TRUE(requests(bob_).empty());
  const auto kept = act(alice_, [&](Work& work) { return use_contact_link(work, link); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, "bob");
  write(alice_, "bob", "with");
  ASSERT_EQ(requests(bob_).size(), 1U);
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"with"});
  renew_link(bob_);
  write(alice_, "bob", "with the old one");
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"with"});
  act(bob_, [](Work& work) {
    withdraw_contact_link(work);
    return true;
  });
  EXPECT_EQ(rules(bob_).link(), "");
  for (const std::string_view text :
       {"", "SOTTO:CONTACT/1/bob", "SOTTO:CONTACT/1/bob/00", "SOTTO:CONTACT/2/bob/"}) {
    EXPECT_EQ(act(alice_, [&](Work& work) { return use_contact_link(work, text); }).error(),
              ComposeError::bad_contact_link);
  }
}

TEST_F(RequestsTest, ARuleOfALaterVersionKeepsStrangersOut) {
  begin();
  act(bob_, [](Work& work) {
    write_register(work, Write::CONTACT_RULE, work.self.account_id().view(), 77);
    return true;
  });
  EXPECT_EQ(rules(bob_).from(), v1::ContactRules::NOBODY);
}

TEST_F(RequestsTest, AGroupOfStrangersIsARequestAndOneOfAFriendIsNot) {
  begin();
  clients_.push_back(&mallory_);
  sign_up(mallory_, "mallory");
  const auto create = [&](TestClient& client, std::string_view name) {
    perform(client, client.core->look_up("bob", now_).value().effects);
    settle();
    EXPECT_TRUE(act(client, [&](Work& work) { return create_group(work, name, {"bob"}); }).has_value());
  };
  write(bob_, "alice", "hello");
  create(alice_, "friends");
  create(mallory_, "bargains");
  ASSERT_EQ(requests(bob_).size(), 0U) << "nothing was said there yet";
  write(alice_, "#friends", "hello all");
  write(mallory_, "#bargains", "buy");
  ASSERT_EQ(requests(bob_).size(), 1U);
  EXPECT_EQ(requests(bob_)[0].title(), "bargains");
  EXPECT_EQ(unread(bob_), std::vector<std::string>{"hello all"});
  EXPECT_EQ(mallory_.newest("#bargains").state(), v1::Message::SENT);
  EXPECT_EQ(alice_.newest("#friends").state(), v1::Message::DELIVERED);
  const std::string group = requests(bob_)[0].conversation();
  follow_rule(bob_, v1::ContactRules::NOBODY);
  write(mallory_, "#bargains", "buy more");
  EXPECT_EQ(bob_.texts("#bargains"), std::vector<std::string>{"buy"});
  EXPECT_TRUE(decide(bob_, group, accept_request));
  EXPECT_EQ(mallory_.messages("#bargains").first.front().state(), v1::Message::DELIVERED);
}

TEST_F(RequestsTest, MembersOfOwnGroupsMayWriteWhereTheRuleSaysSo) {
  begin();
  clients_.push_back(&mallory_);
  sign_up(mallory_, "mallory");
  follow_rule(bob_, v1::ContactRules::GROUPS);
  write(alice_, "bob", "as a stranger");
  EXPECT_TRUE(requests(bob_).empty());
  for (const std::string_view handle : {"alice", "mallory"}) {
    perform(bob_, bob_.core->look_up(handle, now_).value().effects);
    settle();
  }
  EXPECT_TRUE(act(bob_, [](Work& work) { return create_group(work, "club", {"alice"}); }).has_value());
  write(alice_, "bob", "as a member");
  ASSERT_EQ(requests(bob_).size(), 1U);
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"as a member"});
  write(mallory_, "bob", "from outside");
  EXPECT_EQ(requests(bob_).size(), 1U);
}

TEST_F(RequestsTest, AStrangerWhoseNameLooksLikeAFriendsIsPointedOut) {
  begin();
  write(bob_, "alice", "hello");
  clients_.push_back(&mallory_);
  sign_up(mallory_, "a1ice");
  write(mallory_, "bob", "it is me");
  ASSERT_EQ(requests(bob_).size(), 1U);
  EXPECT_EQ(requests(bob_)[0].contact().resembles(), "alice");
}

TEST_F(RequestsTest, AReportSaysWhatTheUserSawAndBlocks) {
  begin();
  write(alice_, "bob", "buy");
  write(alice_, "bob", "buy this");
  const auto shown = act(bob_, [](Work& work) { return preview_report(work, "alice"); });
  ASSERT_TRUE(shown);
  ASSERT_EQ(shown->messages_size(), 2);
  const ReportWish wish{.why = "sells things", .messages = {shown->messages(1).message_id()}};
  const auto report = act(bob_, [&](Work& work) { return report_person(work, "alice", wish); });
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->blocked());
  ASSERT_EQ(server_.reports.size(), 1U);
  EXPECT_EQ(to_hex(wire::octets(server_.reports[0].account())), report->account());
  EXPECT_EQ(server_.reports[0].why(), "sells things");
  ASSERT_EQ(server_.reports[0].excerpts_size(), 1);
  EXPECT_EQ(server_.reports[0].excerpts(0).text(), "buy this");
  EXPECT_TRUE(report_standing(*bob_.database, *report).sent);
  EXPECT_TRUE(requests(bob_).empty());
  write(alice_, "bob", "buy that");
  EXPECT_TRUE(bob_.texts("alice").empty());
}

TEST_F(RequestsTest, AReportWithoutMessagesHasNoneAndAContactNeedNotBeBlocked) {
  begin();
  write(alice_, "bob", "hello");
  decide(bob_, "alice", accept_request);
  const auto report =
      act(bob_, [](Work& work) { return report_person(work, "alice", {.why = "rude", .keep = true}); });
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->blocked());
  ASSERT_EQ(server_.reports.size(), 1U);
  EXPECT_EQ(server_.reports[0].excerpts_size(), 0);
  write(alice_, "bob", "more");
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"hello", "more"}));
}

TEST_F(RequestsTest, AReportWaitsForTheServerOverARestartAndARefusalForGoodIsSaid) {
  begin();
  write(alice_, "bob", "buy");
  disconnect(bob_);
  act(bob_, [](Work& work) { return report_person(work, "alice", {.why = "first"}); });
  const auto report =
      act(bob_, [](Work& work) { return report_person(work, "alice", {.why = "second"}); }).value();
  bob_.restart();
  const auto standing = [&] { return report_standing(*bob_.database, report); };
  EXPECT_FALSE(standing().sent);
  EXPECT_EQ(unsent(*bob_.database), 1U);
  v1::Error::Code answer = v1::Error::RATE_LIMITED;
  std::uint64_t retry = minutes(5).value;
  server_.tamper = [&](const v1::ClientFrame& request, v1::ServerFrame& out) {
    if (!request.has_report_account() || answer == v1::Error::CODE_UNSPECIFIED) return;
    out.Clear();
    out.mutable_error()->set_code(answer);
    out.mutable_error()->set_retry_after_ms(retry);
  };
  connect(bob_);
  settle();
  EXPECT_FALSE(standing().sent);
  EXPECT_EQ(standing().refusal, "");
  server_.reports.clear();
  answer = v1::Error::CODE_UNSPECIFIED;
  pass(minutes(30));
  ASSERT_EQ(server_.reports.size(), 1U);
  EXPECT_EQ(server_.reports[0].why(), "second") << "the newer one took the place of the first";
  answer = v1::Error::NO_SUCH_ACCOUNT;
  retry = 0;
  act(bob_, [](Work& work) { return report_person(work, "alice", {}); });
  EXPECT_EQ(standing().refusal, "NO_SUCH_ACCOUNT");
  EXPECT_EQ(unsent(*bob_.database), 0U);
  EXPECT_TRUE(bob_.saw(v1::Problem::REPORT_REFUSED));
}

TEST_F(RequestsTest, TheAnswerToAReportIsNotTakenForThatToANewerOne) {
  begin();
  write(alice_, "bob", "buy");
  const auto report = [&](const std::string& why) {
    auto outcome = bob_.core->command(
        now_, [&](Work& work) { return report_person(work, "alice", {.why = why, .keep = true}); });
    perform(bob_, std::move(outcome.value().effects));
  };
  report("first");
  report("second");
  settle();
  ASSERT_EQ(server_.reports.size(), 2U);
  EXPECT_EQ(server_.reports[1].why(), "second");
  EXPECT_EQ(unsent(*bob_.database), 0U);
}

TEST_F(RequestsTest, AReportIsAboutAPersonAndOfWhatTheySaid) {
  begin();
  write(alice_, "bob", "buy");
  write(bob_, "alice", "no");
  const std::string own = bob_.messages("alice").first.back().message_id();
  const auto error_of = [&](std::string_view whom, const ReportWish& wish) {
    return act(bob_, [&](Work& work) { return report_person(work, whom, wish); }).error();
  };
  EXPECT_EQ(error_of("nobody", {}), ComposeError::no_conversation);
  EXPECT_EQ(error_of("alice", {.why = std::string(1001, 'x')}), ComposeError::bad_report);
  EXPECT_EQ(error_of("alice", {.why = "\xff"}), ComposeError::bad_report);
  EXPECT_EQ(error_of("alice", {.messages = {own}}), ComposeError::bad_report);
  EXPECT_EQ(error_of("alice", {.messages = std::vector<std::string>(6, "last")}), ComposeError::bad_report);
  EXPECT_EQ(error_of("alice", {.messages = {"ffffffff"}}), ComposeError::no_message);
  write(bob_, "bob", "a note");
  EXPECT_EQ(error_of("bob", {}), ComposeError::not_a_person);
  EXPECT_TRUE(server_.reports.empty());
}

TEST_F(RequestsTest, WhoIsBlockedIsListedAndUnblockedOnEveryDevice) {
  begin();
  link_second_device();
  write(alice_, "bob", "buy");
  decide(bob_, "alice", block_request);
  const auto blocked = [&](TestClient& client) {
    return blocked_records(*client.database, *client.core->self(), now_);
  };
  ASSERT_EQ(blocked(bob_).size(), 1U);
  EXPECT_EQ(blocked(bob_)[0].conversation(), "alice");
  EXPECT_TRUE(blocked(bob_)[0].settings().blocked());
  EXPECT_FALSE(blocked(bob_)[0].has_newest());
  ASSERT_EQ(blocked(bob2_).size(), 1U);
  // A device that never saw anything of them knows the account alone.
  const std::string stranger(32, '7');
  act(bob_, [&](Work& work) {
    write_register(work, v1::SyncEvent::Write::BLOCKED, *from_hex(stranger), 1);
    return true;
  });
  ASSERT_EQ(blocked(bob2_).size(), 2U);
  const auto unknown = decide(bob2_, stranger, unblock);
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->settings().blocked());
  EXPECT_EQ(decide(bob2_, stranger, unblock).error(), ComposeError::no_conversation);
  EXPECT_FALSE(decide(bob2_, "alice", unblock)->settings().blocked());
  EXPECT_TRUE(blocked(bob_).empty());
  write(alice_, "bob", "sorry");
  EXPECT_EQ(requests(bob_).size(), 1U);
}

TEST(SafetyCards, AreTheSameInEveryLanguageAndShort) {
  const auto english = safety_cards("");
  EXPECT_EQ(safety_cards("xx").front().title(), english.front().title());
  const auto swedish = safety_cards("sv-FI");
  ASSERT_EQ(swedish.size(), english.size());
  for (std::size_t i = 0; i < english.size(); ++i) {
    EXPECT_EQ(swedish[i].id(), english[i].id());
    EXPECT_EQ(swedish[i].language(), "sv");
    EXPECT_NE(swedish[i].title(), english[i].title());
    EXPECT_LE(english[i].text().size(), 400U);
    EXPECT_LE(swedish[i].text().size(), 450U);
  }
}

}  // namespace
}  // namespace sotto::client::testing
