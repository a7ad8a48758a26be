// A sample of a classifier plug-in (docs/specs/media-sandbox.md 7), to start from. It knows nothing of what
// is to be seen in a picture: its score is the share of strongly red pixels. No model is shipped with Sotto.
#include "media_decoder/classifier_plugin.h"

namespace {

int load(const char* /*folder*/) { return 0; }

int classify(const uint8_t* pixels, uint32_t width, uint32_t height) {
  const uint64_t count = uint64_t{width} * height;
  uint64_t red = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint8_t* pixel = pixels + 4 * i;
    if (pixel[0] > 160 && pixel[1] < 80 && pixel[2] < 80) ++red;
  }
  return static_cast<int>(red * 100 / count);
}

}  // namespace

extern "C" const sotto_classifier sotto_classifier_v1 = {
    .abi = SOTTO_CLASSIFIER_ABI, .load = load, .classify = classify};
