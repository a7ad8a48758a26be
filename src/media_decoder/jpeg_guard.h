// libjpeg's way of failing, turned into a value: its errors leave by longjmp. What stands between the setjmp
// and the jump must not have destructors.
#pragma once

#include <cstddef>
#include <cstdio>
// The library's header needs the two above.
#include <jpeglib.h>

#include <csetjmp>

namespace sotto::media_decoder {

struct JpegGuard {
  jpeg_error_mgr errors;  // first: libjpeg knows only this member
  std::jmp_buf failed;
  int warnings;
  bool cut_short;
};

/// Lets `guard` handle what goes wrong. The caller sets `guard.failed`.
jpeg_error_mgr* guarded(JpegGuard& guard);

}  // namespace sotto::media_decoder
