// Apps through whole clients over a FakeServer. With real programs: tests/journeys/apps_test.py.
#include <gtest/gtest.h>

#include <set>

#include "client/apps/exchange.h"
#include "client/apps/pseudonyms.h"
#include "client/groups/commands.h"
#include "client/test_content.h"

namespace sotto::client {
namespace {

using testing::TestClient;

class AppsTest : public testing::ContentTest {
 protected:
  /// A command about apps; refused with an error if it was.
  template <typename Body>
  std::optional<AppError> refused(TestClient& client, const Body& body) {
    const auto outcome = act(client, body);
    return outcome ? std::nullopt : std::optional(outcome.error());
  }
  static v1::AppRequest wish(std::string_view name, const std::vector<std::string>& hear = {}) {
    v1::AppRequest request;
    request.set_name(std::string(name));
    for (const auto& place : hear) request.add_hear(place);
    return request;
  }
  /// Its row and its token.
  std::pair<AppRow, std::string> add(TestClient& client, const v1::AppRequest& request) {
    const auto record = act(client, [&](Work& work) { return add_app(work, request); });
    EXPECT_TRUE(record.has_value());
    return {find_app(*client.database, request.name()).value_or(0), record ? record->token() : ""};
  }
  AppRow add(TestClient& client, std::string_view name, const std::vector<std::string>& hear = {}) {
    return add(client, wish(name, hear)).first;
  }
  void may_send(TestClient& client, std::string_view name, bool yes) {
    auto request = wish(name);
    request.set_may_send(yes);
    ASSERT_FALSE(refused(client, [&](Work& work) { return change_app_grants(work, request); }));
  }
  v1::AppPage page(TestClient& client, AppRow app, std::uint32_t limit = kMaxAppPage) {
    const auto read = messages_for_app(*client.database, *client.core->self(), app, limit, now_);
    EXPECT_TRUE(read.has_value());
    return read.value_or(v1::AppPage());
  }
  std::vector<std::string> told(TestClient& client, AppRow app) {
    std::vector<std::string> out;
    for (const auto& message : page(client, app).messages()) out.push_back(message.text());
    return out;
  }
  std::optional<AppError> answer(TestClient& client, AppRow app, const std::string& id,
                                 std::string_view text) {
    return refused(client, [&](Work& work) { return answer_as_app(work, app, id, text); });
  }
  void say(TestClient& client, std::string_view to, std::string_view body) {
    send(client, to, body);
    settle();
  }
  /// Every id that an app ever saw.
  static std::set<std::string> ids_in(const v1::AppAbout& about, const v1::AppPage& page) {
    std::set<std::string> out{about.user()};
    for (const auto& message : page.messages()) {
      out.insert({message.message_id(), message.conversation(), message.sender()});
    }
    return out;
  }
  v1::AppAbout about(TestClient& client, AppRow app) {
    return app_about(*client.database, *client.core->self(), app);
  }
};

TEST_F(AppsTest, AnAppIsToldWhatItsUserAddressesToItAndNothingElse) {
  begin();
  const AppRow calc = add(alice_, "calc");
  const AppRow other = add(alice_, "other");
  for (const char* text : {"hello", "/calculus", "see /calc 1", "/ calc 1", "//calc 1", "/weather Lund"}) {
    say(alice_, "bob", text);
  }
  say(alice_, "bob", "/calc 1+1");
  say(alice_, "alice", "/Calc\n 2+2 ");
  say(alice_, "bob", "/calc");
  say(bob_, "alice", "/calc 3+3");
  EXPECT_EQ(told(alice_, calc), (std::vector<std::string>{"1+1", "2+2 ", ""}));
  EXPECT_TRUE(told(alice_, other).empty());
  EXPECT_EQ(bob_.texts("alice").size(), 11U) << "the others read whatever was said, to whomever";

  // Nothing in what it sees is anything of the account's, the conversation's or the people's.
  const std::string seen = page(alice_, calc).ShortDebugString() + about(alice_, calc).ShortDebugString();
  const auto account = [](TestClient& client) { return to_hex(client.core->self()->account_id().view()); };
  for (const auto& secret :
       {std::string("alice"), std::string("bob"), account(alice_), account(bob_),
        id_of(alice_, "bob", "/calc 1+1"), to_hex(alice_.core->self()->device.id.view())}) {
    EXPECT_EQ(seen.find(secret), std::string::npos) << secret;
  }
  EXPECT_EQ(page(alice_, calc).messages(0).sender(), about(alice_, calc).user());
  EXPECT_TRUE(page(alice_, calc).messages(0).by_user());
  EXPECT_NE(page(alice_, calc).messages(0).conversation(), page(alice_, calc).messages(1).conversation());
  EXPECT_EQ(page(alice_, calc).messages(0).conversation(), page(alice_, calc).messages(2).conversation());
}

TEST_F(AppsTest, OthersAreHeardWhereTheUserSaidSoAndOnlyThere) {
  begin();
  const AppRow calc = add(alice_, "calc", {"bob"});
  say(bob_, "alice", "/calc 1");
  ASSERT_EQ(told(alice_, calc), std::vector<std::string>{"1"});
  EXPECT_FALSE(page(alice_, calc).messages(0).by_user());
  EXPECT_NE(page(alice_, calc).messages(0).sender(), about(alice_, calc).user());
  const auto records = app_records(*alice_.database, *alice_.core->self());
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].hears(0), "bob");
  EXPECT_EQ(records[0].waiting(), 1U);
  const std::string id = page(alice_, calc).messages(0).message_id();
  auto less = wish("calc");
  less.add_not_hear("bob");
  ASSERT_FALSE(refused(alice_, [&](Work& work) { return change_app_grants(work, less); }));
  say(bob_, "alice", "/calc 2");
  EXPECT_TRUE(told(alice_, calc).empty()) << "nor what was asked before";
  EXPECT_EQ(answer(alice_, calc, id, "x"), AppError::no_message);

