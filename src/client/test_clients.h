// Cores with stores in memory and a FakeServer between them, for this module's tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "client/conversations/records.h"
#include "client/core.h"
#include "client/fake_server.h"
#include "client/requests/rules.h"
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
  /// What people said, and the lines that nobody said.
  [[nodiscard]] std::pair<std::vector<v1::Message>, std::vector<v1::Message>> messages(
      std::string_view with) const {
    std::pair<std::vector<v1::Message>, std::vector<v1::Message>> out;
    const auto conversation = find_conversation(*database, *core->self(), with);
    if (!conversation) return out;
    for (auto& message : history(*database, *core->self(), conversation->id, 1000, {}))
      (message.has_system() ? out.second : out.first).push_back(std::move(message));
    return out;
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view with) const {
    std::vector<std::string> out;
    for (const auto& message : messages(with).first) out.push_back(message.body());
    return out;
  }
  [[nodiscard]] std::vector<v1::SystemLine::Kind> lines(std::string_view with) const {
    std::vector<v1::SystemLine::Kind> out;
    for (const auto& message : messages(with).second) out.push_back(message.system().kind());
    return out;
  }
  [[nodiscard]] v1::Message newest(std::string_view with) const {
    const auto all = messages(with).first;
    return all.empty() ? v1::Message() : all.back();
  }
  [[nodiscard]] int notices(v1::Notice::Kind kind) const {
    return static_cast<int>(std::count_if(events.begin(), events.end(), [kind](const v1::Event& event) {
      return event.has_notice() && event.notice().kind() == kind;
    }));
  }
  /// Names of the account's devices, sorted, as this one knows them.
  [[nodiscard]] std::vector<std::string> device_names() const {
    std::vector<std::string> out;
    for (const auto& device : device_records(*database, *core->self())) out.push_back(device.name());
    std::sort(out.begin(), out.end());
    return out;
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
  void follow_rule(TestClient& client, ContactRule rule) {
    auto outcome = client.core->command(now_, [rule](Work& work) {
      set_contact_rule(work, rule);
      return true;
    });
    perform(client, std::move(outcome.value().effects));
  }
  void sign_up(TestClient& client, std::string_view handle) {
    ASSERT_TRUE(client.core->set_up_account(handle, "", "laptop", kServer, now_).value());
    // Most tests are about people who know each other.
    follow_rule(client, v1::ContactRules::OPEN);
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
  void link_second_device() { link(bob2_, bob_, "tablet"); }
  /// One more device of `trusted`'s account, by files.
  void link(TestClient& added, TestClient& trusted, std::string_view name) {
    clients_.push_back(&added);
    ASSERT_TRUE(added.core->set_up_device(name, kServer, now_).value());
    const auto request = added.core->request_link(now_).value().value;
    ASSERT_TRUE(request.has_value());
    auto approved = trusted.core->approve_link(*request, now_).value();
    ASSERT_TRUE(approved.value.has_value());
    perform(trusted, std::move(approved.effects));
    settle();
    const auto grant = trusted.core->grant_link(*request, now_).value().value;
    ASSERT_TRUE(grant.has_value()) << describe(grant.error());
    auto joined = added.core->join_link(*grant, now_).value();
    ASSERT_TRUE(joined.value.has_value());
    connect(added);
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
