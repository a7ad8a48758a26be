#include "media/error.h"

namespace sotto::media {

std::string_view describe(MediaError error) {
  switch (error) {
    case MediaError::not_a_picture: return "not a picture: only PNG, JPEG, WebP, GIF and HEIC are decoded";
    case MediaError::not_supported: return "a picture in a format that this build cannot decode";
    case MediaError::malformed: return "the picture is damaged or cut short; ask for it to be sent again";
    case MediaError::too_large:
      return "the picture is larger than the limits allow (32 MiB, 48 megapixels); ask for a smaller one";
    case MediaError::crashed:
      return "the decoder crashed on this picture; it may be made to attack, do not open it elsewhere";
    case MediaError::timed_out:
      return "decoding took too long; the picture may be made to exhaust the machine";
    case MediaError::forbidden_call:
      return "the decoder was taken over by this picture and stopped; it is an attack, do not open it "
             "elsewhere and report who sent it";
    case MediaError::bad_answer:
      return "the decoder gave an answer that no decoder gives; the picture may be made to attack, do not "
             "open it elsewhere";
    case MediaError::not_confined:
      return "the decoder could not be confined (it needs seccomp, and /proc to prove it), so no picture is "
             "decoded";
    case MediaError::not_started:
      return "the decoder could not be started; is the program sotto-media beside sotto?";
  }
  return "unknown error";
}

}  // namespace sotto::media
