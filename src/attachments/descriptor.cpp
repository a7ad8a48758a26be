#include "attachments/descriptor.h"

#include <algorithm>

#include "wire/decode.h"

namespace sotto::attachments {
namespace {

bool is_continuation(unsigned char c) { return (c & 0xc0U) == 0x80; }

/// Octets of the character that begins here, 0 when there is none (RFC 3629 4), or one that a terminal obeys.
std::size_t printable_character(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  const unsigned char first = at(0);
  if (first < 0x20 || first == 0x7f) return 0;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) {
    const bool control = first == 0xc2 && at(1) < 0xa0;
    return is_continuation(at(1)) && !control ? 2 : 0;
  }
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && at(1) < 0xa0;
    const bool surrogate = first == 0xed && at(1) > 0x9f;
    // U+2028 to U+202E and U+2066 to U+2069 break lines and turn the direction of writing around.
    const bool turning = first == 0xe2 && ((at(1) == 0x80 && at(2) >= 0xa8 && at(2) <= 0xae) ||
                                           (at(1) == 0x81 && at(2) >= 0xa6 && at(2) <= 0xa9));
    return is_continuation(at(1)) && is_continuation(at(2)) && !overlong && !surrogate && !turning ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4) return 0;
  const bool outside = (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f);
  return is_continuation(at(1)) && is_continuation(at(2)) && is_continuation(at(3)) && !outside ? 4 : 0;
}

bool is_restricted_name(std::string_view name) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (name.empty() || !alphanumeric(name.front())) return false;
  return std::ranges::all_of(name, [&](char c) {
    return alphanumeric(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_file_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameOctets || name.front() == '.' || name.front() == '-')
    return false;
  if (name.find('/') != std::string_view::npos || name.find('\\') != std::string_view::npos) return false;
  while (!name.empty()) {
    const std::size_t length = printable_character(name);
    if (length == 0) return false;
    name.remove_prefix(length);
  }
  return true;
}

bool is_media_type(std::string_view mime) {
  const std::size_t slash = mime.find('/');
  if (mime.size() > kMaxMimeOctets || slash == std::string_view::npos) return false;
  return is_restricted_name(mime.substr(0, slash)) && is_restricted_name(mime.substr(slash + 1));
}

AttachmentResult<Descriptor> decode(const v1::Attachment& attachment) {
  const bool lengths = attachment.capability().size() == std::tuple_size_v<Capability> &&
                       attachment.key().size() == AttachmentKey::kSize &&
                       attachment.file_id().size() == std::tuple_size_v<FileId> &&
                       attachment.tags_hash().size() == std::tuple_size_v<TagsHash>;
  if (!lengths) return err(AttachmentError::malformed);
  SOTTO_TRY(const Shape shape, Shape::of(attachment.size()));
  if (attachment.stored_size() != shape.stored) return err(AttachmentError::wrong_stored_length);
  if (!is_file_name(attachment.name())) return err(AttachmentError::bad_name);
  if (!is_media_type(attachment.mime())) return err(AttachmentError::bad_mime);
  if (attachment.thumbnail().size() > kMaxThumbnailOctets) return err(AttachmentError::thumbnail_too_large);
  return Descriptor{.capability = to_array<32>(wire::octets(attachment.capability())),
                    .keys = {AttachmentKey::copy_of(wire::octets(attachment.key())),
                             to_array<32>(wire::octets(attachment.file_id()))},
                    .shape = shape,
                    .tags_hash = to_array<48>(wire::octets(attachment.tags_hash())),
                    .mime = attachment.mime(),
                    .name = attachment.name(),
                    .thumbnail = to_bytes(wire::octets(attachment.thumbnail()))};
}

}  // namespace sotto::attachments
