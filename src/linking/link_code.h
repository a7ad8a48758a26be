// The two kinds of secret that a trusted device shows (docs/specs/linking.md 1), and what a run makes of
// them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/digits.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/spake2.h"
#include "identity/ids.h"

namespace sotto::linking {

/// What a QR code has in place of digits; out of reach of guessing, also for a quantum computer.
using QrSecret = crypto::SecretArray<32, struct QrSecretTag>;

/// What both sides put into the key exchange; good for one run.
struct RunSecret {
  crypto::Spake2Password password;
  std::optional<QrSecret> qr;  ///< in the QR variant: enters the key derivation once more
};

/// Six decimal digits, each of the million equally likely.
class LinkCode {
 public:
  static constexpr std::size_t kDigits = crypto::kCodeDigits;

  static LinkCode generate(crypto::RandomSource& random);
  /// What people type: six digits with blanks and hyphens anywhere. Empty for anything else.
  static std::optional<LinkCode> parse(std::string_view typed);

  /// "123 456", for the screen.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] RunSecret for_account(const identity::AccountId& account) const;

 private:
  using Digits = crypto::SecretArray<kDigits, struct LinkCodeTag>;
  explicit LinkCode(Digits digits) : digits_(std::move(digits)) {}

  Digits digits_;
};

RunSecret run_secret(const identity::AccountId& account, const QrSecret& secret);

}  // namespace sotto::linking
