// Records as a client gives them, for this module's tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "clock/clock.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::terminal_ui::testing {

/// Saturday 28 November 2026, 09:00 UTC.
inline constexpr std::uint64_t kMorning = 1'795'856'400'000;

inline void use_utc() {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
}

inline v1::Message message(int number, const std::string& sender, const std::string& body) {
  v1::Message out;
  out.set_message_id("id" + std::to_string(number));
  out.set_conversation("bob");
  out.set_sender(sender);
  out.set_outgoing(sender == "alice");
  out.set_read(true);
  out.set_kind(v1::Message::TEXT);
  out.set_state(sender == "alice" ? v1::Message::READ : v1::Message::RECEIVED);
  out.set_sent_ms(kMorning + static_cast<std::uint64_t>(number) * 60'000);
  out.set_body(body);
  out.mutable_security()->set_end_to_end(true);
  return out;
}

/// Messages `first` to `last` of `total`, one line each, of two people in turn.
inline v1::MessagePage page(int first, int last, int total) {
  v1::MessagePage out;
  for (int i = first; i <= last; ++i) {
    *out.add_messages() = message(i, i % 2 == 0 ? "alice" : "bob", "message " + std::to_string(i));
  }
  out.set_position(static_cast<std::uint64_t>(first));
  out.set_total(static_cast<std::uint64_t>(total));
  out.set_more_before(first > 0);
  out.set_more_after(last < total - 1);
  return out;
}

inline v1::Conversation conversation(const std::string& name, std::uint64_t unread = 0) {
  v1::Conversation out;
  out.set_conversation(name);
  out.set_kind(v1::Conversation::DIRECT);
  out.set_unread(unread);
  out.mutable_contact()->set_handle(name);
  out.mutable_security()->set_end_to_end(true);
  out.mutable_security()->set_pq_level(v1::SecurityState::PQ_CONTINUOUS);
  *out.mutable_newest() = message(1, name, "the last line of " + name);
  return out;
}

inline v1::Conversation request(const std::string& name) {
  v1::Conversation out;
  out.set_conversation(name);
  out.set_kind(v1::Conversation::DIRECT);
  out.set_request(true);
  out.set_messages(3);
  out.mutable_contact()->set_handle(name);
  return out;
}

}  // namespace sotto::terminal_ui::testing
