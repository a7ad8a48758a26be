// Any octets. What is written anew can be written anew again and stays as it is then: nothing is left that
// would be left out, and nothing grows but by how the camera was held.
#include "picture_metadata/picture_metadata.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const auto once = picture_metadata::without_metadata({data, size});
  if (!once) return 0;
  const auto twice = picture_metadata::without_metadata(*once);
  SOTTO_CHECK(twice.has_value());
  SOTTO_CHECK(*twice == *once);
  return 0;
}
