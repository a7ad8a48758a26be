#include "identity/armor.h"

#include <array>

#include "identity/limits.h"

namespace sotto::identity {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kLineLength = 64;

std::string base64(ByteView octets) {
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, octets.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8U | (j < count ? octets[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      out.push_back(j <= count ? kAlphabet[group >> (18U - 6U * j) & 63U] : '=');
    }
  }
  return out;
}

IdentityResult<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return err(IdentityError::malformed);
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  std::size_t count = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return err(IdentityError::malformed);
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> count));
      bits &= (1U << count) - 1U;
    }
  }
  if (bits != 0) return err(IdentityError::malformed);
  return out;
}

std::string line(std::string_view edge, std::string_view kind) {
  return std::string("-----").append(edge).append(" ").append(kind).append("-----");
}

/// Takes the next line off `text`, without its end and without blanks before that.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view out = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  const std::size_t last = out.find_last_not_of(" \t\r");
  return out.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::string armor(std::string_view kind, ByteView octets) {
  const std::string body = base64(octets);
  std::string out = line("BEGIN", kind) + "\n";
  for (std::size_t at = 0; at < body.size(); at += kLineLength) out += body.substr(at, kLineLength) + "\n";
  return out + line("END", kind) + "\n";
}

IdentityResult<Bytes> dearmor(std::string_view kind, std::string_view text) {
  if (text.size() > kMaxArmor) return err(IdentityError::malformed);
  const std::string begin = line("BEGIN", kind);
  const std::string end = line("END", kind);
  while (next_line(text) != begin) {
    if (text.empty()) return err(IdentityError::malformed);
  }
  std::string body;
  for (;;) {
    if (text.empty()) return err(IdentityError::malformed);
    const std::string_view current = next_line(text);
    if (current == end) return from_base64(body);
    body += current;
  }
}

}  // namespace sotto::identity