  ASSERT_TRUE(act(alice_, [](Work& work) { return create_group(work, "friends", {"bob"}); }).has_value());
  say(bob_, "#friends", "/calc 3");
  EXPECT_TRUE(told(alice_, calc).empty());
  ASSERT_FALSE(
      refused(alice_, [&](Work& work) { return change_app_grants(work, wish("calc", {"#friends"})); }));
  say(bob_, "#friends", "/calc 4");
  say(alice_, "#friends", "/calc 5");
  EXPECT_EQ(told(alice_, calc), (std::vector<std::string>{"4", "5"}));
}

TEST_F(AppsTest, NothingOfBeforeItWasAddedReachesAnApp) {
  begin();
  link_second_device();
  say(bob_, "alice", "/calc long before");
  disconnect(bob2_);
  say(bob_, "alice", "/calc before");
  pass(seconds(1));
  const AppRow calc = add(bob2_, "calc");
  pass(seconds(1));
  say(bob_, "alice", "/calc after");
  connect(bob2_);
  settle();
  EXPECT_EQ(bob2_.texts("alice").back(), "/calc after");
  EXPECT_EQ(told(bob2_, calc), std::vector<std::string>{"after"})
      << "written on another device of the user's";
  EXPECT_TRUE(page(bob2_, calc).messages(0).by_user());
}

TEST_F(AppsTest, AnAppThatIsAddedAgainKnowsNobodyAndTwoAppsShareNothing) {
  begin();
  const auto ask_all = [&] {
    say(alice_, "bob", "/one x");
    say(bob_, "alice", "/one y");
    say(alice_, "bob", "/two x");
    say(bob_, "alice", "/two y");
  };
  const AppRow one = add(alice_, "one", {"bob"});
  const AppRow two = add(alice_, "two", {"bob"});
  ask_all();
  ask_all();
  const auto first = ids_in(about(alice_, one), page(alice_, one));
  const auto second = ids_in(about(alice_, two), page(alice_, two));
  EXPECT_EQ(first.size(), 4U + 3U) << "4 messages, 2 people, 1 conversation; the same person is the same";
  ASSERT_FALSE(refused(alice_, [](Work& work) { return remove_app(work, "one"); }));
  const AppRow again = add(alice_, "one", {"bob"});
  EXPECT_NE(again, one);
  EXPECT_EQ(page(alice_, again).messages_size(), 0) << "what waited is erased";
  ask_all();
  const auto third = ids_in(about(alice_, again), page(alice_, again));
  EXPECT_EQ(page(alice_, again).messages(0).sequence(), 1U)
      << "nor does a number tell that it was here before";
  EXPECT_EQ(third.size(), 2U + 3U);
  std::set<std::string> all = first;
  all.insert(second.begin(), second.end());
  all.insert(third.begin(), third.end());
  EXPECT_EQ(all.size(), first.size() + second.size() + third.size());
}

