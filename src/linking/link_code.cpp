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

}  // namespace

LinkCode LinkCode::generate(crypto::RandomSource& random) {
  crypto::CodeDigits digits = crypto::random_digits(random);
  LinkCode code(Digits::copy_of(digits));
  crypto::wipe(digits.data(), digits.size());
  return code;
}

std::optional<LinkCode> LinkCode::parse(std::string_view typed) {
  const auto digits = crypto::typed_digits(typed);
  if (!digits) return std::nullopt;
  return LinkCode(Digits::copy_of(*digits));
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
