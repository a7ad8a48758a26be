#include "media_decoder/jpeg_guard.h"

#include <jerror.h>

#include "media/limits.h"

namespace sotto::media_decoder {
namespace {

JpegGuard& guard_of(j_common_ptr codec) { return *reinterpret_cast<JpegGuard*>(codec->err); }

[[noreturn]] void leave(j_common_ptr codec) { std::longjmp(guard_of(codec).failed, 1); }

void note(j_common_ptr codec, int level) {
  if (level >= 0) return;
  JpegGuard& guard = guard_of(codec);
  // A picture that ends early would be filled up with grey.
  guard.cut_short = guard.cut_short || codec->err->msg_code == JWRN_JPEG_EOF;
  if (++guard.warnings > media::kMaxJpegWarnings || guard.cut_short) leave(codec);
}

void say_nothing(j_common_ptr /*codec*/) {}

}  // namespace

jpeg_error_mgr* guarded(JpegGuard& guard) {
  jpeg_error_mgr* const errors = ::jpeg_std_error(&guard.errors);
  errors->error_exit = leave;
  errors->emit_message = note;
  errors->output_message = say_nothing;
  guard.warnings = 0;
  guard.cut_short = false;
  return errors;
}

}  // namespace sotto::media_decoder