TEST_F(AppsTest, PseudonymsAreTheMacOfTheSpecification) {
  // Computed with Python: hmac.new(bytes(range(48)), b"sp1.app-person\0" + bytes(range(16)), "sha384"), and
  // b"sp1.app-conversation\0" + (7).to_bytes(8, "big"); the first 16 octets.
  ByteArray<48> key{};
  ByteArray<16> account{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  std::copy_n(key.begin(), account.size(), account.begin());
  const AppSecret secret = AppSecret::copy_of(key);
  EXPECT_EQ(person_pseudonym(secret, identity::AccountId(account)), "7e9f922aaca4b646a38acf864604dc63");
  EXPECT_EQ(conversation_pseudonym(secret, 7), "6a65622682ebf105b0f428fa1457ee0d");
}

TEST_F(AppsTest, AnswersGoToTheUserAloneUnlessTheUserSaidOtherwise) {
  begin();
  const AppRow calc = add(alice_, "calc", {"bob"});
  say(alice_, "bob", "/calc 1+1");
  const std::string id = page(alice_, calc).messages(0).message_id();
  EXPECT_FALSE(answer(alice_, calc, id, "2 https://calc.example"));
  EXPECT_EQ(bob_.newest("alice").body(), "/calc 1+1");
  const auto note = alice_.newest("alice");
  EXPECT_EQ(note.body(), "2 https://calc.example");
  EXPECT_EQ(note.app(), "calc");
  EXPECT_FALSE(note.has_reply_to());
  ASSERT_EQ(note.links_size(), 1);
  EXPECT_TRUE(note.links(0).inert()) << "a program wrote it";

  may_send(alice_, "calc", true);
  EXPECT_FALSE(answer(alice_, calc, id, "two"));
  const auto heard = bob_.newest("alice");
  EXPECT_EQ(heard.body(), "two");
  EXPECT_EQ(heard.sender(), "alice");
  EXPECT_EQ(heard.app(), "calc");
  EXPECT_EQ(heard.reply_to().body(), "/calc 1+1");
  EXPECT_TRUE(heard.security().end_to_end());
  may_send(alice_, "calc", false);
  EXPECT_FALSE(answer(alice_, calc, id, "only for me"));
  EXPECT_EQ(bob_.newest("alice").body(), "two");
  EXPECT_TRUE(bob_.newest("alice").app() == "calc" && alice_.newest("bob").app() == "calc");

  // What the sender says itself afterwards is its own word.
  ASSERT_TRUE(edit(alice_, "bob", "last", "three").has_value());
  EXPECT_EQ(bob_.newest("alice").body(), "three");
  EXPECT_EQ(bob_.newest("alice").app(), "");
}

TEST_F(AppsTest, AppsDoNotTalkToEachOther) {
  begin();
  const AppRow mine = add(alice_, "calc", {"bob"});
  const AppRow echo = add(alice_, "echo");
  const AppRow his = add(bob_, "calc", {"alice"});
  may_send(alice_, "calc", true);
  say(alice_, "bob", "/calc 1");
  ASSERT_EQ(told(alice_, mine).size(), 1U);
  ASSERT_EQ(told(bob_, his).size(), 1U) << "it is for whoever has an app of that name and lets others ask it";
  const std::string id = page(alice_, mine).messages(0).message_id();
  EXPECT_FALSE(answer(alice_, mine, id, "/echo hi"));
  EXPECT_FALSE(answer(alice_, mine, id, "/calc again"));
  EXPECT_EQ(bob_.newest("alice").body(), "/calc again");
  EXPECT_TRUE(told(alice_, echo).empty());
  EXPECT_EQ(told(alice_, mine).size(), 1U);
  EXPECT_EQ(told(bob_, his).size(), 1U);
}

TEST_F(AppsTest, AnAppAnswersOnlyWhatItWasGivenAndOnlySoMuch) {
  begin();
  const AppRow one = add(alice_, "one");
  const AppRow two = add(alice_, "two");
  say(alice_, "bob", "/one a");
  say(alice_, "bob", "not for it");
  const std::string id = page(alice_, one).messages(0).message_id();
  EXPECT_EQ(answer(alice_, two, id, "x"), AppError::no_message);
  EXPECT_EQ(answer(alice_, one, id_of(alice_, "bob", "/one a"), "x"), AppError::no_message);
  EXPECT_EQ(answer(alice_, one, id_of(alice_, "bob", "not for it"), "x"), AppError::no_message);
  for (const char* wrong : {"", "xyz", "00", "last"})
    EXPECT_EQ(answer(alice_, one, wrong, "x"), AppError::no_message);
  EXPECT_EQ(answer(alice_, one, id, ""), AppError::bad_answer);
  EXPECT_EQ(answer(alice_, one, id, std::string(kMaxAppAnswer + 1, 'x')), AppError::bad_answer);
  EXPECT_EQ(answer(alice_, one, id, "\xff"), AppError::bad_answer);
  for (int i = 0; i < kMaxAnswersEach; ++i) EXPECT_FALSE(answer(alice_, one, id, "x"));
  EXPECT_EQ(answer(alice_, one, id, "x"), AppError::too_many_answers);

  for (int i = 0; i < 10; ++i) say(alice_, "bob", "/one more");
  const auto page = this->page(alice_, one);
  int said = 0;
  for (const auto& message : page.messages()) {
    for (int i = 0; i < kMaxAnswersEach; ++i) said += answer(alice_, one, message.message_id(), "x") ? 0 : 1;
  }
  EXPECT_EQ(said + kMaxAnswersEach, kMaxAnswersAMinute);
  const std::string last = page.messages(page.messages_size() - 1).message_id();
  EXPECT_EQ(answer(alice_, one, last, "x"), AppError::too_often);
  pass(minutes(1));
  EXPECT_FALSE(answer(alice_, one, last, "x"));
  pass(kAppPatience);
  EXPECT_EQ(answer(alice_, one, last, "x"), AppError::no_message);

  may_send(alice_, "one", true);
  say(alice_, "bob", "/one b");
  const std::string blocked = this->page(alice_, one).messages(0).message_id();
  ASSERT_TRUE(set(alice_, "bob", testing::Write::BLOCKED, 1).has_value());
  EXPECT_EQ(answer(alice_, one, blocked, "x"), AppError::not_sent);
}

TEST_F(AppsTest, WhatWasTakenBackOrDisappearedOrEditedAwayIsNotTold) {
  begin();
  const AppRow calc = add(alice_, "calc");
  may_send(alice_, "calc", true);
  say(alice_, "bob", "/calc back");
  const std::string back = page(alice_, calc).messages(0).message_id();
  ASSERT_TRUE(unsend(alice_, "bob", "last").has_value());
  say(alice_, "bob", "/calc other");
  ASSERT_TRUE(edit(alice_, "bob", "last", "never mind").has_value());
  ASSERT_TRUE(ContentTest::say(alice_, "bob", "/calc soon gone", {.reply_to = {}, .lifetime = minutes(5)})
                  .has_value());
  ASSERT_EQ(told(alice_, calc), std::vector<std::string>{"soon gone"});
  EXPECT_EQ(answer(alice_, calc, back, "x"), AppError::no_message);
  const std::string gone = page(alice_, calc).messages(0).message_id();
  EXPECT_FALSE(answer(alice_, calc, gone, "x"));
  EXPECT_LE(bob_.newest("alice").expires_ms(), (now_ + minutes(5)).value) << "nor does an answer stay longer";
  EXPECT_GT(bob_.newest("alice").expires_ms(), 0U);
  now_ = now_ + minutes(5);
  EXPECT_TRUE(told(alice_, calc).empty());
  EXPECT_EQ(answer(alice_, calc, gone, "x"), AppError::no_message);
}

TEST_F(AppsTest, WhatAnAppDoesNotTakeIsBoundedAndCounted) {
  begin();
  const AppRow calc = add(alice_, "calc");
  for (std::uint64_t i = 0; i < kMaxAppMessages + 3; ++i) {
    perform(alice_, alice_.core->send_text("alice", "/calc " + std::to_string(i), now_).value().effects);
  }
  settle();
  EXPECT_EQ(page(alice_, calc).lost(), 3U);
  EXPECT_EQ(page(alice_, calc, 1).messages(0).text(), "3");
  EXPECT_EQ(page(alice_, calc, 1).messages(0).sequence(), 4U);
  EXPECT_FALSE(refused(alice_, [&](Work& work) { return acknowledge_for_app(work, calc, 500); }));
  EXPECT_EQ(told(alice_, calc), (std::vector<std::string>{"500", "501", "502"}));
  EXPECT_FALSE(
      refused(alice_, [&](Work& work) { return acknowledge_for_app(work, calc, ~std::uint64_t{0}); }));
  EXPECT_TRUE(told(alice_, calc).empty());
  say(alice_, "alice", "/calc late");
  pass(kAppPatience);
  EXPECT_TRUE(told(alice_, calc).empty());
  EXPECT_EQ(page(alice_, calc).lost(), 4U);
}

TEST_F(AppsTest, OfARemovedAppNothingIsLeft) {
  begin();
  const auto [calc, token] = add(alice_, wish("calc", {"bob"}));
  EXPECT_EQ(app_with_token(*alice_.database, token), calc);
  EXPECT_EQ(app_with_token(*alice_.database, token.substr(0, token.size() - 1) + "g"), std::nullopt);
  EXPECT_EQ(app_with_token(*alice_.database, ""), std::nullopt);
  const Bytes store = alice_.database->snapshot();
  EXPECT_EQ(as_chars(store).find(token), std::string_view::npos) << "its hash is kept, not the token";
  say(alice_, "bob", "/calc 1");
  const std::string id = page(alice_, calc).messages(0).message_id();
  ASSERT_FALSE(refused(alice_, [](Work& work) { return remove_app(work, "calc"); }));
  EXPECT_EQ(app_with_token(*alice_.database, token), std::nullopt);
  EXPECT_EQ(messages_for_app(*alice_.database, *alice_.core->self(), calc, 1, now_).error(),
            AppError::no_app);
  EXPECT_EQ(answer(alice_, calc, id, "x"), AppError::no_app);
  EXPECT_EQ(refused(alice_, [&](Work& work) { return acknowledge_for_app(work, calc, 1); }),
            AppError::no_app);
  EXPECT_EQ(about(alice_, calc).user(), "");
  store::Rows rows =
      alice_.database->query("SELECT (SELECT count(*) FROM app_message) + (SELECT count(*) FROM app_hears)");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 0);
}

