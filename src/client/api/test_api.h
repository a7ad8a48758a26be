// A client API over cores in memory, for tests of what a caller sees.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client/api/client.h"
#include "client/api/messages.h"
#include "client/api/wait.h"
#include "client/store/test_folder.h"
#include "client/test_clients.h"

namespace sotto::client::api {

using client::testing::CoreTest;
using client::testing::TestClient;

class ApiTest : public CoreTest {
 protected:
  Client api_of(TestClient& client) {
    return {.core = *client.core,
            .random = *client.random,
            .folder = folder_.path(),
            .now = [this] { return now_; },
            .perform = [this, &client](Effects effects) { perform(client, std::move(effects)); },
            .reconnect = [] {},
            .hindrance = [] { return std::string(); },
            .offload =
                [](const std::function<void()>& work, const std::function<void()>& done) {
                  work();
                  done();
                },
            .take_upload = [](const std::string&) { return std::nullopt; }};
  }
  /// Lets frames flow, and the wait see every event, until there is an answer.
  template <typename T>
  CommandResult<T> finish(TestClient& client, CommandResult<Wait<T>> wait) {
    if (!wait) return err(wait.error());
    std::size_t seen = client.events.size();
    for (int i = 0; i < 2000; ++i) {
      while (seen < client.events.size()) {
        const v1::Event event = client.events[seen++];
        if (auto answer = wait->look(&event)) return *std::move(answer);
      }
      if (auto answer = wait->look(nullptr)) return *std::move(answer);
      step();
    }
    return err(Failure{ExitCode::unreachable, "no answer"});
  }
  static v1::ConversationRequest with(std::string_view name) {
    v1::ConversationRequest request;
    request.set_conversation(std::string(name));
    return request;
  }
  v1::Message say(TestClient& client, std::string_view to, std::string_view text) {
    auto api = api_of(client);
    v1::SendRequest request;
    request.set_conversation(std::string(to));
    request.set_text(std::string(text));
    auto sent = send_message(api, request);
    EXPECT_TRUE(sent) << sent.error().message;
    settle();
    now_ = now_ + seconds(1);
    return sent.value_or(v1::Message());
  }

  store::TestFolder folder_;
};

}  // namespace sotto::client::api
