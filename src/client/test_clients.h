// Cores with stores in memory and a FakeServer between them, for this module's tests.
#pragma once

#include <gtest/gtest.h>

#include "client/conversations/records.h"
#include "client/core.h"
#include "client/fake_server.h"
#include "client/store/schema.h"
#include "wire/decode.h"

namespace sotto::client::testing {

inline const ServerRecord kServer{.host = "fake", .port = 1};

/// One device: a store in memory, a core over it, and everything it announced.
struct TestClient {
  TestClient(int number, std::uint64_t seed)
      : id(number), random(std::make_unique<crypto::DeterministicRandom>(seed)) {
    database = store::Database::in_memory();
    EXPECT_TRUE(store::migrate(*database));
    restart();
  }
  /// As a crash does: whatever was only in memory is gone.
  void restart() {
    connected = false;
    core.reset();
    core = Core::create(*database, *random).value();
  }
  void roll_back(ByteView snapshot) {
    core.reset();
    connected = false;
    database = store::Database::restore(snapshot);
    core = Core::create(*database, *random).value();
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view with) const {
    std::vector<std::string> out;
    const auto contact = find_contact(*database, with);
    if (!contact) return out;
    for (const auto& message : history(*database, *core->self(), contact->id, 1000))
      out.push_back(message.body());
    return out;
  }
  [[nodiscard]] v1::Message newest(std::string_view with) const {
    const auto contact = find_contact(*database, with);
    const auto all =
        contact ? history(*database, *core->self(), contact->id, 1000) : std::vector<v1::Message>();
    return all.empty() ? v1::Message() : all.back();
  }
  [[nodiscard]] bool saw(v1::Problem::Code code) const {
    return std::any_of(events.begin(), events.end(), [code](const v1::Event& event) {
      return event.has_problem() && event.problem().code() == code;
    });
  }

  int id;
  std::unique_ptr<crypto::RandomSource> random;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Core> core;
  bool connected = false;
  bool refused = false;
  std::vector<v1::Event> events;
};

class CoreTest : public ::testing::Test {
 protected:
  void perform(TestClient& client, Effects effects) {
    for (auto& event : effects.events) client.events.push_back(std::move(event));
    for (const Bytes& octets : effects.frames) {
      v1::ClientFrame frame;
      ASSERT_TRUE(wire::decode(octets, wire::kMaxFrameBytes, frame));
      server_.take(client.id, frame, now_);
    }
    if (effects.disconnect != Disconnect::none) {
      client.refused = effects.disconnect == Disconnect::refused;
      disconnect(client);
    }
  }
  void connect(TestClient& client) {
    server_.attach(client.id);
    client.connected = true;
    perform(client, client.core->connected({}, now_).value());
  }
  void disconnect(TestClient& client) {
    server_.detach(client.id);
    client.connected = false;
    perform(client, client.core->disconnected("", now_).value());
  }
  /// One frame for each connected client; false when nobody had any.
  bool step() {
    bool moved = false;
    for (TestClient* client : clients_) {
      if (!client->connected) continue;
      const auto frame = server_.next(client->id);
      if (!frame) continue;
      moved = true;
      perform(*client, client->core->receive(*frame, now_).value());
    }
    return moved;
  }
  void settle() {
    for (int i = 0; i < 2000; ++i) {
      if (!step()) return;
    }
    FAIL() << "frames never stop";
  }
  void pass(DurationMs time) {
    now_ = now_ + time;
    for (TestClient* client : clients_) perform(*client, client->core->tick(now_).value());
    settle();
  }
  void sign_up(TestClient& client, std::string_view handle) {
    ASSERT_TRUE(client.core->set_up_account(handle, "", "laptop", kServer, now_).value());
    connect(client);
    settle();
    ASSERT_TRUE(client.core->self()->ready());
  }
  void send(TestClient& client, std::string_view to, std::string_view text) {
    auto outcome = client.core->send_text(to, text, now_).value();
    ASSERT_TRUE(outcome.value.has_value());
    perform(client, std::move(outcome.effects));
  }
  void sign_up_both() {
    sign_up(alice_, "alice");
    sign_up(bob_, "bob");
  }
  /// Bob's second device, by files.
  void link_second_device() {
    clients_.push_back(&bob2_);
    ASSERT_TRUE(bob2_.core->set_up_device("tablet", kServer, now_).value());
    const auto request = bob2_.core->request_link(now_).value().value;
    ASSERT_TRUE(request.has_value());
    auto approved = bob_.core->approve_link(*request, now_).value();
    ASSERT_TRUE(approved.value.has_value());
    perform(bob_, std::move(approved.effects));
    settle();
    const auto grant = bob_.core->grant_link(*request, now_).value().value;
    ASSERT_TRUE(grant.has_value()) << describe(grant.error());
    auto joined = bob2_.core->join_link(*grant, now_).value();
    ASSERT_TRUE(joined.value.has_value());
    connect(bob2_);
    settle();
    pass(seconds(5));  // for what waited until the new device had prekeys
  }

  UnixMs now_{1'750'000'000'000};
  FakeServer server_;
  TestClient alice_{1, 11};
  TestClient bob_{2, 22};
  TestClient bob2_{3, 33};
  std::vector<TestClient*> clients_{&alice_, &bob_};
};

}  // namespace sotto::client::testing
