#include "identity/author.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "identity/labels.h"
#include "result/check.h"

namespace sotto::identity {
namespace {

/// Both signatures, the author's by `author`.
SignedManifest sign(const Manifest& draft, const AccountIdentity& account,
                    const crypto::HybridPrivateKey& author, crypto::RandomSource& random) {
  SignedManifest out;
  out.m = encode(draft);
  out.account_signature = account.key.sign(out.m, random);
  Encoder message;
  message.label(label::kManifestAuthor).raw(crypto::sha384(out.m));
  out.author_signature = author.sign(message.view(), random);
  return out;
}

}  // namespace

Manifest draft_first(const AccountIdentity& account, NewDevice device, UnixMs now) {
  Manifest draft{.account = account.id, .account_key = account.key.public_key()};
  draft.issued = now;
  draft.expires = now + kMaxManifestLifetime;
  draft.author = device.id;
  draft.devices.push_back(
      {device.id, std::move(device.key), std::move(device.sealed_name), device.capabilities, draft.issued});
  return draft;
}

Manifest draft_successor(const VerifiedManifest& previous, const DeviceId& author, UnixMs now) {
  Manifest draft = previous.manifest();
  draft.version = previous.version() + 1;
  draft.issued = std::max(now, draft.issued);
  draft.expires = draft.issued + kMaxManifestLifetime;
  draft.previous = previous.hash();
  draft.author = author;
  return draft;
}

IdentityResult<void> add_device(Manifest& draft, NewDevice device) {
  if (device.id == DeviceId{}) return err(IdentityError::invalid_device_id);
  if (device.sealed_name.size() > kMaxSealedName) return err(IdentityError::malformed);
  if (draft.devices.size() >= kMaxDevices) return err(IdentityError::too_many_devices);
  if (draft.find(device.id) != nullptr) return err(IdentityError::duplicate_device_id);
  const bool known_key =
      draft.account_key == device.key ||
      std::ranges::find(draft.devices, device.key, &ManifestDevice::key) != draft.devices.end();
  if (known_key) return err(IdentityError::duplicate_device_key);
  draft.devices.push_back(
      {device.id, std::move(device.key), std::move(device.sealed_name), device.capabilities, draft.issued});
  return {};
}

IdentityResult<void> remove_device(Manifest& draft, const DeviceId& device) {
  if (draft.find(device) == nullptr) return err(IdentityError::invalid_device_id);
  if (draft.devices.size() == 1) return err(IdentityError::no_devices);
  std::erase_if(draft.devices, [&](const ManifestDevice& listed) { return listed.id == device; });
  return {};
}

SignedManifest sign_manifest(const Manifest& draft, const AccountIdentity& account,
                             const DeviceIdentity& author, crypto::RandomSource& random) {
  SOTTO_CHECK(draft.account_key == account.key.public_key() && draft.author == author.id);
  return sign(draft, account, author.key, random);
}

SignedManifest sign_recovery_manifest(const Manifest& draft, const AccountIdentity& account,
                                      const crypto::HybridPrivateKey& signing, const RecoveryPublicKey& key,
                                      crypto::RandomSource& random) {
  SOTTO_CHECK(draft.account_key == account.key.public_key() && draft.recovery_authored());
  SOTTO_CHECK(key.signing == signing.public_key());
  SignedManifest out = sign(draft, account, signing, random);
  out.recovery_key = key.encoded();
  return out;
}

}  // namespace sotto::identity
