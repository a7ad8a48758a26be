#include "agent/agent.h"

#include <gtest/gtest.h>

#include "agent/json.h"
#include "agent/line_channel.h"
#include "paths/test_folder.h"

namespace sotto::agent {
namespace {

struct Listening final : Peer {
  void send(const std::string& text) override { texts.push_back(text); }
  [[nodiscard]] std::size_t unread() const override { return full ? kMaxUnread : 0; }
  std::vector<std::string> texts;
  bool full = false;
};

class AgentTest : public ::testing::Test {
 protected:
  ~AgentTest() override { agent_.close(session_); }
  /// The answer to one call.
  std::string ask(const std::string& method, const std::string& parameters = "{}") {
    const std::string id = std::to_string(++id_);
    peer_.texts.clear();
    agent_.take(session_, R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" +
                              parameters + "}");
    for (int i = 0; i < 10'000; ++i) {
      for (const auto& text : peer_.texts) {
        if (text.find("\"id\":" + id + ",") != std::string::npos) return text;
      }
      loop_.restart();
      loop_.run_one();
    }
    return "no answer";
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  paths::TestFolder folder_;
  boost::asio::io_context loop_{1};
  Agent agent_{loop_, {.profile = folder_ / "profile", .version = "1"}};
  Listening peer_;
  SessionId session_ = agent_.open(peer_);
  int id_ = 0;
};

TEST_F(AgentTest, AProfileIsMadeLockedAndOpened) {
  EXPECT_TRUE(has(ask("profile.state"), R"("stage":"NO_PROFILE")"));
  EXPECT_TRUE(has(ask("conversations.list"), R"("code":1003)"));
  EXPECT_TRUE(has(ask("profile.unlock", R"({"passphrase":"x"})"), R"("code":1003)"));
  EXPECT_TRUE(has(ask("profile.create", R"({"passphrase":""})"), R"("code":1002)"));
  EXPECT_TRUE(has(ask("profile.create", R"({"passphrase":"correct horse"})"), R"("stage":"OPEN")"));
  EXPECT_TRUE(has(ask("account.status"), R"("code":1003)"));  // not registered
  EXPECT_TRUE(has(ask("profile.create", R"({"passphrase":"another"})"), R"("code":1001)"));
  EXPECT_TRUE(has(ask("profile.lock"), R"("stage":"LOCKED")"));
  EXPECT_TRUE(has(ask("conversations.list"), R"("code":1004)"));
  EXPECT_TRUE(has(ask("events.read"), R"("code":1003)"));
  EXPECT_TRUE(has(ask("profile.unlock", R"({"passphrase":"wrong"})"), R"("code":1004)"));
  EXPECT_TRUE(has(ask("profile.unlock", R"({"passphrase":"correct horse"})"), R"("stage":"OPEN")"));
  EXPECT_TRUE(has(ask("profile.unlock", R"({"passphrase":"whatever"})"), R"("stage":"OPEN")"));
}

TEST_F(AgentTest, WhatIsNoCallIsAnsweredWithWhatIsWrong) {
  EXPECT_TRUE(has(ask("no.such_method"), R"("code":-32601)"));
  EXPECT_TRUE(has(ask("messages.send", R"({"txt":"hi"})"), R"("code":-32602)"));
  EXPECT_TRUE(has(ask("messages.send", R"({"text":5})"), R"("code":-32602)"));
  EXPECT_TRUE(has(ask("messages.send", "[]"), R"("code":-32602)"));
  peer_.texts.clear();
  agent_.take(session_, "{");
  ASSERT_EQ(peer_.texts.size(), 1U);
  EXPECT_TRUE(has(peer_.texts[0], R"("id":null,"error":{"code":-32700)"));
}

TEST_F(AgentTest, ABatchIsAnsweredAtOnceAndNotificationsNotAtAll) {
  agent_.take(session_, R"([{"jsonrpc":"2.0","id":1,"method":"profile.state"},
      {"jsonrpc":"2.0","method":"profile.state"},{"jsonrpc":"2.0","id":2,"method":"nothing"}])");
  ASSERT_EQ(peer_.texts.size(), 1U);
  EXPECT_EQ(elements_of(peer_.texts[0]).size(), 2U);
  peer_.texts.clear();
  agent_.take(session_, R"({"jsonrpc":"2.0","method":"profile.state"})");
  EXPECT_TRUE(peer_.texts.empty());
  std::string answer = "none";
  agent_.call(R"({"jsonrpc":"2.0","method":"profile.state"})",
              [&](std::string text) { answer = std::move(text); });
  EXPECT_EQ(answer, "");
}

TEST_F(AgentTest, ACallThatComesWithoutAConnectionCannotSubscribe) {
  ask("profile.create", R"({"passphrase":"correct horse"})");
  std::string answer;
  agent_.call(R"({"jsonrpc":"2.0","id":1,"method":"events.subscribe"})",
              [&](std::string text) { answer = std::move(text); });
  EXPECT_TRUE(has(answer, R"("code":1002)"));
  EXPECT_TRUE(has(ask("events.subscribe"), R"("result":{)"));
  EXPECT_TRUE(has(ask("events.acknowledge", R"({"consumer":"bot","sequence":"5"})"), R"("code":1002)"));
  EXPECT_TRUE(has(ask("events.acknowledge", R"({"consumer":"bot"})"), R"("name":"bot")"));
  EXPECT_TRUE(has(ask("events.consumers"), R"("name":"bot")"));
  EXPECT_FALSE(has(ask("events.forget", R"({"name":"bot"})"), R"("name":"bot")"));
  EXPECT_TRUE(has(ask("events.unsubscribe"), R"("result":{})"));
}

TEST_F(AgentTest, ASocketIsMadeWhereItFitsAndNobodyElseListens) {
  EXPECT_EQ(LineListener::start(loop_, (folder_ / std::string(120, 'x')).string(), agent_).error(),
            SocketError::path_too_long);
  EXPECT_EQ(LineListener::start(loop_, (folder_ / "no/such/folder").string(), agent_).error(),
            SocketError::unusable);
  const std::string path = (folder_ / "s").string();
  {
    const auto listener = LineListener::start(loop_, path, agent_);
    ASSERT_TRUE(listener);
    EXPECT_EQ(LineListener::start(loop_, path, agent_).error(), SocketError::in_use);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  for (const auto error : {SocketError::path_too_long, SocketError::unusable, SocketError::in_use}) {
    EXPECT_FALSE(describe(error).empty());
  }
}

TEST(Methods, EveryRpcOfTheAgentsOwnServicesHasItsFunctionWithItsTypes) {
  const auto* file = v1::Nothing::descriptor()->file();
  std::size_t found = 0;
  for (const std::string service : {"Profile", "Events", "Webhooks"}) {
    const auto* described = file->FindServiceByName(service);
    for (int i = 0; i < described->method_count(); ++i) {
      const auto* rpc = described->method(i);
      const std::string name = client::api::method_name(service, rpc->name());
      for (const auto& method : agent_methods()) {
        if (method.name != name) continue;
        ++found;
        EXPECT_EQ(method.parameters->GetDescriptor(), rpc->input_type()) << name;
        EXPECT_EQ(method.result->GetDescriptor(), rpc->output_type()) << name;
      }
    }
    found -= static_cast<std::size_t>(described->method_count());
    EXPECT_EQ(found, 0U) << service;
  }
}

}  // namespace
}  // namespace sotto::agent
