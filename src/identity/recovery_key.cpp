#include "identity/recovery_key.h"

#include "bytes/encoder.h"
#include "identity/labels.h"

namespace sotto::identity {

IdentityResult<RecoveryPublicKey> RecoveryPublicKey::decode(ByteView octets) {
  Decoder in(octets);
  auto signing = crypto::HybridPublicKey::decode(in.raw(crypto::kHybridPublicKeySize));
  auto ec = crypto::P256PublicKey::decode(in.raw(crypto::kP256PublicKeySize));
  auto kem = crypto::MlKem1024EncapsulationKey::decode(in.raw(crypto::MlKem1024::kEncapsulationKeySize));
  if (!in.finished() || !signing || !ec || !kem) return err(IdentityError::malformed);
  return RecoveryPublicKey{*std::move(signing), *std::move(ec), *std::move(kem)};
}

Bytes RecoveryPublicKey::encoded() const {
  Encoder out(kSize);
  out.raw(signing.encoded()).raw(sealing_ec.encoded()).raw(sealing_kem.encoded());
  return std::move(out).take();
}

RecoveryFingerprint RecoveryPublicKey::fingerprint() const {
  Encoder labelled;
  labelled.label(label::kRecoveryKey).raw(encoded());
  return crypto::sha256(labelled.view());
}

}  // namespace sotto::identity
