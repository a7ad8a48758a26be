#include "bytes/base32.h"

namespace sotto {

std::optional<std::uint8_t> base32_value(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint8_t>(c - 'a');
  if (c >= '2' && c <= '7') return static_cast<std::uint8_t>(c - '2' + 26);
  return std::nullopt;
}

std::string to_base32(ByteView bytes) {
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  unsigned pending = 0;  // the low `bits` bits are not written yet
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = (pending << 8U | byte) & 0xfffU;
    for (bits += 8; bits >= 5; bits -= 5) out.push_back(kBase32Alphabet[pending >> (bits - 5) & 31U]);
  }
  if (bits > 0) out.push_back(kBase32Alphabet[pending << (5 - bits) & 31U]);
  return out;
}

std::optional<Bytes> from_base32(std::string_view text) {
  Bytes out;
  out.reserve(text.size() * 5 / 8);
  unsigned pending = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto value = base32_value(c);
    if (!value) return std::nullopt;
    pending = (pending << 5U | *value) & 0xfffU;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(pending >> bits));
    }
  }
  const bool whole = bits < 5 && (pending & ((1U << bits) - 1)) == 0;
  if (!whole) return std::nullopt;
  return out;
}

}  // namespace sotto
