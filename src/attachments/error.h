// The error enum of the attachments module.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::attachments {

/// Why an attachment is refused. The first group is about what was said of it, the second about its octets.
enum class AttachmentError : std::uint8_t {
  malformed,            ///< a field of a wrong length
  too_large,            ///< more octets than an attachment may have
  wrong_stored_length,  ///< not what an attachment of that length has when encrypted and padded
  bad_name,             ///< empty, too long, not UTF-8, or not the name of a file
  bad_mime,             ///< not a media type
  thumbnail_too_large,

  wrong_tag_list,  ///< of a wrong length, or not the one that the message committed to
  wrong_chunk,     ///< not what the tag list says, at this place, under this key, as the last or not the last
  wrong_padding,   ///< octets after the end that are not zero
};

std::string_view describe(AttachmentError error);

template <typename T>
using AttachmentResult = Result<T, AttachmentError>;

}  // namespace sotto::attachments
