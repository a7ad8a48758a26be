#include "identity/private_identity.h"

#include "bytes/encoder.h"

namespace sotto::identity {
namespace {

// The first octet of every secret form: its kind, and with that its format.
constexpr std::uint8_t kAccount = 1;
constexpr std::uint8_t kDevice = 2;
constexpr std::uint8_t kLinkRequest = 3;
constexpr std::uint8_t kServer = 4;
constexpr std::uint8_t kVrf = 5;

crypto::SecretBytes concatenate(std::uint8_t kind, ByteView first, ByteView second) {
  crypto::WipedOctets out;
  out.push_back(kind);
  out.insert(out.end(), first.begin(), first.end());
  out.insert(out.end(), second.begin(), second.end());
  return crypto::SecretBytes::copy_of(out);
}

/// The two fields of what concatenate made.
struct Fields {
  ByteView first;
  ByteView second;
};
IdentityResult<Fields> split(ByteView octets, std::uint8_t kind, std::size_t first, std::size_t second) {
  Decoder in(octets);
  const std::uint8_t found = in.u8();
  const Fields fields{in.raw(first), in.raw(second)};
  if (!in.finished() || found != kind) return err(IdentityError::malformed);
  return fields;
}

IdentityResult<crypto::HybridPrivateKey> key_from_seed(ByteView seed) {
  auto key = crypto::HybridPrivateKey::from_seed(crypto::HybridSeed::copy_of(seed));
  if (!key) return err(IdentityError::malformed);
  return *std::move(key);
}

}  // namespace

AccountIdentity AccountIdentity::generate(crypto::RandomSource& random) {
  const AccountId id(random.array<AccountId::kSize>());
  return {id, crypto::HybridPrivateKey::generate(random)};
}

DeviceIdentity DeviceIdentity::generate(crypto::RandomSource& random) {
  const DeviceId id(random.array<DeviceId::kSize>());
  return {id, crypto::HybridPrivateKey::generate(random)};
}

LinkRequestKeys LinkRequestKeys::generate(crypto::RandomSource& random) {
  auto ec = crypto::P256PrivateKey::generate(random);
  return {std::move(ec), crypto::MlKem1024DecapsulationKey::generate(random)};
}

crypto::SecretBytes SecretCodec::encode(const AccountIdentity& account) {
  const crypto::HybridSeed seed = account.key.seed();
  return concatenate(kAccount, account.id.view(), seed.reveal(access()));
}

crypto::SecretBytes SecretCodec::encode(const DeviceIdentity& device) {
  const crypto::HybridSeed seed = device.key.seed();
  return concatenate(kDevice, device.id.view(), seed.reveal(access()));
}

crypto::SecretBytes SecretCodec::encode(const LinkRequestKeys& keys) {
  return concatenate(kLinkRequest, keys.ec.scalar().reveal(access()), keys.kem.seed().reveal(access()));
}

crypto::SecretBytes SecretCodec::encode_server_key(const crypto::HybridPrivateKey& key) {
  const crypto::HybridSeed seed = key.seed();
  return concatenate(kServer, seed.reveal(access()), {});
}

crypto::SecretBytes SecretCodec::encode_vrf_key(const crypto::VrfPrivateKey& key) {
  return concatenate(kVrf, key.scalar().reveal(access()), {});
}

IdentityResult<AccountIdentity> SecretCodec::decode_account(const crypto::SecretBytes& octets) {
  SOTTO_TRY(const Fields fields,
            split(octets.reveal(access()), kAccount, AccountId::kSize, crypto::HybridSeed::kSize));
  SOTTO_TRY(auto key, key_from_seed(fields.second));
  return AccountIdentity{AccountId(to_array<AccountId::kSize>(fields.first)), std::move(key)};
}

IdentityResult<DeviceIdentity> SecretCodec::decode_device(const crypto::SecretBytes& octets) {
  SOTTO_TRY(const Fields fields,
            split(octets.reveal(access()), kDevice, DeviceId::kSize, crypto::HybridSeed::kSize));
  SOTTO_TRY(auto key, key_from_seed(fields.second));
  return DeviceIdentity{DeviceId(to_array<DeviceId::kSize>(fields.first)), std::move(key)};
}

IdentityResult<LinkRequestKeys> SecretCodec::decode_link_request_keys(const crypto::SecretBytes& octets) {
  using KemSeed = crypto::MlKemSeed<crypto::MlKem1024>;
  SOTTO_TRY(const Fields fields,
            split(octets.reveal(access()), kLinkRequest, crypto::P256Scalar::kSize, KemSeed::kSize));
  auto ec = crypto::P256PrivateKey::from_scalar(crypto::P256Scalar::copy_of(fields.first));
  if (!ec) return err(IdentityError::malformed);
  return LinkRequestKeys{*std::move(ec),
                         crypto::MlKem1024DecapsulationKey::from_seed(KemSeed::copy_of(fields.second))};
}

IdentityResult<crypto::HybridPrivateKey> SecretCodec::decode_server_key(const crypto::SecretBytes& octets) {
  SOTTO_TRY(const Fields fields, split(octets.reveal(access()), kServer, crypto::HybridSeed::kSize, 0));
  return key_from_seed(fields.first);
}

IdentityResult<crypto::VrfPrivateKey> SecretCodec::decode_vrf_key(const crypto::SecretBytes& octets) {
  SOTTO_TRY(const Fields fields, split(octets.reveal(access()), kVrf, crypto::VrfScalar::kSize, 0));
  auto key = crypto::VrfPrivateKey::from_scalar(crypto::VrfScalar::copy_of(fields.first));
  if (!key) return err(IdentityError::malformed);
  return *std::move(key);
}

}  // namespace sotto::identity
