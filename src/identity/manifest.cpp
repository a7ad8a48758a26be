#include "identity/manifest.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "identity/labels.h"
#include "result/check.h"

namespace sotto::identity {
namespace {

IdentityResult<ManifestDevice> parse_device(Decoder& in) {
  const DeviceId id(in.array<DeviceId::kSize>());
  auto key = crypto::HybridPublicKey::decode(in.raw(crypto::kHybridPublicKeySize));
  Bytes sealed_name = to_bytes(in.var(kMaxSealedName));
  const std::uint32_t capabilities = in.u32();
  const UnixMs added{in.u64()};
  if (in.failed() || !key) return err(IdentityError::malformed);
  return ManifestDevice{id, *std::move(key), std::move(sealed_name), capabilities, added};
}

/// Quadratic, for at most kMaxDevices devices.
IdentityResult<void> check_devices(const Manifest& manifest) {
  const auto& devices = manifest.devices;
  for (auto device = devices.begin(); device != devices.end(); ++device) {
    if (device->id == DeviceId{}) return err(IdentityError::invalid_device_id);
    if (device->key.fingerprint() == manifest.account_key.fingerprint()) {
      return err(IdentityError::duplicate_device_key);
    }
    for (auto other = devices.begin(); other != device; ++other) {
      if (other->id == device->id) return err(IdentityError::duplicate_device_id);
      if (other->key.fingerprint() == device->key.fingerprint()) {
        return err(IdentityError::duplicate_device_key);
      }
    }
  }
  return {};
}

}  // namespace

const ManifestDevice* Manifest::find(const DeviceId& device) const {
  const auto found = std::ranges::find(devices, device, &ManifestDevice::id);
  return found == devices.end() ? nullptr : &*found;
}

Bytes encode(const Manifest& manifest) {
  SOTTO_CHECK(!manifest.devices.empty() && manifest.devices.size() <= kMaxDevices);
  Encoder out;
  out.label(label::kManifest).raw(manifest.account.view()).raw(manifest.account_key.encoded());
  out.u64(manifest.version).u64(manifest.issued.value).u64(manifest.expires.value);
  out.raw(manifest.previous).raw(manifest.author.view()).raw(manifest.recovery);
  out.u32(static_cast<std::uint32_t>(manifest.devices.size()));
  for (const ManifestDevice& device : manifest.devices) {
    SOTTO_CHECK(device.sealed_name.size() <= kMaxSealedName);
    out.raw(device.id.view()).raw(device.key.encoded()).var(device.sealed_name);
    out.u32(device.capabilities).u64(device.added.value);
  }
  return std::move(out).take();
}

IdentityResult<Manifest> parse_manifest(ByteView m) {
  Decoder in(m);
  in.label(label::kManifest);
  const AccountId account(in.array<AccountId::kSize>());
  auto account_key = crypto::HybridPublicKey::decode(in.raw(crypto::kHybridPublicKeySize));
  if (!account_key) return err(IdentityError::malformed);
  Manifest out{.account = account, .account_key = *std::move(account_key)};
  out.version = in.u64();
  out.issued = {in.u64()};
  out.expires = {in.u64()};
  out.previous = in.array<48>();
  out.author = DeviceId(in.array<DeviceId::kSize>());
  out.recovery = in.array<32>();
  const std::uint32_t count = in.u32();
  if (in.failed() || out.version == 0) return err(IdentityError::malformed);
  if (count == 0) return err(IdentityError::no_devices);
  if (count > kMaxDevices) return err(IdentityError::too_many_devices);
  if (out.expires <= out.issued || elapsed(out.issued, out.expires) > kMaxManifestLifetime) {
    return err(IdentityError::invalid_lifetime);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    SOTTO_TRY(ManifestDevice device, parse_device(in));
    out.devices.push_back(std::move(device));
  }
  if (!in.finished()) return err(IdentityError::malformed);
  SOTTO_CHECK_OK(check_devices(out));
  return out;
}

Bytes encode(const SignedManifest& signed_manifest) {
  Encoder out;
  out.var(signed_manifest.m).raw(signed_manifest.account_signature).raw(signed_manifest.author_signature);
  out.var(signed_manifest.recovery_key ? ByteView(*signed_manifest.recovery_key) : ByteView());
  return std::move(out).take();
}

IdentityResult<SignedManifest> parse_signed_manifest(ByteView octets) {
  Decoder in(octets);
  SignedManifest out;
  out.m = to_bytes(in.var(kMaxManifestSize));
  out.account_signature = in.array<crypto::kHybridSignatureSize>();
  out.author_signature = in.array<crypto::kHybridSignatureSize>();
  const ByteView recovery_key = in.var(RecoveryPublicKey::kSize);
  if (!in.finished()) return err(IdentityError::malformed);
  if (!recovery_key.empty()) out.recovery_key = to_bytes(recovery_key);
  return out;
}

ManifestRelation relate(const ManifestRef& mine, const ManifestRef& theirs) {
  if (theirs.version < mine.version) return ManifestRelation::older;
  if (theirs.version > mine.version) return ManifestRelation::newer;
  return theirs.hash == mine.hash ? ManifestRelation::same : ManifestRelation::fork;
}

}  // namespace sotto::identity
