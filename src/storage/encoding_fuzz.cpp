// What the database holds is read back from a disk that may have changed it: the decoders must be total, and
// what they accept must be the one encoding of its content.
#include <cstdlib>

#include "storage/encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto state = storage::decode_state(input)) {
    if (!equal(storage::encode_state(*state), input)) std::abort();
  }
  if (const auto version = storage::decode_format(input)) {
    if (!equal(storage::encode_format(*version), input)) std::abort();
  }
  if (const auto entry = storage::decode_entry_key(input)) {
    if (!equal(storage::encode_entry_key(entry->prefix, entry->key), input)) std::abort();
  }
  return 0;
}
