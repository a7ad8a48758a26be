// What a message says of an attachment: where it lies, what opens it, what it is (attachment.proto).
// The octets come from a peer; the bounds here are what the rest of the client relies on.
#pragma once

#include <string>

#include "attachments/seal.h"
#include "attachments/shape.h"
#include "attachments/tags.h"
#include "sotto/v1/attachment.pb.h"

namespace sotto::attachments {

/// File systems take no longer names.
inline constexpr std::size_t kMaxNameOctets = 255;
inline constexpr std::size_t kMaxMimeOctets = 127;
/// A picture of 64 by 64 points, so that something is seen before anything is fetched; within an envelope.
inline constexpr std::size_t kMaxThumbnailOctets = std::size_t{8} << 10;

using Capability = ByteArray<32>;

struct Descriptor {
  Capability capability{};
  FileKeys keys;
  Shape shape;
  TagsHash tags_hash{};
  std::string mime;
  std::string name;
  Bytes thumbnail;  ///< octets of an image from a stranger: to be decoded in the sandbox only
};

/// Fails with malformed, too_large, wrong_stored_length, bad_name, bad_mime, thumbnail_too_large.
AttachmentResult<Descriptor> decode(const v1::Attachment& attachment);

/// The name of one file and not a path, printable: at most kMaxNameOctets of UTF-8 without control
/// characters,
/// '/' and '\\', neither "." nor "..", not beginning with '.' or '-', which hide or confuse.
bool is_file_name(std::string_view name);
/// type "/" subtype as RFC 6838 4.2 restricts them, without parameters.
bool is_media_type(std::string_view mime);

}  // namespace sotto::attachments
