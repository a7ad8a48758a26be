// Files of strangers: a picture within the limits, or an error.
#include "media_decoder/formats.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  constexpr std::uint32_t kMaxEdge = 64;
  static const bool prepared = (media_decoder::prepare_heic(), true);
  static_cast<void>(prepared);
  if (size > media::kMaxInput) return 0;
  const auto outcome = media_decoder::decode(ByteView(data, size), kMaxEdge);
  if (!outcome) return 0;
  // What the client will accept.
  const auto head = media::decode_picture_head(media::encode(outcome->head), kMaxEdge);
  SOTTO_CHECK(head && *head == outcome->head);
  SOTTO_CHECK(outcome->picture.pixels.size() == media::pixel_octets(head->width, head->height));
  return 0;
}
