#include "identity/sealing.h"

#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "identity/labels.h"

namespace sotto::identity {
namespace {

ByteArray<kSealTagSize> tag_of(const SealMacKey& mac, ByteView header, ByteView ciphertext) {
  Encoder prefix;
  prefix.label(label::kTag).u32(static_cast<std::uint32_t>(header.size())).raw(header);
  prefix.u64(ciphertext.size());
  return to_array<kSealTagSize>(
      ByteView(crypto::hmac_sha384(mac, {prefix.view(), ciphertext})).first(kSealTagSize));
}

}  // namespace

Bytes seal(const SealKeys& keys, ByteView header, crypto::WipedOctets plaintext) {
  crypto::aes256_ctr(keys.cipher, keys.iv, plaintext);
  Encoder out(plaintext.size() + kSealOverhead);
  out.var(plaintext).raw(tag_of(keys.mac, header, plaintext));
  crypto::declassify(out.view());  // made to be sent, or to be kept by others
  return std::move(out).take();
}

IdentityResult<crypto::WipedOctets> open_seal(const SealKeys& keys, ByteView header, ByteView sealed,
                                              std::size_t max_plaintext) {
  Decoder in(sealed);
  const ByteView ciphertext = in.var(max_plaintext);
  const auto tag = in.array<kSealTagSize>();
  if (!in.finished()) return err(IdentityError::malformed);
  if (!crypto::constant_time_equal(tag_of(keys.mac, header, ciphertext), tag)) {
    return err(IdentityError::cannot_open);
  }
  crypto::WipedOctets plaintext(ciphertext.begin(), ciphertext.end());
  crypto::aes256_ctr(keys.cipher, keys.iv, plaintext);
  return plaintext;
}

IdentityResult<Encapsulated> encapsulate(const crypto::P256PublicKey& ec,
                                         const crypto::MlKem1024EncapsulationKey& kem,
                                         crypto::RandomSource& random) {
  const auto ephemeral = crypto::P256PrivateKey::generate(random);
  auto encapsulation = kem.encapsulate(random);
  auto shared = ephemeral.ecdh(ec);
  if (!encapsulation || !shared) return err(IdentityError::malformed);
  Encoder capsule;
  capsule.raw(ephemeral.public_key().encoded()).raw(encapsulation->ciphertext);
  return Encapsulated{to_array<std::tuple_size_v<Capsule>>(capsule.view()),
                      {std::move(encapsulation->secret), *std::move(shared)}};
}

IdentityResult<CapsuleSecrets> decapsulate(const crypto::P256PrivateKey& ec,
                                           const crypto::MlKem1024DecapsulationKey& kem,
                                           const Capsule& capsule) {
  Decoder in(capsule);
  const auto ephemeral = crypto::P256PublicKey::decode(in.raw(crypto::kP256PublicKeySize));
  if (!ephemeral) return err(IdentityError::malformed);
  auto encapsulated = kem.decapsulate(in.raw(crypto::MlKem1024::kCiphertextSize));
  auto shared = ec.ecdh(*ephemeral);
  if (!encapsulated || !shared) return err(IdentityError::cannot_open);
  return CapsuleSecrets{*std::move(encapsulated), *std::move(shared)};
}

}  // namespace sotto::identity
