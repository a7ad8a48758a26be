// Any Exif segment says one of eight orientations.
#include "media_decoder/exif.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto orientation = static_cast<unsigned>(sotto::media_decoder::exif_orientation({data, size}));
  SOTTO_CHECK(orientation >= 1 && orientation <= 8);
  return 0;
}
