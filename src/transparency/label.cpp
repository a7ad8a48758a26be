#include "transparency/label.h"

#include "bytes/encoder.h"
#include "result/check.h"
#include "transparency/limits.h"

namespace sotto::transparency {
namespace {

Bytes prefixed(std::string_view prefix, ByteView rest) {
  SOTTO_CHECK(prefix.size() + rest.size() <= kMaxLabel);
  Encoder out;
  out.raw(as_bytes(prefix)).raw(rest);
  return std::move(out).take();
}

}  // namespace

Label Label::handle(std::string_view normal_form) { return Label(prefixed("h:", as_bytes(normal_form))); }

Label Label::account(const AccountId& account) { return Label(prefixed("a:", account.view())); }

Bytes Label::alpha() const {
  Encoder out;
  out.var(octets_);
  return std::move(out).take();
}

Bytes AccountBinding::encoded() const {
  Encoder out;
  out.raw(account_key.octets()).raw(manifest);
  return std::move(out).take();
}

TransparencyResult<AccountBinding> AccountBinding::parse(ByteView value) {
  Decoder in(value);
  const auto account_key = crypto::Fingerprint::from_octets(in.array<crypto::Fingerprint::kSize>());
  const auto manifest = in.array<48>();
  if (!in.finished()) return err(TransparencyError::malformed);
  return AccountBinding{account_key, manifest};
}

AccountBinding AccountBinding::of(const identity::VerifiedManifest& manifest) {
  return {manifest.manifest().account_key.fingerprint(), manifest.hash()};
}

Bytes account_value(const std::optional<AccountBinding>& binding) {
  return binding ? binding->encoded() : Bytes{};
}

TransparencyResult<std::optional<AccountBinding>> parse_account_value(ByteView value) {
  if (value.empty()) return std::nullopt;
  SOTTO_TRY(const AccountBinding binding, AccountBinding::parse(value));
  return binding;
}

Bytes handle_value(const std::optional<AccountId>& account) {
  return account ? to_bytes(account->view()) : Bytes();
}

TransparencyResult<std::optional<AccountId>> parse_handle_value(ByteView value) {
  if (value.empty()) return std::nullopt;
  const auto account = AccountId::from(value);
  if (!account) return err(TransparencyError::malformed);
  return account;
}

}  // namespace sotto::transparency
