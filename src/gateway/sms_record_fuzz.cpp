// A stored text or route that decodes must encode to the octets it came from.
#include "gateway/sms_record.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto record = gateway::decode_text(input)) {
    SOTTO_CHECK(equal(gateway::encode(*record), input));
  }
  if (const auto record = gateway::decode_route(input)) {
    SOTTO_CHECK(equal(gateway::encode(*record), input));
  }
  if (const auto ref = gateway::ref_of(input)) SOTTO_CHECK(equal(gateway::text_key(*ref), input));
  return 0;
}
