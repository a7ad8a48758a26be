// Octets as evidence: decoded within bounds; what convicts must be signed, and no honest log ever is
// convicted.
#include "result/check.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::transparency;
  v1::ForkEvidence message;
  if (!wire::decode({data, size}, kMaxEvidence, message)) return 0;
  const auto evidence = from_wire(message);
  if (!evidence) return 0;
  v1::ForkEvidence again;
  to_wire(*evidence, again);
  SOTTO_CHECK(from_wire(again) == *evidence);
  if (!verify(*evidence)) return 0;
  SOTTO_CHECK(evidence->first.head.size <= evidence->second.head.size);
  LogView view(evidence->keys);
  SOTTO_CHECK(view.convict(*evidence) && view.forked());
  return 0;
}
