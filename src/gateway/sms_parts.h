// How telephone networks count a text: the alphabet it needs and the parts it is cut into (3GPP
// TS 23.038 6.2.1, 23.040 9.2.3.24.1). The cutting itself is Kannel's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::gateway {

enum class SmsAlphabet : std::uint8_t {
  gsm7,  ///< 160 characters in a text of one part, 153 in each of several; those of the extension count twice
  ucs2,  ///< UTF-16 units, 70 and 67; a pair counts twice
};

struct SmsLength {
  SmsAlphabet alphabet;
  std::size_t units;
  std::size_t parts;  ///< 0 for an empty text

  friend bool operator==(const SmsLength&, const SmsLength&) = default;
};

/// Empty when the text is not UTF-8.
std::optional<SmsLength> sms_length(std::string_view text);

/// The text up to `octets`, cut between characters.
std::string_view cut_utf8(std::string_view text, std::size_t octets);

/// UTF-8 from big-endian UTF-16; empty when it is none.
std::optional<std::string> utf8_from_utf16be(std::string_view octets);

}  // namespace sotto::gateway
