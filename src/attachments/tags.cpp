#include "attachments/tags.h"

#include "attachments/labels.h"
#include "bytes/encoder.h"

namespace sotto::attachments {

TagsHash hash_tags(ByteView tags) {
  Encoder head;
  head.label(labels::kTags).u64(tags.size() / kTagOctets);
  return crypto::sha384({head.view(), tags});
}

AttachmentResult<TagList> TagList::open(Bytes octets, const Shape& shape, const TagsHash& expected) {
  if (octets.size() != shape.tags_octets() || hash_tags(octets) != expected) {
    return err(AttachmentError::wrong_tag_list);
  }
  return TagList(std::move(octets));
}

}  // namespace sotto::attachments
