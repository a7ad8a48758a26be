// Secrets that valgrind watches: memcheck is told that their octets are unknown, carries that on to whatever
// is computed from them, and counts every branch and every address that depends on it. So "no error" means:
// no control flow and no memory access of the run depended on a secret. (The method is Adam Langley's
// ctgrind.) Instructions whose own time depends on operands, such as division, go unseen; so does what
// another compiler setting makes of the same source.
#pragma once

#include <gtest/gtest.h>

#include "crypto/random.h"

#ifdef SOTTO_CONSTANT_TIME_CHECKS
#include <valgrind/memcheck.h>
#endif

namespace sotto::testing {

#ifdef SOTTO_CONSTANT_TIME_CHECKS
inline bool watched() { return RUNNING_ON_VALGRIND != 0; }
inline void poison(ByteView octets) { VALGRIND_MAKE_MEM_UNDEFINED(octets.data(), octets.size()); }
inline unsigned secret_dependent_steps() { return VALGRIND_COUNT_ERRORS; }
#else
inline bool watched() { return false; }
inline void poison(ByteView) {}
inline unsigned secret_dependent_steps() { return 0; }
#endif

/// How often `work` branched on a secret or used one as an address, other than where suppressions.supp says.
template <typename Work>
unsigned leaks_of(const Work& work) {
  const unsigned before = secret_dependent_steps();
  work();
  return secret_dependent_steps() - before;
}

template <typename Work>
void expect_constant_time(const Work& work) {
  EXPECT_EQ(leaks_of(work), 0U)
      << "something branched on a secret or used one as an address: valgrind names it";
}

/// Every secret that is drawn from it is watched (RandomSource::array declassifies what is public).
class PoisonedRandom final : public crypto::RandomSource {
 public:
  explicit PoisonedRandom(std::uint64_t seed) : source_(seed) {}
  void fill(MutableByteView out) override {
    source_.fill(out);
    poison(out);
  }

 private:
  crypto::DeterministicRandom source_;
};

/// Tests of this folder mean nothing outside valgrind.
class ConstantTime : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!watched()) GTEST_SKIP() << "needs valgrind, and a build without sanitizers that found its headers";
  }
  PoisonedRandom random{1};
};

}  // namespace sotto::testing
