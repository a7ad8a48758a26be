#include "families/signed_policy.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::families {
namespace {

struct Parts {
  ByteView p;
  crypto::HybridSignature signature{};
};

PolicyResult<Parts> split(ByteView octets) {
  Decoder in(octets);
  const ByteView p = in.var(kMaxSignedPolicy);
  const auto signature = in.array<crypto::kHybridSignatureSize>();
  if (!in.finished() || octets.size() > kMaxSignedPolicy) return err(PolicyError::malformed);
  return Parts{p, signature};
}

}  // namespace

Bytes sign(const Policy& policy, const crypto::HybridPrivateKey& device, crypto::RandomSource& random) {
  SOTTO_CHECK(device.public_key().fingerprint() == policy.device);
  const Bytes p = encode(policy);
  Encoder out(p.size() + crypto::kHybridSignatureSize + 4);
  out.var(p).raw(device.sign(p, random));
  return std::move(out).take();
}

PolicyResult<Policy> from_own_store(ByteView signed_policy) {
  SOTTO_TRY(const Parts parts, split(signed_policy));
  return parse_policy(parts.p);
}

PolicyResult<Policy> verify(ByteView signed_policy, const Expectation& expected,
                            const identity::VerifiedManifest& manifest) {
  SOTTO_TRY(const Parts parts, split(signed_policy));
  SOTTO_TRY(Policy policy, parse_policy(parts.p));
  if (policy.child != expected.child) return err(PolicyError::wrong_child);
  const bool of_guardian = policy.guardian == expected.guardian &&
                           manifest.account() == expected.guardian.account &&
                           manifest.manifest().account_key.fingerprint() == expected.guardian.key;
  if (!of_guardian) return err(PolicyError::wrong_guardian);
  const auto& devices = manifest.manifest().devices;
  const auto device = std::ranges::find_if(
      devices, [&](const auto& listed) { return listed.key.fingerprint() == policy.device; });
  if (device == devices.end()) return err(PolicyError::wrong_device);
  if (!device->key.verify(parts.p, parts.signature)) return err(PolicyError::bad_signature);
  if (policy.version <= expected.version) return err(PolicyError::not_newer);
  return policy;
}

}  // namespace sotto::families