TEST_F(AppsTest, WishesThatMakeNoSenseChangeNothing) {
  begin();
  const auto wrong = [&](const v1::AppRequest& request) {
    return refused(alice_, [&](Work& work) { return add_app(work, request); });
  };
  for (const char* name : {"", "Calc", "1st", "a b", "-x", "caf\xc3\xa9"})
    EXPECT_EQ(wrong(wish(name)), AppError::bad_name);
  EXPECT_EQ(wrong(wish(std::string(33, 'x'))), AppError::bad_name);
  for (const char* place : {"nobody", "alice", "#none", "sms:+46701112233"}) {
    EXPECT_EQ(wrong(wish("calc", {place})), AppError::no_conversation);
  }
  EXPECT_FALSE(find_app(*alice_.database, "calc"));
  add(alice_, "calc");
  EXPECT_EQ(wrong(wish("calc")), AppError::taken);
  EXPECT_EQ(refused(alice_, [](Work& work) { return remove_app(work, "none"); }), AppError::no_app);
  EXPECT_EQ(refused(alice_, [&](Work& work) { return change_app_grants(work, wish("none")); }),
            AppError::no_app);
  act(alice_, [&](Work& work) {
    for (std::uint8_t i = 0; i < kMaxHears; ++i) {
      work.db.run("INSERT INTO app_hears (app, subject) VALUES (1, ?1)", Bytes(16, i));
    }
    return true;
  });
  EXPECT_EQ(refused(alice_, [&](Work& work) { return change_app_grants(work, wish("calc", {"bob"})); }),
            AppError::too_many_places);
  for (std::int64_t i = 1; i < kMaxApps; ++i) add(alice_, "app" + std::to_string(i));
  EXPECT_EQ(wrong(wish("one-more")), AppError::too_many);
  for (int error = 0; error <= static_cast<int>(AppError::not_sent); ++error) {
    EXPECT_NE(describe(static_cast<AppError>(error)), "unknown error");
  }
}

TEST_F(AppsTest, AMarkThatIsNoNameIsLeftOut) {
  begin();
  for (const char* name : {"alice\n", "Weather",
                           "\xe2\x80\xae"
                           "app"}) {
    act(alice_, [&](Work& work) {
      v1::Content content;
      content.mutable_text()->set_body("marked");
      content.set_app(name);
      return compose_entry(work, *find_conversation(work.db, work.self, "bob"), content);
    });
    EXPECT_EQ(bob_.newest("alice").body(), "marked");
    EXPECT_EQ(bob_.newest("alice").app(), "");
  }
}

}  // namespace
}  // namespace sotto::client
