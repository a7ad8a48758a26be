// QR codes (ISO/IEC 18004) as text for a terminal. What a code says is the callers' concern:
// linking/link_qr.h, verification/contact_qr.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::qr {

/// Longest text that is drawn: in the alphanumeric characters of our codes it makes 61 x 61 modules, which
/// with the margin fit a terminal of 73 columns and 37 lines.
inline constexpr std::size_t kMaxText = 400;

/// Lines of UTF-8, each one two rows of modules high (U+2580, U+2584, U+2588 and blanks), margin of four
/// modules included; black on white whatever the terminal's own colours are (ECMA-48 8.3.117). Error
/// correction level M. Empty when `text` is empty, longer than kMaxText or has a zero octet.
std::vector<std::string> terminal_lines(std::string_view text);

}  // namespace sotto::qr
