// CHECK aborts the process on a broken invariant of our own code. Never use it on input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace sotto {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, condition);
  std::abort();
}

}  // namespace sotto

#define SOTTO_CHECK(condition)                               \
  do {                                                       \
    if (!(condition)) [[unlikely]] {                         \
      ::sotto::check_failed(#condition, __FILE__, __LINE__); \
    }                                                        \
  } while (false)
