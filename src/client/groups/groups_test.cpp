// Groups through whole clients over a FakeServer.
#include <gtest/gtest.h>

#include "bytes/hex.h"
#include "client/conversations/author.h"
#include "client/devices/manage.h"
#include "client/groups/changes.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/outbox/queue.h"
#include "client/test_clients.h"
#include "groups/link.h"

namespace sotto::client {
namespace {

using testing::CoreTest;
using testing::kServer;
using testing::TestClient;

class GroupsTest : public CoreTest {
 protected:
  void sign_up_all() {
    const std::vector<std::pair<TestClient*, std::string_view>> people = {
        {&alice_, "alice"}, {&bob_, "bob"}, {&carol_, "carol"}, {&dave_, "dave"}, {&erin_, "erin"}};
    clients_.insert(clients_.end(), {&carol_, &dave_, &erin_});
    for (const auto& [client, handle] : people) sign_up(*client, handle);
  }
  void know(TestClient& client, const std::vector<std::string>& handles) {
    for (const auto& handle : handles) perform(client, client.core->look_up(handle, now_).value().effects);
    settle();
  }
  template <typename Command>
  void act(TestClient& client, const Command& command) {
    auto outcome = client.core->command(now_, command).value();
    ASSERT_TRUE(outcome.value.has_value()) << describe(outcome.value.error());
    perform(client, std::move(outcome.effects));
  }
  template <typename Command>
  std::optional<GroupCommandError> refusal(TestClient& client, const Command& command) {
    const auto outcome = client.core->command(now_, command).value();
    if (outcome.value) return std::nullopt;
    return outcome.value.error().error;
  }
  /// "friends", of the five; everybody has heard of it.
  void begin() {
    sign_up_all();
    know(alice_, {"bob", "carol", "dave", "erin"});
    act(alice_, [](Work& work) { return create_group(work, "friends", {"bob", "carol", "dave", "erin"}); });
    settle();
  }
  static std::vector<v1::Group> groups_of(TestClient& client) {
    return group_records(*client.database, *client.core->self());
  }
  static v1::Group group_of(TestClient& client) {
    const auto all = groups_of(client);
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? v1::Group() : all.front();
  }
  void say(TestClient& client, std::string_view text) { send(client, "#friends", text); }
  static std::vector<std::string> heard(TestClient& client) { return client.texts("#friends"); }
  void expect_same_everywhere(const std::vector<TestClient*>& clients) {
    for (TestClient* client : clients) {
      EXPECT_EQ(group_of(*client).roster(), group_of(*clients.front()).roster());
      EXPECT_EQ(group_of(*client).name(), group_of(*clients.front()).name());
      EXPECT_EQ(group_of(*client).operations(), group_of(*clients.front()).operations());
    }
  }

