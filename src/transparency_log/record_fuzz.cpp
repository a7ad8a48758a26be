// Stored records and pages: whatever decodes must encode to the octets it came from.
#include "result/check.h"
#include "transparency_log/record.h"

namespace {

template <typename Decoded>
void check(sotto::ByteView input, const Decoded& decoded) {
  if (decoded) SOTTO_CHECK(sotto::equal(sotto::transparency_log::encode(*decoded), input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::transparency_log;
  const ByteView input(data, size);
  check(input, decode_state(input));
  check(input, decode_label(input));
  check(input, decode_page(input, PageId{}));
  if (const auto redo = decode_redo(input)) SOTTO_CHECK(decode_redo(encode(*redo)));
  return 0;
}
