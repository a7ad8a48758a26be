// Statements that turn an account off: whatever parses must encode to the octets it came from.
#include "identity/retirement.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sotto::ByteView input(data, size);
  if (const auto parsed = sotto::identity::parse_retirement(input)) {
    SOTTO_CHECK(sotto::equal(encode(*parsed), input));
  }
  return 0;
}
