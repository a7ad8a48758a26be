#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "crypto/process_memory.h"

namespace sotto::testing {
namespace {

int private_memory() {
  if (!crypto::keep_memory_private() || ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 1;
  rlimit limit{};
  return ::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : 2;
}

TEST(ProcessMemoryDeathTest, P32_AProcessThatKeepsItsMemoryPrivateLeavesNoCoreDump) {
  EXPECT_EXIT(std::_Exit(private_memory()), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sotto::testing
