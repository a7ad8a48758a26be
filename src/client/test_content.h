// What tests of content have in common: two people, or three devices, who talk. Test code only.
#pragma once

#include "bytes/hex.h"
#include "client/conversations/commands.h"
#include "client/sync/registers.h"
#include "client/test_clients.h"

namespace sotto::client::testing {

using Write = v1::SyncEvent::Write;

class ContentTest : public CoreTest {
 protected:
  /// A command of the core; what it sends arrives.
  template <typename Body>
  auto act(TestClient& client, Body&& body) {
    auto outcome = client.core->command(now_, std::forward<Body>(body)).value();
    perform(client, std::move(outcome.effects));
    settle();
    return std::move(outcome.value);
  }
  /// Alice and Bob know each other, and Bob has "one" from Alice.
  void begin() {
    sign_up_both();
    send(alice_, "bob", "one");
    settle();
    send(bob_, "alice", "two");
    settle();
  }
  v1::Message at(TestClient& client, std::string_view with, std::string_view id) {
    for (const auto& message : client.messages(with).first) {
      if (message.message_id() == id) return message;
    }
    return {};
  }
  std::string id_of(TestClient& client, std::string_view with, std::string_view body) {
    for (const auto& message : client.messages(with).first) {
      if (message.body() == body) return message.message_id();
    }
    return {};
  }
  static v1::Text text(std::string_view body) {
    v1::Text text;
    text.set_body(std::string(body));
    return text;
  }
  /// Content that no command makes, as a stranger's client might.
  void forge(TestClient& client, std::string_view with, const v1::Content& content) {
    act(client, [&](Work& work) {
      const auto conversation = find_conversation(work.db, work.self, with);
      compose_aside(work, conversation->id, content, {.id = work.random.array<16>(), .sent = work.now});
      return true;
    });
  }
  auto edit(TestClient& client, std::string_view with, std::string_view which, std::string_view body) {
    return act(client, [&](Work& work) { return edit_message(work, with, which, text(body)); });
  }
  auto react_to(TestClient& client, std::string_view with, std::string_view which, std::string_view emoji) {
    return act(client, [&](Work& work) { return react(work, with, which, emoji); });
  }
  auto unsend(TestClient& client, std::string_view with, std::string_view which) {
    return act(client, [&](Work& work) { return unsend_message(work, with, which); });
  }
  auto set(TestClient& client, std::string_view with, RegisterKind kind, std::uint64_t number,
           std::string_view words = {}) {
    return act(client, [&](Work& work) { return set_register(work, with, kind, number, words); });
  }
  auto say(TestClient& client, std::string_view to, std::string_view body, const EntryOptions& options) {
    return act(client, [&](Work& work) {
      v1::Content content;
      *content.mutable_text() = text(body);
      return send_entry(work, to, content, options);
    });
  }
};

}  // namespace sotto::client::testing