  TestClient carol_{4, 44};
  TestClient dave_{5, 55};
  TestClient erin_{6, 66};
};

TEST_F(GroupsTest, EverybodyReadsWhatIsSaidAndTheSenderKnowsWho) {
  begin();
  for (TestClient* client : {&alice_, &bob_, &carol_, &dave_, &erin_}) {
    const auto group = group_of(*client);
    EXPECT_EQ(group.name(), "friends");
    EXPECT_EQ(group.members_size(), 5);
    EXPECT_TRUE(group.member());
  }
  say(alice_, "hello");
  settle();
  say(bob_, std::string(3000, 'b'));
  settle();
  for (TestClient* client : {&alice_, &bob_, &carol_, &dave_, &erin_}) {
    EXPECT_EQ(heard(*client), (std::vector<std::string>{"hello", std::string(3000, 'b')}));
  }
  EXPECT_GT(server_.shared_bodies, 0);
  const auto message = alice_.messages("#friends").first.front();
  EXPECT_EQ(message.state(), v1::Message::DELIVERED);
  ASSERT_EQ(message.member_deliveries_size(), 4);
  for (const auto& member : message.member_deliveries()) EXPECT_EQ(member.state(), v1::Message::DELIVERED);
}

TEST_F(GroupsTest, ABodyGoesToTheServerOnce) {
  begin();
  say(alice_, "so that everybody has a session with everybody");
  settle();
  const int before = server_.shared_bodies;
  say(alice_, std::string(1000, 'x'));
  settle();
  EXPECT_EQ(server_.shared_bodies, before + 1);
}

TEST_F(GroupsTest, WhoeverIsRemovedReadsAndSaysNothingMore) {
  begin();
  say(alice_, "before");
  settle();
  disconnect(dave_);
  act(alice_, [](Work& work) { return remove_from_group(work, "friends", {"dave"}); });
  settle();
  say(alice_, "after");
  settle();
  send(dave_, "#friends", "I do not know yet");
  connect(dave_);
  settle();
  EXPECT_EQ(heard(dave_).front(), "before");
  for (const auto& text : heard(dave_)) EXPECT_NE(text, "after");
  EXPECT_FALSE(group_of(dave_).member());
  EXPECT_EQ(heard(bob_), (std::vector<std::string>{"before", "after"}));
  EXPECT_EQ(group_of(bob_).members_size(), 4);
  send(dave_, "#friends", "now I know");
  settle();
  EXPECT_EQ(dave_.newest("#friends").state(), v1::Message::FAILED);
}

TEST_F(GroupsTest, WhatHappensBesideEachOtherEndsTheSameForEverybody) {
  begin();
  act(alice_, [](Work& work) { return set_group_role(work, "friends", "bob", groups::Role::admin); });
  settle();
  know(bob_, {"dave"});
  // Neither knows of the other's.
  disconnect(bob_);
  disconnect(carol_);
  act(bob_, [](Work& work) { return remove_from_group(work, "friends", {"dave"}); });
  act(bob_, [](Work& work) { return rename_group(work, "friends", "bob's friends"); });
  act(carol_, [](Work& work) { return leave_group(work, "friends"); });
  act(alice_, [](Work& work) { return set_in_group(work, "friends", groups::Setting::guests, 1); });
  act(alice_, [](Work& work) { return set_group_role(work, "friends", "bob", groups::Role::member); });
  settle();
  connect(bob_);
  settle();
  connect(carol_);
  settle();
  pass(minutes(1));
  say(alice_, "who is here?");
  settle();
  pass(minutes(1));
  expect_same_everywhere({&alice_, &bob_, &erin_});
  const auto group = group_of(alice_);
  EXPECT_EQ(group.name(), "friends") << "bob had lost his role";
  EXPECT_TRUE(group.guests_allowed());
  EXPECT_EQ(group.members_size(), 4) << "carol left, dave stays";
  EXPECT_EQ(heard(erin_).back(), "who is here?");
  EXPECT_EQ(heard(dave_).back(), "who is here?");
}

TEST_F(GroupsTest, OneWhoCannotBeReachedHoldsUpNobody) {
  begin();
  server_.retired.insert(to_bytes(erin_.core->self()->account_id().view()));
  say(alice_, "hello");
  settle();
  EXPECT_EQ(heard(bob_), std::vector<std::string>{"hello"});
  EXPECT_EQ(heard(dave_), std::vector<std::string>{"hello"});
  const auto message = alice_.newest("#friends");
  EXPECT_EQ(message.state(), v1::Message::DELIVERED);
  for (const auto& member : message.member_deliveries()) {
    const bool gone = member.account() == to_hex(erin_.core->self()->account_id().view());
    EXPECT_EQ(member.state() == v1::Message::DELIVERED, !gone);
  }
}

TEST_F(GroupsTest, ALinkLetsInWhomAnAdminApproves) {
  sign_up_all();
  know(alice_, {"bob"});
  act(alice_, [](Work& work) { return create_group(work, "friends", {"bob"}); });
  settle();
  say(alice_, "before");
  settle();
  std::string link;
  act(alice_, [&](Work& work) -> GroupOutcome<void> {
    auto text = group_link(work, "friends", LinkChange::show);
    if (!text) return err(text.error());
    link = *text;
    return {};
  });
  settle();
  EXPECT_EQ(refusal(carol_, [&](Work& work) { return ask_to_join(work, link); }),
            GroupCommandError::unknown_person);
  know(carol_, {"alice"});
  act(carol_, [&](Work& work) { return ask_to_join(work, link); });
  know(dave_, {"alice"});
  act(dave_, [&](Work& work) { return ask_to_join(work, link); });
  settle();
  EXPECT_EQ(refusal(alice_, [](Work& work) { return decide_request(work, "friends", "erin", true); }),
            GroupCommandError::no_request);
  act(alice_, [](Work& work) { return decide_request(work, "friends", "carol", true); });
  act(alice_, [](Work& work) { return decide_request(work, "friends", "dave", false); });
  settle();
  EXPECT_TRUE(group_of(carol_).member());
  EXPECT_TRUE(groups_of(dave_).empty());
  say(bob_, "welcome");
  settle();
  EXPECT_EQ(heard(carol_), std::vector<std::string>{"welcome"});
  bool open = true;
  act(alice_, [&](Work& work) -> GroupOutcome<void> {
    open = !requests_of_group(work, "friends")->empty();
    return {};
  });
  EXPECT_FALSE(open);
  EXPECT_EQ(refusal(carol_, [](Work& work) { return ask_to_join(work, "SOTTO:GROUP/1/AA"); }),
            GroupCommandError::bad_link);
  auto forged = groups::parse_link_text(link).value();
  forged.approver.key = crypto::Fingerprint::from_octets({1});
  EXPECT_EQ(refusal(carol_, [&](Work& work) { return ask_to_join(work, groups::link_text(forged)); }),
            GroupCommandError::other_key);
}

TEST_F(GroupsTest, ANewDeviceIsToldTheGroupAndARemovedOneIsSaidToHaveLeft) {
  begin();
  link_second_device();
  say(alice_, "to all devices");
  settle();
  pass(minutes(1));
  EXPECT_EQ(heard(bob2_), std::vector<std::string>{"to all devices"});
  const auto before = group_of(alice_).operations();
  auto removed = bob_.core->command(now_, [](Work& work) { return remove_device(work, "tablet"); }).value();
  ASSERT_TRUE(removed.value.has_value());
  perform(bob_, std::move(removed.effects));
  settle();
  pass(minutes(1));
  EXPECT_EQ(group_of(alice_).operations(), before + 1) << "bob's devices-left";
  say(alice_, "not for the removed");
  settle();
  for (const auto& text : heard(bob2_)) EXPECT_NE(text, "not for the removed");
  EXPECT_EQ(heard(bob_).back(), "not for the removed");
}

TEST_F(GroupsTest, SurvivesBeingEndedBetweenAnyTwoSteps) {
  begin();
  say(alice_, std::string(500, 'x'));
  for (int i = 0; i < 400 && step(); ++i) {
    for (TestClient* client : {&alice_, &bob_, &carol_}) {
      if (i % 7 != client->id) continue;
      disconnect(*client);
      client->restart();
      connect(*client);
    }
  }
  settle();
  for (TestClient* client : {&bob_, &carol_, &dave_, &erin_}) {
    EXPECT_EQ(heard(*client), std::vector<std::string>{std::string(500, 'x')});
  }
}

TEST_F(GroupsTest, AChangeThatTheRulesForbidIsRefusedByEverybodyElse) {
  begin();
  const auto alice = alice_.core->self()->account_id();
  act(bob_, [&](Work& work) -> GroupOutcome<void> {
    const auto group = group_called(work, "friends").value();
    const auto heads = work.run.histories.find(work.db, group)->heads();
    const auto made = groups::sign({group, own_author(work), work.now, heads, groups::Rename{{'x'}}},
                                   work.self.device.key, work.random);
    v1::Content content;
    content.mutable_group()->set_group(wire::field(group));
    content.mutable_group()->add_operations(wire::field(groups::encode(made.octets)));
    queue_content(work, {.account = alice, .device = {}, .message = {}},
                  author_content(work, alice, content, {1}, work.now));
    return {};
  });
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::GROUP_CHANGE_REFUSED));
  EXPECT_EQ(group_of(alice_).name(), "friends");
}

