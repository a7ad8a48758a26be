// Hostile descriptions and hostile octets. What is said of an attachment decodes within its bounds or not at
// all; octets that open under a tag list have been sealed.
#include "attachments/descriptor.h"
#include "result/check.h"
#include "wire/decode.h"

namespace {

using namespace sotto;  // NOLINT(google-build-using-namespace): one translation unit, nothing else in it
using namespace attachments;  // NOLINT(google-build-using-namespace)

void describe_and_open(ByteView description, ByteView stored) {
  v1::Attachment attachment;
  if (!wire::decode(description, std::size_t{64} << 10, attachment)) return;
  auto decoded = decode(attachment);
  if (!decoded) return;
  SOTTO_CHECK(is_file_name(decoded->name) && decoded->thumbnail.size() <= kMaxThumbnailOctets);
  SOTTO_CHECK(decoded->shape.stored == attachment.stored_size());
  if (stored.size() != decoded->shape.stored) return;
  const auto begin = static_cast<std::size_t>(decoded->shape.tags_begin());
  const Bytes tags = to_bytes(stored.subspan(begin));
  SOTTO_CHECK(!TagList::open(tags, decoded->shape, decoded->tags_hash) ||
              hash_tags(tags) == decoded->tags_hash);
  // As who sent it can: a list that fits its hash.
  const TagList list = TagList::open(tags, decoded->shape, hash_tags(tags)).value();
  Bytes chunk = to_bytes(stored.first(decoded->shape.chunk_octets(0)));
  const Bytes before = chunk;
  const auto opened = open_chunk(decoded->keys, decoded->shape, list, 0, chunk);
  SOTTO_CHECK(opened || chunk == before);
  if (!opened) return;
  const Tag tag = seal_chunk(decoded->keys, decoded->shape, 0, chunk);
  SOTTO_CHECK(chunk == before && equal(tag, list.tag(0)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (size < 2) return 0;
  const std::size_t description = std::min<std::size_t>(std::size_t{data[0]} << 8 | data[1], size - 2);
  describe_and_open(input.subspan(2, description), input.subspan(2 + description));
  return 0;
}
