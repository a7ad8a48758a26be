// A stored report that decodes must encode to the octets it came from.
#include "accounts/reports.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto record = accounts::decode_report(input)) {
    SOTTO_CHECK(equal(accounts::encode(*record), input));
  }
  return 0;
}
