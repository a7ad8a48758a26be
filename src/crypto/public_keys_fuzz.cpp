// Every decoder of public keys over the same octets: what it accepts must encode to exactly what it read, and
// the key must then be usable.
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "result/check.h"

namespace sotto::crypto {
namespace {

template <typename Key>
void check_canonical(const CryptoResult<Key>& key, ByteView input) {
  if (key) SOTTO_CHECK(equal(key->encoded(), input));
}

void decode_all(ByteView input) {
  const auto point = P256PublicKey::decode(input);
  check_canonical(point, input);
  if (point) SOTTO_CHECK(!ecdsa_verify(*point, ByteView{}, ByteArray<kEcdsaSignatureSize>{}));
  check_canonical(MlKem768EncapsulationKey::decode(input), input);
  const auto kem = MlKem1024EncapsulationKey::decode(input);
  check_canonical(kem, input);
  DeterministicRandom random(0);
  if (kem) SOTTO_CHECK(kem->encapsulate(random).has_value());
  const auto hybrid = HybridPublicKey::decode(input);
  check_canonical(hybrid, input);
  if (hybrid) SOTTO_CHECK(!hybrid->verify(input, ByteArray<kHybridSignatureSize>{}));
}

}  // namespace
}  // namespace sotto::crypto

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sotto::crypto::decode_all({data, size});
  return 0;
}
