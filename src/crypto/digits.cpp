#include "crypto/digits.h"

#include "crypto/secret.h"
#include "result/check.h"

namespace sotto::crypto {
namespace {

/// Uniform below 10^6: of the 2^24 values of three octets the last 777,216 are drawn again.
std::uint32_t draw_number(RandomSource& random) {
  constexpr std::uint32_t kCodes = 1'000'000;
  constexpr std::uint32_t kAccepted = 16 * kCodes;
  // One draw in 22 is refused; a source that fails this often is broken.
  constexpr int kMaxTries = 64;
  for (int i = 0; i < kMaxTries; ++i) {
    auto octets = random.array<3>();
    const std::uint32_t value = std::uint32_t{octets[0]} << 16U | std::uint32_t{octets[1]} << 8U | octets[2];
    wipe(octets.data(), octets.size());
    if (value < kAccepted) return value % kCodes;
  }
  check_failed("random source gives codes", __FILE__, __LINE__);
}

}  // namespace

CodeDigits random_digits(RandomSource& random) {
  std::uint32_t number = draw_number(random);
  CodeDigits digits;
  for (std::size_t i = kCodeDigits; i-- > 0; number /= 10) {
    digits[i] = static_cast<std::uint8_t>('0' + number % 10);
  }
  return digits;
}

std::optional<CodeDigits> typed_digits(std::string_view typed) {
  CodeDigits digits;
  std::size_t count = 0;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    if (c < '0' || c > '9' || count == kCodeDigits) return std::nullopt;
    digits[count++] = static_cast<std::uint8_t>(c);
  }
  if (count != kCodeDigits) return std::nullopt;
  return digits;
}

}  // namespace sotto::crypto
