// Stored records of blobs that decode must encode to the octets they came from.
#include "blobs/record.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto record = blobs::decode_blob(input)) SOTTO_CHECK(equal(blobs::encode(*record), input));
  if (const auto holding = blobs::decode_holding(input)) {
    SOTTO_CHECK(equal(blobs::encode_holding(*holding), input));
  }
  if (const auto name = blobs::parse_record_key(input)) {
    SOTTO_CHECK(equal(blobs::record_key(*name), input));
  }
  if (const auto name = blobs::parse_holding_key(input)) {
    SOTTO_CHECK(equal(blobs::holding_key(*name), input));
  }
  return 0;
}
