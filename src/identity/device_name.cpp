#include "identity/device_name.h"

#include <utf8proc.h>

#include <algorithm>

#include "identity/limits.h"

namespace sotto::identity {
namespace {

constexpr utf8proc_int32_t kZeroWidthJoiner = 0x200D;  // joins emoji, and alone shows as nothing worse

bool is_visible(utf8proc_int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    case UTF8PROC_CATEGORY_CF: return code_point == kZeroWidthJoiner;
    default: return true;
  }
}

}  // namespace

std::string clean_device_name(std::string_view typed) {
  std::string out;
  while (!typed.empty()) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t length =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(typed.data()),
                         static_cast<utf8proc_ssize_t>(typed.size()), &code_point);
    const auto size = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(length, 1));
    if (length > 0 && is_visible(code_point)) {
      if (out.size() + size > kMaxDeviceName) break;
      out += typed.substr(0, size);
    }
    typed.remove_prefix(size);
  }
  return out;
}

}  // namespace sotto::identity
