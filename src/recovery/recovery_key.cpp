#include "recovery/recovery_key.h"

#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "crypto/hkdf.h"
#include "recovery/labels.h"
#include "recovery/secret_codec.h"

namespace sotto::recovery {
namespace {

using KemSeed = crypto::MlKemSeed<crypto::MlKem1024>;

/// One in 2^32 candidates is refused; a derivation that fails this often is broken.
constexpr std::uint8_t kMaxCandidates = 16;

Bytes candidate_info(std::string_view name, std::uint8_t number) {
  Encoder out;
  out.label(name).u8(number);
  return std::move(out).take();
}

crypto::PseudorandomKey key_prk(const RecoverySeed& seed, const AccountName& name) {
  Encoder salt;
  salt.label(label::kKey).raw(name.account.view()).raw(name.key.octets());
  return crypto::hkdf_extract(salt.view(), seed);
}

crypto::HybridPrivateKey signing_key(const crypto::PseudorandomKey& prk) {
  for (std::uint8_t i = 0; i < kMaxCandidates; ++i) {
    const auto seed = crypto::hkdf_expand<crypto::HybridSeed>(prk, candidate_info(label::kSign, i));
    if (auto key = crypto::HybridPrivateKey::from_seed(seed)) return *std::move(key);
  }
  check_failed("derivation gives keys", __FILE__, __LINE__);
}

struct SealingKeys {
  crypto::P256PrivateKey ec;
  crypto::MlKem1024DecapsulationKey kem;
};
SealingKeys sealing_keys(const crypto::PseudorandomKey& prk) {
  for (std::uint8_t i = 0; i < kMaxCandidates; ++i) {
    auto [scalar, seed] =
        crypto::hkdf_expand<crypto::P256Scalar, KemSeed>(prk, candidate_info(label::kSeal, i));
    auto ec = crypto::P256PrivateKey::from_scalar(std::move(scalar));
    if (ec) return {*std::move(ec), crypto::MlKem1024DecapsulationKey::from_seed(std::move(seed))};
  }
  check_failed("derivation gives keys", __FILE__, __LINE__);
}

}  // namespace

RecoveryKey RecoveryKey::derive(const RecoverySeed& seed, const AccountName& name) {
  const auto prk = key_prk(seed, name);
  auto sealing = sealing_keys(prk);
  return {signing_key(prk), std::move(sealing.ec), std::move(sealing.kem)};
}

identity::RecoveryPublicKey RecoveryKey::public_key() const {
  auto kem = crypto::MlKem1024EncapsulationKey::decode(sealing_kem.encapsulation_key());
  SOTTO_CHECK(kem);
  return {signing.public_key(), sealing_ec.public_key(), *std::move(kem)};
}

SlotKey SlotKey::derive(const RecoverySeed& seed) {
  Encoder label;
  label.label(label::kAccess);
  const auto prk = crypto::hkdf_extract(label.view(), seed);
  auto [slot, access] = crypto::hkdf_expand<SlotId, SlotAccess>(prk, label.view());
  crypto::declassify(slot);  // a name at the server
  return {slot, std::move(access)};
}

class SlotAccessForm {
 public:
  static ByteView octets(const SlotAccess& access) { return access.reveal(SecretCodec::access()); }
};

AccessHash SlotKey::access_hash() const {
  const auto hash = crypto::sha256(SlotAccessForm::octets(access));
  crypto::declassify(hash);  // what the server stores
  return hash;
}

crypto::WipedOctets wire_form(const SlotAccess& access) {
  const ByteView octets = SlotAccessForm::octets(access);
  return {octets.begin(), octets.end()};
}

}  // namespace sotto::recovery
