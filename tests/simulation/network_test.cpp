#include "network.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sotto::simulation {
namespace {

struct Device final : DeviceEnd {
  void on_connected(ConnectionId id, const transport::Exporter&) override { connected = id; }
  void on_frame(ConnectionId, ByteView frame) override { received.emplace_back(as_chars(frame)); }
  void on_disconnected(ConnectionId) override { ++disconnections; }

  std::optional<ConnectionId> connected;
  std::vector<std::string> received;
  int disconnections = 0;
};

struct Server final : ServerEnd {
  void on_open(const transport::ConnectionInfo& info) override { opened = info.id; }
  void on_frame(ConnectionId, ByteView frame) override { received.emplace_back(as_chars(frame)); }
  void on_close(ConnectionId) override { ++closes; }
  void on_http(const transport::HttpRequest& request, transport::HttpReply reply) override {
    ++requests;
    transport::HttpResponse response;
    response.body = request.body + "!";
    reply(std::move(response));
  }

  std::optional<ConnectionId> opened;
  std::vector<std::string> received;
  int closes = 0;
  int requests = 0;
};

/// A device connected to a server.
struct NetworkTest : testing::Test {
  NetworkTest() {
    network.serve(server);
    id = network.connect(device, "alice/1");
    pass(seconds(20));
  }
  void pass(DurationMs time) { schedule.run_until(schedule.now() + time); }
  static Bytes frame(const std::string& text) { return to_bytes(as_bytes(text)); }

  Schedule schedule{{0}};
  Transcript transcript{schedule, nullptr};
  Network network{schedule, Dice(1), transcript};
  Server server;
  Device device;
  ConnectionId id{0};
};

TEST_F(NetworkTest, DeliversFramesOfBothDirectionsInOrder) {
  ASSERT_TRUE(device.connected);
  ASSERT_TRUE(server.opened);
  std::vector<std::string> sent;
  for (int i = 0; i < 500; ++i) {
    sent.push_back(std::to_string(i));
    network.send_to_server(id, frame(sent.back()));
    network.send_to_device(id, frame(sent.back()));
  }
  EXPECT_EQ(network.frames_on_their_way(), 1000U);
  pass(seconds(20));
  EXPECT_EQ(server.received, sent);
  EXPECT_EQ(device.received, sent);
  EXPECT_EQ(network.frames_on_their_way(), 0U);
}

TEST_F(NetworkTest, LosesOnlyATailWhenAConnectionBreaksAndTellsBothSidesOnce) {
  for (int i = 0; i < 100; ++i) {
    network.send_to_server(id, frame(std::to_string(i)));
    pass({1});
  }
  network.cut(id);
  pass(minutes(5));
  EXPECT_LT(server.received.size(), 100U);
  for (std::size_t i = 0; i < server.received.size(); ++i) EXPECT_EQ(server.received[i], std::to_string(i));
  EXPECT_EQ(device.disconnections, 1);
  EXPECT_EQ(server.closes, 1);
}

TEST_F(NetworkTest, EndsAConnectionAtDamagedOctetsAndDeliversNothingBehindThem) {
  network.send_to_server(id, frame("whole"));
  network.send_to_device(id, frame("whole"));
  network.corrupt(id);
  network.send_to_server(id, frame("behind"));
  network.send_to_device(id, frame("behind"));
  pass(minutes(5));
  EXPECT_EQ(device.disconnections, 1);
  EXPECT_EQ(server.closes, 1);
  // One of the two directions is damaged; in the other one everything arrives that leaves in time.
  EXPECT_LT(server.received.size() + device.received.size(), 4U);
}

TEST_F(NetworkTest, DeliversWhatWasSentBeforeAnOrderlyClose) {
  network.send_to_device(id, frame("goodbye"));
  network.close_from_server(id);
  pass(seconds(20));
  EXPECT_EQ(device.received, std::vector<std::string>{"goodbye"});
  EXPECT_EQ(device.disconnections, 1);
  EXPECT_EQ(server.closes, 0);
}

TEST_F(NetworkTest, TellsADeadServerNothingAndItsDevicesThatTheyAreAlone) {
  network.server_died();
  pass(minutes(5));
  EXPECT_EQ(device.disconnections, 1);
  EXPECT_EQ(server.closes, 0);
  network.connect(device, "alice/1");
  pass(minutes(5));
  EXPECT_EQ(device.disconnections, 2);
}

TEST_F(NetworkTest, LetsNoConnectionOfAnIsolatedHostLiveOrBegin) {
  network.isolate("alice/1");
  pass(minutes(5));
  EXPECT_EQ(device.disconnections, 1);
  EXPECT_EQ(server.closes, 1);
  network.connect(device, "alice/1");
  pass(minutes(5));
  EXPECT_EQ(device.disconnections, 2);
  network.heal("alice/1");
  const auto healed = network.connect(device, "alice/1");
  pass(minutes(5));
  EXPECT_EQ(device.connected, healed);
}

TEST_F(NetworkTest, AnswersARequestOnceOrSaysThatItCameToNothing) {
  std::vector<std::string> answers;
  const auto ask = [&](const std::string& host) {
    transport::HttpRequest request;
    request.body = host;
    network.ask(host, request, [&](const transport::HttpAnswer* answer) {
      answers.emplace_back(answer == nullptr ? "nothing" : as_chars(answer->body));
    });
    pass(minutes(1));
  };
  ask("alice/1");
  EXPECT_EQ(answers, std::vector<std::string>{"alice/1!"});
  network.isolate("alice/1");
  ask("alice/1");
  EXPECT_EQ(answers.back(), "nothing");
  ask("bob/1");
  EXPECT_EQ(answers.back(), "bob/1!");
  network.heal_all();
  EXPECT_EQ(server.requests, 2);
  network.server_died();
  ask("alice/1");
  EXPECT_EQ(answers.back(), "nothing");
  EXPECT_EQ(answers.size(), 4U);
}

TEST_F(NetworkTest, LosesAsManyRequestsAsItShouldBeforeOrBehindTheServer) {
  int lost = 0;
  int answered = 0;
  network.lose_next_requests("alice/1", 40);
  for (int i = 0; i < 50; ++i) {
    network.ask("alice/1", {},
                [&](const transport::HttpAnswer* answer) { ++(answer == nullptr ? lost : answered); });
    pass(minutes(1));
  }
  EXPECT_EQ(lost, 40);
  EXPECT_EQ(answered, 10);
  EXPECT_GT(server.requests, 10) << "some were lost on their way back";
  EXPECT_LT(server.requests, 50);
}

}  // namespace
}  // namespace sotto::simulation
