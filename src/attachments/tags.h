// The list of all chunks' tags, which the message commits to. Readers have it before the first chunk: every
// recipient knows the key, so a chunk's tag alone would let one of them and the server alter a file that is
// read while it arrives (docs/specs/session-protocol.md 10).
#pragma once

#include "attachments/shape.h"
#include "bytes/bytes.h"
#include "crypto/hash.h"

namespace sotto::attachments {

using Tag = ByteArray<kTagOctets>;
using TagsHash = crypto::Sha384Digest;

/// H(LBL("att-tags") || u64 chunks || all tags in order). Precondition: whole tags.
TagsHash hash_tags(ByteView tags);

class TagList {
 public:
  /// `octets`: all tags as they are stored. Fails with wrong_tag_list.
  static AttachmentResult<TagList> open(Bytes octets, const Shape& shape, const TagsHash& expected);

  /// Precondition: index < the shape's chunks.
  [[nodiscard]] ByteView tag(std::uint64_t index) const {
    return ByteView(octets_).subspan(static_cast<std::size_t>(index) * kTagOctets, kTagOctets);
  }

 private:
  explicit TagList(Bytes octets) : octets_(std::move(octets)) {}
  Bytes octets_;
};

}  // namespace sotto::attachments
