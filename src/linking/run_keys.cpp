#include "linking/run_keys.h"

#include "bytes/encoder.h"
#include "linking/labels.h"

namespace sotto::linking {
namespace {

Bytes labelled(std::string_view name, const crypto::Sha384Digest& hash) {
  Encoder out;
  out.label(name).raw(hash);
  return std::move(out).take();
}

template <typename Key>
identity::SealKeys seal_keys(const Key& key) {
  return identity::expand_seal_keys(key, Encoder().label(label::kSeal).view());
}

}  // namespace

crypto::Sha384Digest Transcript::hash() const {
  Encoder out;
  out.label(label::kTranscript).raw(account.view()).raw(account_key.octets()).raw(trusted_key.octets());
  out.raw(new_key.octets())
      .raw(encapsulation_key_hash)
      .raw(ciphertext_hash)
      .raw(new_share)
      .raw(trusted_share);
  return crypto::sha384(out.view());
}

RunKeys::Keys RunKeys::derive(const crypto::Sha384Digest& hash, const crypto::KemSecret& kem,
                              const crypto::Spake2Key& spake2, const std::optional<QrSecret>& qr) {
  const auto prk =
      qr ? crypto::hkdf_extract(hash, kem, spake2, *qr) : crypto::hkdf_extract(hash, kem, spake2);
  return crypto::hkdf_expand<NewConfirmKey, TrustedConfirmKey, FromNewKey, FromTrustedKey>(
      prk, Encoder().label(label::kKeys).view());
}

RunKeys::RunKeys(const Transcript& transcript, const crypto::KemSecret& kem, const crypto::Spake2Key& spake2,
                 const std::optional<QrSecret>& qr)
    : hash_(transcript.hash()), keys_(derive(hash_, kem, spake2, qr)) {}

crypto::Sha384Digest RunKeys::new_confirmation() const {
  return crypto::hmac_sha384(std::get<NewConfirmKey>(keys_), {hash_});
}

crypto::Sha384Digest RunKeys::trusted_confirmation() const {
  return crypto::hmac_sha384(std::get<TrustedConfirmKey>(keys_), {hash_});
}

Bytes RunKeys::device_header() const { return labelled(label::kDevice, hash_); }
Bytes RunKeys::grant_header() const { return labelled(label::kGrant, hash_); }
identity::SealKeys RunKeys::device_seal() const { return seal_keys(std::get<FromNewKey>(keys_)); }
identity::SealKeys RunKeys::grant_seal() const { return seal_keys(std::get<FromTrustedKey>(keys_)); }

Bytes device_message(ByteView header, ByteView body) {
  Encoder out;
  out.raw(header).raw(crypto::sha384(body));
  return std::move(out).take();
}

}  // namespace sotto::linking