TEST_F(GroupsTest, NobodyHasGroupsBeforeTheyAreRegistered) {
  ASSERT_TRUE(alice_.core->set_up_account("alice", "", "laptop", kServer, now_).value());
  EXPECT_EQ(refusal(alice_, [](Work& work) { return create_group(work, "friends", {}); }),
            GroupCommandError::not_registered);
}

TEST_F(GroupsTest, WhatMakesNoSenseIsRefused) {
  begin();
  EXPECT_EQ(refusal(alice_, [](Work& work) { return leave_group(work, "nobody's"); }),
            GroupCommandError::no_such_group);
  EXPECT_EQ(refusal(alice_, [](Work& work) { return create_group(work, "", {}); }),
            GroupCommandError::bad_name);
  EXPECT_EQ(refusal(alice_, [](Work& work) { return create_group(work, "a\nb", {}); }),
            GroupCommandError::bad_name);
  EXPECT_EQ(refusal(bob_, [](Work& work) { return rename_group(work, "friends", "mine"); }),
            GroupCommandError::refused);
  EXPECT_EQ(refusal(alice_, [](Work& work) { return add_to_group(work, "friends", {"nobody"}); }),
            GroupCommandError::unknown_person);
  act(alice_, [](Work& work) { return create_group(work, "friends", {"bob"}); });
  EXPECT_EQ(refusal(alice_, [](Work& work) { return leave_group(work, "friends"); }),
            GroupCommandError::ambiguous_group);
  settle();
}

}  // namespace
}  // namespace sotto::client
