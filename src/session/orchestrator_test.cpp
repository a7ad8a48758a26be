// Two devices over a hostile network (docs/specs/session-protocol.md 9, 12): loss, repetition, reordering,
// crashes, restored backups. Every run is determined by its printed seed.
#include <gtest/gtest.h>

#include <random>

#include "session/test_party.h"

namespace sotto::session {
namespace {

using testing::kStart;
using testing::Party;
using testing::Store;
using testing::TwoParties;

/// A relay that loses, repeats and reorders, and delivers again what was not acknowledged.
class Network {
 public:
  Network(std::uint64_t seed, double drop) : dice_(seed), drop_(drop) {}

  void take(std::deque<Bytes> wires) {
    for (Bytes& wire : wires) queue_.push_back(std::move(wire));
  }
  [[nodiscard]] bool empty() const { return queue_.empty(); }

  /// Delivers up to `count` envelopes, out of order; a lost delivery stays queued for another time.
  void deliver(Party& to, int count, const testing::CrashPoint& crash = [] { return false; }) {
    for (int i = 0; i < count && !queue_.empty(); ++i) {
      const std::size_t window = std::min<std::size_t>(queue_.size(), 8);
      const auto at = queue_.begin() + static_cast<std::ptrdiff_t>(dice_() % window);
      if (chance(drop_)) continue;
      const bool acknowledged = to.deliver(*at, crash);
      if (to.take_crashed()) {
        to.restart();
        return;
      }
      if (acknowledged && !chance(0.1)) queue_.erase(at);
    }
  }
  bool chance(double probability) {
    return static_cast<double>(dice_() % 1'000'000) < probability * 1'000'000;
  }
  std::mt19937_64& dice() { return dice_; }

 private:
  std::mt19937_64 dice_;
  double drop_;
  std::deque<Bytes> queue_;
};

struct Run {
  std::uint64_t seed;
  int messages;
  double drop;
  double crash = 0;
};

void converse(const Run& run) {
  SCOPED_TRACE("seed " + std::to_string(run.seed));
  TwoParties world(run.seed);
  Network to_bob(run.seed * 2, run.drop);
  Network to_alice(run.seed * 2 + 1, run.drop);
  std::multiset<std::string> for_bob;
  std::multiset<std::string> for_alice;
  const auto crash = [&] { return run.crash > 0 && to_bob.chance(run.crash); };
  const auto flush = [&](Party& party) {
    party.flush(crash);
    if (party.take_crashed()) party.restart();
  };
  std::uint64_t clock = kStart.value;
  int written = 0;
  while (written < run.messages || !to_bob.empty() || !to_alice.empty()) {
    world.at(UnixMs{clock += 1000});
    if (written < run.messages) {
      const bool from_alice = to_bob.chance(0.5);
      const std::string text = (from_alice ? "a" : "b") + std::to_string(written++);
      (from_alice ? *world.alice : *world.bob).write(text);
      (from_alice ? for_bob : for_alice).insert(text);
    }
    flush(*world.alice);
    flush(*world.bob);
    to_bob.take(world.alice->take_wires());
    to_alice.take(world.bob->take_wires());
    to_bob.deliver(*world.bob, 4, crash);
    to_alice.deliver(*world.alice, 4, crash);
    flush(*world.alice);
    flush(*world.bob);
    to_bob.take(world.alice->take_wires());
    to_alice.take(world.bob->take_wires());
  }
  EXPECT_EQ(world.bob->store().inbox, for_bob);
  EXPECT_EQ(world.alice->store().inbox, for_alice);
  for (Party* party : {&*world.alice, &*world.bob}) {
    for (const auto& [error, count] : party->refusals) {
      EXPECT_TRUE(error == SessionError::duplicate || error == SessionError::replayed)
          << describe(error) << " " << count;
    }
    EXPECT_GE(party->state().security(party->now).pq_epoch, 1U);
  }
}

TEST(Orchestrator, P10_TenThousandMessagesUnderLossRepetitionAndReorderingArriveExactlyOnce) {
  converse({.seed = 1, .messages = 10'000, .drop = 0.3});
}

TEST(Orchestrator, P10_ShorterRunsFromManySeeds) {
  for (std::uint64_t seed = 2; seed < 12; ++seed) converse({.seed = seed, .messages = 200, .drop = 0.3});
}

TEST(Orchestrator, P13_DyingBeforeOrAfterAnyTransactionLosesAndRepeatsNothing) {
  for (std::uint64_t seed = 20; seed < 30; ++seed)
    converse({.seed = seed, .messages = 200, .drop = 0.2, .crash = 0.1});
}

}  // namespace
}  // namespace sotto::session
