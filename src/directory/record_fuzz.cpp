// Stored records: whatever decodes must encode to the octets it came from.
#include "directory/first_contacts.h"
#include "directory/record.h"
#include "result/check.h"

namespace {

template <typename Decode>
void check(sotto::ByteView input, const Decode& decode) {
  const auto record = decode(input);
  if (record) SOTTO_CHECK(sotto::equal(sotto::directory::encode(*record), input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  check(input, directory::decode_account);
  check(input, directory::decode_claim);
  check(input, directory::decode_hold);
  check(input, directory::decode_batch_record);
  check(input, directory::decode_pair);
  check(input, directory::decode_first_contacts);
  (void)directory::decode_cursor(input);
  return 0;
}
