// Whatever parses must encode to the octets it came from, and verification must not accept it: the fuzzer has
// no keys.
#include "identity/verify.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto manifest = identity::parse_manifest(input)) {
    SOTTO_CHECK(equal(identity::encode(*manifest), input));
  }
  if (auto signed_manifest = identity::parse_signed_manifest(input)) {
    SOTTO_CHECK(equal(identity::encode(*signed_manifest), input));
    (void)identity::verify_first(*std::move(signed_manifest));
  }
  (void)identity::RecoveryPublicKey::decode(input);
  return 0;
}
