// Octets as a VRF key, an input and a proof: nothing but a proof that the key's owner made may verify.
#include "crypto/vrf.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  const ByteView key_octets = input.first(std::min<std::size_t>(size, crypto::kP256PublicKeySize));
  const ByteView rest = input.subspan(key_octets.size());
  const ByteView proof = rest.first(std::min<std::size_t>(rest.size(), crypto::kVrfProofSize));
  const auto key = crypto::VrfPublicKey::decode(key_octets);
  if (!key) return 0;
  SOTTO_CHECK(equal(key->encoded(), key_octets));
  const ByteView alpha = rest.subspan(proof.size());
  const auto output = key->verify(alpha, proof);
  if (!output) return 0;
  SOTTO_CHECK(*output == crypto::vrf_output(to_array<crypto::kVrfProofSize>(proof)));
  ByteArray<crypto::kVrfProofSize> other = to_array<crypto::kVrfProofSize>(proof);
  other.back() ^= 1;
  SOTTO_CHECK(!key->verify(alpha, other));
  return 0;
}
