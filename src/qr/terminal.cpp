#include "qr/terminal.h"

#include <qrencode.h>

#include <memory>

namespace sotto::qr {
namespace {

constexpr int kMargin = 4;  // ISO/IEC 18004 5.3.8
constexpr std::string_view kBlackOnWhite = "\x1b[38;5;16;48;5;231m";
constexpr std::string_view kOwnColours = "\x1b[0m";

struct Free {
  void operator()(QRcode* code) const { QRcode_free(code); }
};
using Code = std::unique_ptr<QRcode, Free>;

/// Coordinates without the margin; everything outside is light.
bool is_dark(const QRcode& code, int row, int column) {
  if (row < 0 || column < 0 || row >= code.width || column >= code.width) return false;
  return (code.data[row * code.width + column] & 1U) != 0;  // bit 0 of a symbol octet: dark
}

std::string_view block(bool upper, bool lower) {
  if (upper) return lower ? "\u2588" : "\u2580";
  return lower ? "\u2584" : " ";
}

}  // namespace

std::vector<std::string> terminal_lines(std::string_view text) {
  if (text.empty() || text.size() > kMaxText || text.contains('\0')) return {};
  constexpr int kSmallestVersion = 0;  // that holds the text
  constexpr int kCaseSensitive = 1;
  const Code code(QRcode_encodeString(std::string(text).c_str(), kSmallestVersion, QR_ECLEVEL_M, QR_MODE_8,
                                      kCaseSensitive));
  if (!code) return {};
  std::vector<std::string> lines;
  for (int row = -kMargin; row < code->width + kMargin; row += 2) {
    std::string line(kBlackOnWhite);
    for (int column = -kMargin; column < code->width + kMargin; ++column) {
      line += block(is_dark(*code, row, column), is_dark(*code, row + 1, column));
    }
    line += kOwnColours;
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace sotto::qr
