// A stored recovery slot that decodes must encode to the octets it came from.
#include "accounts/recovery_record.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto record = accounts::decode_recovery_slot(input)) {
    SOTTO_CHECK(equal(accounts::encode(*record), input));
  }
  if (const auto slot = accounts::recovery_slot_id(input)) {
    SOTTO_CHECK(equal(accounts::recovery_slot_key(*slot), input));
  }
  return 0;
}
