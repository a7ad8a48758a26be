// One forbidden thing, what the victim must say to it, and what must be left of it afterwards: nothing.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "peer.h"

namespace sotto::hostile {

/// What the victim's user is told.
enum class Told : std::uint8_t { nothing, undecryptable, content };

struct PeerCase {
  const char* name;
  std::function<Bytes(Peer&)> make;
  std::optional<session::SessionError> error;
  Told told = Told::undecryptable;
  /// The victim answers with an error report: its sending state moves, and that of the session in question
  /// may be replaced.
  bool reported = false;
  /// The victim makes new prekeys, once after each start: it may have been restored without the ones named.
  bool renews = false;
};

/// Names the case in a parameterised suite.
inline std::string name_of(const ::testing::TestParamInfo<PeerCase>& info) { return info.param.name; }
inline void PrintTo(const PeerCase& each, std::ostream* out) { *out << each.name; }

class PeerTest : public ::testing::TestWithParam<PeerCase> {
 protected:
  /// Mallory sends what the case makes; the victim says, keeps and shows what it must, and both talk on.
  void run(const PeerCase& each) {
    const Bytes wire = each.make(peer);
    stage.settle();
    bob.take_problems();
    EXPECT_EQ(peer.verdict(wire), each.error);
    const auto texts = bob.texts("mallory");
    const Bytes records = bob.record_digest();
    const Bytes sessions = bob.session_digest();
    const Bytes prekeys = bob.prekey_digest();
    stage.deliver(bob, wire);
    const auto said = each.error ? std::string(session::describe(*each.error)) : std::string();
    std::vector<std::string> expected;
    if (each.told == Told::undecryptable) expected.push_back("UNDECRYPTABLE " + said);
    if (each.told == Told::content) {
      expected.emplace_back("CONTENT_REFUSED a message whose signature or form does not hold was dropped");
    }
    EXPECT_EQ(bob.take_problems(), expected);
    EXPECT_EQ(bob.texts("mallory"), texts);
    EXPECT_EQ(bob.record_digest(), records);
    EXPECT_EQ(bob.prekey_digest() != prekeys, each.renews);
    if (each.told != Told::content && !each.reported) {
      EXPECT_EQ(bob.session_digest(), sessions);
    }
    expect_they_talk_on();
  }

  void expect_they_talk_on() {
    stage.pass(minutes(30));
    for (const auto& [from, to] : {std::pair(&mallory, &bob), std::pair(&bob, &mallory)}) {
      const std::string text = "honest again, " + from->name();
      stage.write(*from, to->self().handle, text);
      stage.settle();
      stage.pass_in_steps(minutes(30), minutes(10));
      EXPECT_EQ(std::ranges::count(to->texts(from->self().handle), text), 1) << to->name();
      EXPECT_EQ(from->state_of(to->self().handle, text), v1::Message::DELIVERED) << from->name();
    }
  }

  Stage stage;
  Person& bob = stage.join("bob");
  Person& mallory = stage.join("mallory");
  Peer peer{stage, mallory, bob};
};

}  // namespace sotto::hostile
