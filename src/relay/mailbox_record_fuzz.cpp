// What lies in a damaged database: decoders of mailbox records accept exactly what their encoders make.
#include <cstddef>
#include <cstdint>

#include "relay/record.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;  // NOLINT(google-build-using-namespace): one function
  const ByteView input(data, size);
  if (const auto record = relay::decode_envelope(input)) SOTTO_CHECK(equal(relay::encode(*record), input));
  if (const auto point = relay::decode_checkpoint(input)) SOTTO_CHECK(equal(relay::encode(*point), input));
  if (const auto sequence = relay::parse_envelope_key(input)) {
    SOTTO_CHECK(equal(relay::envelope_key(*sequence), input));
  }
  if (const auto entry = relay::parse_expiry_key(input)) {
    SOTTO_CHECK(equal(relay::expiry_key(entry->first, entry->second), input));
  }
  return 0;
}
