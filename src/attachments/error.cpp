#include "attachments/error.h"

namespace sotto::attachments {

std::string_view describe(AttachmentError error) {
  switch (error) {
    case AttachmentError::malformed: return "the description of the attachment is malformed";
    case AttachmentError::too_large: return "too large for an attachment";
    case AttachmentError::wrong_stored_length: return "the attachment's lengths contradict each other";
    case AttachmentError::bad_name: return "the attachment's name is not the name of a file";
    case AttachmentError::bad_mime: return "the attachment's media type is not one";
    case AttachmentError::thumbnail_too_large: return "the attachment's preview is too large";
    case AttachmentError::wrong_tag_list: return "the attachment is not the one that was sent";
    case AttachmentError::wrong_chunk: return "a part of the attachment is not the one that was sent";
    case AttachmentError::wrong_padding: return "the attachment has more octets than was said";
  }
  return "unknown attachment error";
}

}  // namespace sotto::attachments
