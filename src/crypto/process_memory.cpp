#include "crypto/process_memory.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace sotto::crypto {

bool keep_memory_private() {
  // The limit too: where a pattern pipes core dumps into a program, it is the other one that is heeded.
  const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
  const bool no_core = ::setrlimit(RLIMIT_CORE, &none) == 0;
  return ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && no_core;
}

}  // namespace sotto::crypto
