// Chance, from one seed: every actor has dice of its own, derived by name, so that what one of them throws
// never changes what another gets.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "clock/clock.h"
#include "crypto/random.h"

namespace sotto::simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed), random_(seed) {}

  /// Independent of this one's throws: the same name gives the same dice.
  [[nodiscard]] Dice child(std::string_view name) const { return Dice(child_seed(name)); }
  [[nodiscard]] std::uint64_t child_seed(std::string_view name) const;

  /// 0..bound-1. Precondition: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// lowest..highest
  std::uint64_t between(std::uint64_t lowest, std::uint64_t highest) {
    return lowest + below(highest - lowest + 1);
  }
  DurationMs between(DurationMs lowest, DurationMs highest) { return {between(lowest.value, highest.value)}; }
  /// Each order of magnitude up to `longest` is equally likely: many short times, few long ones.
  DurationMs spread(DurationMs longest);
  bool chance(std::uint32_t per_mille) { return below(1000) < per_mille; }
  /// Precondition: not empty.
  template <typename T>
  T& pick(std::span<T> choices) {
    return choices[below(choices.size())];
  }
  crypto::RandomSource& source() { return random_; }

 private:
  std::uint64_t seed_;
  crypto::DeterministicRandom random_;
};

}  // namespace sotto::simulation
