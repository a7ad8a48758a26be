// Whatever a process answers, the client takes it for what it says within the limits, or for an error.
#include "media/protocol.h"
#include "media/quarantine.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto greeting = media::decode_greeting(input))
    SOTTO_CHECK(equal(media::encode(*greeting), input));
  if (const auto head = media::decode_picture_head(input, media::kMaxCleanEdge)) {
    SOTTO_CHECK(media::pixel_octets(head->width, head->height) <= media::kMaxPixelOctets);
    SOTTO_CHECK(equal(media::encode(*head), input));
  }
  for (const auto format : {media::Format::png, media::Format::jpeg, media::Format::webp}) {
    if (const auto head = media::decode_clean_head(input, {.format = format})) {
      SOTTO_CHECK(head->length <= media::kMaxCleanFile && head->thumbnail_length <= media::kMaxThumbnail);
      SOTTO_CHECK(equal(media::encode(*head), input));
    }
  }
  if (const auto score = media::decode_score(input)) {
    SOTTO_CHECK(score->value <= media::kMaxScore && equal(media::encode(*score), input));
  }
  if (const auto record = media::decode_quarantine_record(input)) {
    SOTTO_CHECK(equal(media::encode(*record), input));
  }
  return 0;
}
