#include "groups/signed_operation.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::groups {
namespace {

const identity::ManifestDevice* find_key(const identity::VerifiedManifest& manifest,
                                         const crypto::Fingerprint& key) {
  const auto& devices = manifest.manifest().devices;
  const auto at =
      std::ranges::find_if(devices, [&](const auto& device) { return device.key.fingerprint() == key; });
  return at == devices.end() ? nullptr : &*at;
}

bool names(const Author& author, const identity::VerifiedManifest& manifest) {
  return manifest.account() == author.account && manifest.version() == author.manifest_version &&
         manifest.manifest().account_key.fingerprint() == author.account_key;
}

}  // namespace

VerifiedOperation::VerifiedOperation(Operation operation, ByteView o)
    : operation_(std::move(operation)), hash_(hash_of(o)) {
  group_ = std::holds_alternative<Create>(operation_.act) ? group_id(o) : operation_.group;
}

GroupResult<VerifiedOperation> VerifiedOperation::from_own_store(ByteView o) {
  SOTTO_TRY(Operation operation, parse_operation(o));
  return VerifiedOperation(std::move(operation), o);
}

Bytes encode(const SignedOperation& operation) {
  Encoder out(operation.o.size() + crypto::kHybridSignatureSize + 4);
  out.var(operation.o).raw(operation.signature);
  return std::move(out).take();
}

GroupResult<SignedOperation> parse_signed_operation(ByteView octets) {
  Decoder in(octets);
  const ByteView o = in.var(kMaxSignedOperation);
  const auto signature = in.array<crypto::kHybridSignatureSize>();
  if (!in.finished() || octets.size() > kMaxSignedOperation) return err(GroupError::malformed);
  return SignedOperation{to_bytes(o), signature};
}

Signed sign(const Operation& operation, const crypto::HybridPrivateKey& device,
            crypto::RandomSource& random) {
  SOTTO_CHECK(device.public_key().fingerprint() == operation.author.device_key);
  Bytes o = encode(operation);
  VerifiedOperation verified(operation, o);
  const auto signature = device.sign(o, random);
  return {{std::move(o), signature}, std::move(verified)};
}

GroupResult<VerifiedOperation> verify(const SignedOperation& operation,
                                      const identity::VerifiedManifest& manifest) {
  SOTTO_TRY(VerifiedOperation out, VerifiedOperation::from_own_store(operation.o));
  const Operation& parsed = out.operation();
  const auto* device = find_key(manifest, parsed.author.device_key);
  if (device == nullptr || !names(parsed.author, manifest)) return err(GroupError::wrong_author);
  if (const auto* left = std::get_if<DevicesLeft>(&parsed.act)) {
    const bool listed = std::ranges::any_of(
        left->devices, [&](const auto& key) { return find_key(manifest, key) != nullptr; });
    if (listed) return err(GroupError::wrong_author);
  }
  if (!device->key.verify(operation.o, operation.signature)) return err(GroupError::bad_signature);
  return out;
}

}  // namespace sotto::groups
