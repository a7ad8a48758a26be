// Policies as they come from outside: what is taken has one encoding, and is open or not at any time.
#include "families/signed_policy.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sotto::ByteView input(data, size);
  (void)sotto::families::from_own_store(input);
  const auto policy = sotto::families::parse_policy(input);
  if (!policy) return 0;
  SOTTO_CHECK(sotto::equal(sotto::families::encode(*policy), input));
  SOTTO_CHECK(sotto::families::allows(*policy, policy->guardian));
  (void)sotto::families::is_open(*policy, policy->time);
  return 0;
}
