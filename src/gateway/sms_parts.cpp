#include "gateway/sms_parts.h"

#include <algorithm>
#include <array>

namespace sotto::gateway {
namespace {

/// The default alphabet without the escape and what is ASCII, in which seven characters are missing (3GPP TS
/// 23.038 6.2.1).
constexpr std::u32string_view kGsmBeyondAscii = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
constexpr std::u32string_view kNotInGsm = U"`";
constexpr std::u32string_view kExtension = U"^{}\\[~]|€\f";

constexpr std::size_t kGsmOne = 160, kGsmEach = 153;
constexpr std::size_t kUcsOne = 70, kUcsEach = 67;

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The next character, removed from the text; empty when it is no UTF-8.
std::optional<char32_t> next_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || text.size() < length) return std::nullopt;
  char32_t character = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return std::nullopt;
    character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kLeast[length] || character > 0x10FFFF || surrogate) return std::nullopt;
  text.remove_prefix(length);
  return character;
}

void append_utf8(char32_t c, std::string& out) {
  const auto put = [&](char32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

/// Septets, 0: not in the alphabet.
std::size_t septets(char32_t c) {
  if (kExtension.find(c) != std::u32string_view::npos) return 2;
  if (kNotInGsm.find(c) != std::u32string_view::npos) return 0;
  const bool plain = c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F);
  return plain || kGsmBeyondAscii.find(c) != std::u32string_view::npos ? 1 : 0;
}

std::size_t utf16_units(char32_t c) { return c >= 0x10000 ? 2 : 1; }

/// Counts units and parts; no character is divided between two.
class Counter {
 public:
  Counter(std::size_t one, std::size_t each) : one_(one), each_(each) {}
  void add(std::size_t units) {
    units_ += units;
    if (in_part_ + units > each_) {
      in_part_ = 0;
      ++full_;
    }
    in_part_ += units;
  }
  [[nodiscard]] SmsLength length(SmsAlphabet alphabet) const {
    const std::size_t parts = units_ == 0 ? 0 : units_ <= one_ ? 1 : full_ + 1;
    return {alphabet, units_, parts};
  }

 private:
  std::size_t one_, each_;
  std::size_t units_ = 0, in_part_ = 0, full_ = 0;
};

}  // namespace

std::optional<SmsLength> sms_length(std::string_view text) {
  Counter gsm(kGsmOne, kGsmEach);
  Counter ucs(kUcsOne, kUcsEach);
  bool in_gsm = true;
  while (!text.empty()) {
    const auto character = next_character(text);
    if (!character) return std::nullopt;
    const std::size_t taken = septets(*character);
    in_gsm = in_gsm && taken > 0;
    gsm.add(taken);
    ucs.add(utf16_units(*character));
  }
  return in_gsm ? gsm.length(SmsAlphabet::gsm7) : ucs.length(SmsAlphabet::ucs2);
}

std::string_view cut_utf8(std::string_view text, std::size_t octets) {
  if (text.size() <= octets) return text;
  while (octets > 0 && is_continuation(text[octets])) --octets;
  return text.substr(0, octets);
}

std::optional<std::string> utf8_from_utf16be(std::string_view octets) {
  if (octets.size() % 2 != 0) return std::nullopt;
  const auto unit = [&](std::size_t at) {
    return static_cast<char32_t>(static_cast<unsigned char>(octets[at])) << 8 |
           static_cast<unsigned char>(octets[at + 1]);
  };
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += 2) {
    char32_t c = unit(at);
    if (c >= 0xDC00 && c <= 0xDFFF) return std::nullopt;
    if (c >= 0xD800 && c <= 0xDBFF) {
      at += 2;
      const char32_t low = at < octets.size() ? unit(at) : 0;
      if (low < 0xDC00 || low > 0xDFFF) return std::nullopt;
      c = 0x10000 + ((c - 0xD800) << 10 | (low - 0xDC00));
    }
    append_utf8(c, out);
  }
  return out;
}

}  // namespace sotto::gateway
