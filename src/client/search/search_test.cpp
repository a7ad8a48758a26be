// Finding messages: docs/cli.md, "Finding things".
#include "client/search/search.h"

#include <string>
#include <vector>

#include "client/conversations/commands.h"
#include "client/conversations/records.h"
#include "client/test_clients.h"

namespace sotto::client::testing {
namespace {

using Bodies = std::vector<std::string>;

class SearchTest : public CoreTest {
 protected:
  void SetUp() override {
    CoreTest::SetUp();
    sign_up_both();
  }
  template <typename Body>
  void act(TestClient& client, Body&& body) {
    auto outcome = client.core->command(now_, std::forward<Body>(body)).value();
    perform(client, std::move(outcome.effects));
    settle();
  }
  void say(TestClient& client, std::string_view to, std::string_view body, const EntryOptions& options = {}) {
    act(client, [&](Work& work) {
      v1::Content content;
      content.mutable_text()->set_body(std::string(body));
      return send_entry(work, to, content, options);
    });
  }
  Bodies find(TestClient& client, std::string_view typed, const SearchFilter& filter = {},
              std::uint32_t limit = 50) {
    Bodies bodies;
    for (const auto& message :
         search(client.core->database(), *client.core->self(), typed, filter, limit, now_)) {
      bodies.push_back(message.body());
    }
    return bodies;
  }
};

TEST_F(SearchTest, FindsWordsByTheirBeginningInAnyOrderOnBothSides) {
  say(alice_, "bob", "Lunch at noon on Friday?");
  say(bob_, "alice", "Friday is fine");
  for (TestClient* client : {&alice_, &bob_}) {
    EXPECT_EQ(find(*client, "frid lun"), Bodies{"Lunch at noon on Friday?"});
    EXPECT_EQ(find(*client, "FRIDAY"), (Bodies{"Friday is fine", "Lunch at noon on Friday?"}));
    EXPECT_EQ(find(*client, "riday"), Bodies{});
    EXPECT_EQ(find(*client, "friday", {}, 1), Bodies{"Friday is fine"});
  }
}

TEST_F(SearchTest, FindsAccentsSymbolsAndScriptsWithoutBlanks) {
  say(alice_, "bob", "Caf\u00e9 \u00d6rebro");
  say(alice_, "bob", "\u6771\u4eac\u30bf\u30ef\u30fc\u306b\u884c\u304d\u307e\u3057\u305f");
  say(alice_, "bob", "well done\U0001f389");
  EXPECT_EQ(find(bob_, "cafe orebro").size(), 1U);
  EXPECT_EQ(find(bob_, "\u30bf\u30ef\u30fc").size(), 1U);
  EXPECT_EQ(find(bob_, "\u4eac\u6771").size(), 0U) << "next to each other, in that order";
  EXPECT_EQ(find(bob_, "\U0001f389"), Bodies{"well done\U0001f389"});
  EXPECT_EQ(find(bob_, "...").size(), 0U);
}

TEST_F(SearchTest, FollowsEditsAndForgetsWhatWasTakenBackOrHasExpired) {
  say(alice_, "bob", "the old words");
  act(alice_, [&](Work& work) {
    v1::Text text;
    text.set_body("some new words");
    return edit_message(work, "bob", "last", text);
  });
  EXPECT_EQ(find(bob_, "old"), Bodies{});
  EXPECT_EQ(find(bob_, "new"), Bodies{"some new words"});
  act(alice_, [&](Work& work) { return unsend_message(work, "bob", "last"); });
  for (TestClient* client : {&alice_, &bob_}) EXPECT_EQ(find(*client, "new"), Bodies{});
  say(alice_, "bob", "soon gone", {.lifetime = minutes(1)});
  EXPECT_EQ(find(bob_, "soon"), Bodies{"soon gone"});
  pass(minutes(2));
  for (TestClient* client : {&alice_, &bob_}) EXPECT_EQ(find(*client, "soon"), Bodies{});
}

/// The index itself, not only what is shown of it.
TEST_F(SearchTest, NothingOfAnErasedMessageStaysInTheIndex) {
  say(alice_, "bob", "unforgettable", {.lifetime = minutes(1)});
  const auto terms = [&](TestClient& client) {
    store::Rows rows = client.core->database().query(
        "SELECT count(*) FROM message_words WHERE message_words MATCH 'unforgettable'");
    return rows.next() ? rows.integer(0) : -1;
  };
  EXPECT_EQ(terms(bob_), 1);
  pass(minutes(2));
  EXPECT_EQ(terms(bob_), 0);
  EXPECT_EQ(terms(alice_), 0);
}

TEST_F(SearchTest, FiltersByWhoWhenWhereAndWhat) {
  say(alice_, "bob", "a from alice");
  const UnixMs between = now_ = now_ + minutes(5);
  say(bob_, "alice", "a from bob");
  say(bob_, "bob", "a note");
  act(bob_, [&](Work& work) {
    v1::Content content;
    content.mutable_poll()->set_question("a question");
    content.mutable_poll()->add_options("yes");
    content.mutable_poll()->add_options("no");
    return send_entry(work, "alice", content, {});
  });
  const Self& self = *bob_.core->self();
  const auto with_alice = find_conversation(bob_.core->database(), self, "alice")->id;
  EXPECT_EQ(find(bob_, "from", {.sender = self.account_id()}), Bodies{"a from bob"});
  EXPECT_EQ(find(bob_, "from", {.until = between}), Bodies{"a from alice"});
  EXPECT_EQ(find(bob_, "from", {.since = between}), Bodies{"a from bob"});
  EXPECT_EQ(find(bob_, "a", {.conversation = with_alice}).size(), 3U);
  EXPECT_EQ(find(bob_, "a", {.kinds = {v1::Message::POLL}}).size(), 1U);
  EXPECT_EQ(find(bob_, "", {.kinds = {v1::Message::TEXT}}).size(), 3U);
}

TEST_F(SearchTest, PagesOfAnExportHoldEveryMessageOnce) {
  for (int i = 0; i < 7; ++i) say(alice_, "bob", std::to_string(i));
  Bodies bodies;
  std::int64_t last = 0;
  for (;;) {
    const auto page = messages_after(bob_.core->database(), *bob_.core->self(), {}, last, 3, now_);
    if (page.empty()) break;
    for (const auto& [row, message] : page) {
      if (!message.has_system()) bodies.push_back(message.body());
      last = row;
    }
  }
  EXPECT_EQ(bodies, (Bodies{"0", "1", "2", "3", "4", "5", "6"}));
}

}  // namespace
}  // namespace sotto::client::testing
