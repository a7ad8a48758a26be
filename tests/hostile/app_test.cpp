// An app with a true token, on a real agent over a real store: whatever it calls, it gets what apps may have.
#include <gtest/gtest.h>

#include "agent/agent.h"
#include "paths/test_folder.h"

namespace sotto::agent {
namespace {

class HostileApp : public ::testing::Test {
 protected:
  HostileApp() {
    agent_.unlock(crypto::SecretBytes::copy_of(as_bytes("correct horse")), Agent::Door::make);
    while (agent_.is_opening()) turn();
  }
  void turn() {
    loop_.restart();
    loop_.run_one();
  }
  std::string call(const std::string& text) {
    std::optional<std::string> answer;
    agent_.call_as_app(kApp, text, [&](std::string given) { answer = std::move(given); });
    for (int i = 0; i < 10'000 && !answer; ++i) turn();
    return answer.value_or("no answer");
  }
  static std::string request(const std::string& method, const std::string& parameters = "{}") {
    return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + parameters + "}";
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  static constexpr client::AppRow kApp = 1;
  paths::TestFolder folder_;
  boost::asio::io_context loop_{1};
  Agent agent_{loop_, {.profile = folder_ / "profile", .version = "1"}};
};

TEST_F(HostileApp, ThatCallsEverythingIsAnsweredByItsFourMethodsAlone) {
  const std::string nothing = call(request("no.such_method"));
  EXPECT_TRUE(has(nothing, R"("code":-32601)"));
  const auto* file = v1::Nothing::descriptor()->file();
  int refused = 0;
  for (int i = 0; i < file->service_count(); ++i) {
    const auto* service = file->service(i);
    for (int j = 0; j < service->method_count(); ++j) {
      const std::string name = client::api::method_name(service->name(), service->method(j)->name());
      const std::string answer = call(request(name));
      if (service->name() == "App") {
        EXPECT_FALSE(has(answer, "-32601")) << name;
        continue;
      }
      ++refused;
      EXPECT_EQ(answer, nothing) << name << ": what is the user's looks like what is not there";
    }
  }
  EXPECT_GT(refused, 90);
  EXPECT_EQ(agent_.profile_state().stage(), v1::ProfileState::OPEN) << "profile.lock was among them";
  // Neither in a batch, nor in another spelling, nor where nobody is to be answered.
  EXPECT_EQ(call("[" + request("profile.lock") + "]"), "[" + nothing + "]");
  for (const char* name :
       {"Profile.Lock", "app.", "app.read.profile.lock", " profile.lock", "rpc.discover"}) {
    EXPECT_EQ(call(request(name)), nothing) << name;
  }
  EXPECT_EQ(call(R"({"jsonrpc":"2.0","method":"profile.lock"})"), "");
  EXPECT_EQ(agent_.profile_state().stage(), v1::ProfileState::OPEN);
}

TEST_F(HostileApp, ThatWaitsAgainAndAgainHasFourCallsAtATime) {
  std::string batch;
  for (int i = 0; i < 6; ++i) batch += (i == 0 ? "[" : ",") + request("app.read", R"({"wait_s":25})");
  const std::string answers = call(batch + "]");
  std::size_t refused = 0;
  for (std::size_t at = answers.find("-32000"); at != std::string::npos;
       at = answers.find("-32000", at + 1)) {
    ++refused;
  }
  EXPECT_EQ(refused, 2U) << answers;
}

}  // namespace
}  // namespace sotto::agent
