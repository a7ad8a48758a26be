// What devices do about stores that went back to an older copy (docs/specs/session-protocol.md 9).
#include "client/test_clients.h"

namespace sotto::client {
namespace {

using testing::CoreTest;
using testing::TestClient;

class ClientRepairTest : public CoreTest {
 protected:
  void restore(TestClient& client, ByteView snapshot) {
    if (client.connected) disconnect(client);
    now_ = now_ + seconds(2);  // numbers of a run begin with its second
    client.roll_back(snapshot);
  }
  /// `client` alone does what it can.
  void alone(TestClient& client) {
    connect(client);
    settle();
    disconnect(client);
  }
};

std::ptrdiff_t count(const TestClient& client, std::string_view with, std::string_view text) {
  const auto texts = client.texts(with);
  return std::count(texts.begin(), texts.end(), text);
}

TEST_F(ClientRepairTest, SendsAgainAsOftenAsItsPeerIsRestored) {
  sign_up_both();
  send(alice_, "bob", "before");
  settle();
  send(bob_, "alice", "before");
  settle();
  const Bytes snapshot = bob_.database->snapshot();
  for (int i = 0; i < 3; ++i) {
    send(alice_, "bob", "lost");
    settle();
    send(bob_, "alice", "lost");
    settle();
  }
  restore(bob_, snapshot);
  send(alice_, "bob", "must arrive");
  settle();
  disconnect(alice_);
  for (int round = 0; round < 4; ++round) {
    alone(bob_);  // cannot read it, and says so
    now_ = now_ + hours(1);
    alone(alice_);  // sends it again
    restore(bob_, snapshot);
  }
  connect(alice_);
  connect(bob_);
  settle();
  for (int i = 0; i < 6; ++i) pass(hours(1));
  EXPECT_EQ(count(bob_, "alice", "must arrive"), 1);
}

TEST_F(ClientRepairTest, MakesNewPrekeysWhenItLacksThoseThatTheServerHandsOut) {
  sign_up_both();
  const Bytes snapshot = bob_.database->snapshot();
  now_ = now_ + minutes(11);
  server_.tamper = [](const v1::ClientFrame&, v1::ServerFrame& answer) {
    if (answer.has_authenticated()) answer.mutable_authenticated()->set_prekeys_remaining(0);
  };
  disconnect(bob_);
  connect(bob_);
  settle();
  server_.tamper = nullptr;
  restore(bob_, snapshot);
  send(alice_, "bob", "hello");
  settle();
  connect(bob_);
  settle();
  // Whoever writes next is somebody whom he cannot ask.
  TestClient carol(4, 44);
  clients_.push_back(&carol);
  sign_up(carol, "carol");
  send(carol, "bob", "hello");
  settle();
  EXPECT_EQ(count(bob_, "carol", "hello"), 1);
  send(bob_, "alice", "who was there?");
  settle();
  pass(hours(1));
  EXPECT_EQ(count(bob_, "alice", "hello"), 1);
  clients_.pop_back();
}

TEST_F(ClientRepairTest, GivesALaterDeviceNothingOfWhatItSendsAgain) {
  sign_up_both();
  send(alice_, "bob", "before");
  settle();
  const Bytes snapshot = bob_.database->snapshot();
  for (int i = 0; i < 3; ++i) {
    send(bob_, "alice", "lost");
    settle();
    send(alice_, "bob", "lost");
    settle();
  }
  restore(bob_, snapshot);
  send(alice_, "bob", "before the tablet");
  settle();
  disconnect(alice_);
  connect(bob_);
  settle();
  link_second_device();
  connect(alice_);
  settle();
  pass(hours(1));
  EXPECT_EQ(count(bob_, "alice", "before the tablet"), 1);
  EXPECT_EQ(count(bob2_, "alice", "before the tablet"), 0);
  send(alice_, "bob", "after the tablet");
  settle();
  EXPECT_EQ(count(bob2_, "alice", "after the tablet"), 1);
}

// What waits for another device of the account must not keep this one from being answered.
TEST_F(ClientRepairTest, AnswersADeviceAlthoughAnotherOfItsAccountCannotBeWrittenTo) {
  sign_up_both();
  const Bytes snapshot = bob_.database->snapshot();
  link_second_device();
  TestClient never_seen(4, 44);
  ASSERT_TRUE(never_seen.core->set_up_device("watch", testing::kServer, now_).value());
  const auto request = never_seen.core->request_link(now_).value().value.value();
  perform(bob_, bob_.core->approve_link(request, now_).value().effects);
  settle();
  send(bob2_, "alice", "before");
  settle();
  restore(bob_, snapshot);
  send(bob2_, "alice", "copy for the restored");
  settle();
  connect(bob_);
  settle();
  send(bob_, "alice", "here I am");
  settle();
  for (int i = 0; i < 6; ++i) pass(hours(1));
  EXPECT_EQ(count(bob2_, "alice", "here I am"), 1);
  EXPECT_EQ(count(bob_, "alice", "copy for the restored"), 1);
}

}  // namespace
}  // namespace sotto::client
