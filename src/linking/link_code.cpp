#include "linking/link_code.h"

#include "bytes/encoder.h"
#include "linking/labels.h"
#include "linking/secret_codec.h"

namespace sotto::linking {
namespace {

/// LBL("link-pw") || account16: what is hashed before the secret.
Bytes password_context(const identity::AccountId& account) {
  Encoder out;
  out.label(label::kPassword).raw(account.view());
  return std::move(out).take();
}

/// Uniform below 10^6: of the 2^24 values of three octets the last 777,216 are drawn again.
std::uint32_t draw_number(crypto::RandomSource& random) {
  constexpr std::uint32_t kCodes = 1'000'000;
  constexpr std::uint32_t kAccepted = 16 * kCodes;
  // One draw in 22 is refused; a source that fails this often is broken.
  constexpr int kMaxTries = 64;
  for (int i = 0; i < kMaxTries; ++i) {
    auto octets = random.array<3>();
    const std::uint32_t value = std::uint32_t{octets[0]} << 16U | std::uint32_t{octets[1]} << 8U | octets[2];
    crypto::wipe(octets.data(), octets.size());
    if (value < kAccepted) return value % kCodes;
  }
  check_failed("random source gives codes", __FILE__, __LINE__);
}

}  // namespace

LinkCode LinkCode::generate(crypto::RandomSource& random) {
  std::uint32_t number = draw_number(random);
  ByteArray<kDigits> digits;
  for (std::size_t i = kDigits; i-- > 0; number /= 10) {
    digits[i] = static_cast<std::uint8_t>('0' + number % 10);
  }
  LinkCode code(Digits::copy_of(digits));
  crypto::wipe(digits.data(), digits.size());
  return code;
}

std::optional<LinkCode> LinkCode::parse(std::string_view typed) {
  ByteArray<kDigits> digits;
  std::size_t count = 0;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    if (c < '0' || c > '9' || count == kDigits) return std::nullopt;
    digits[count++] = static_cast<std::uint8_t>(c);
  }
  if (count != kDigits) return std::nullopt;
  return LinkCode(Digits::copy_of(digits));
}

std::string LinkCode::text() const {
  std::string out(as_chars(digits_.reveal(SecretCodec::access())));
  out.insert(kDigits / 2, 1, ' ');
  return out;
}

RunSecret LinkCode::for_account(const identity::AccountId& account) const {
  return {crypto::spake2_password(password_context(account), digits_), std::nullopt};
}

RunSecret run_secret(const identity::AccountId& account, const QrSecret& secret) {
  return {crypto::spake2_password(password_context(account), secret), secret.clone()};
}

}  // namespace sotto::linking
