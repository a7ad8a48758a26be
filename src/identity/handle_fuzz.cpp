// A handle that parses is in normal form: it parses again, to itself.
#include "bytes/bytes.h"
#include "identity/handle.h"
#include "identity/limits.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  if (const auto handle = identity::Handle::parse(as_chars({data, size}))) {
    SOTTO_CHECK(handle->text().size() <= identity::kMaxHandle);
    const auto again = identity::Handle::parse(handle->text());
    SOTTO_CHECK(again && *again == *handle);
  }
  (void)identity::Handle::phone(as_chars({data, size}));
  return 0;
}
