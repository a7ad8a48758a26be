// Octets as a LookupAnswer: decoded within bounds, and believed only if the log's keys signed it. The corpus
// holds answers of the log that fuzz_log.h describes; the head's signature is not looked at, so that the
// fuzzer gets past it.
#include "result/check.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/fuzz_log.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::transparency;
  static const FuzzLog log;
  v1::LookupAnswer message;
  if (!wire::decode({data, size}, wire::kMaxFrameBytes, message)) return 0;
  const auto answer = from_wire(message);
  if (!answer) return 0;
  v1::LookupAnswer again;
  to_wire(*answer, again);
  SOTTO_CHECK(from_wire(again) == *answer);
  const std::vector<Question> pinned = {{log.present, log.present_state}, {log.absent, log.absent_state}};
  const auto states = verify_labels(log.keys.vrf.public_key(), *answer, pinned);
  // Whatever verifies under this root says what is true under this root.
  if (states && answer->head.head.root == log.head.root && answer->head.head.size == log.head.size) {
    SOTTO_CHECK(states->at(0) == log.present_state && states->at(1) == log.absent_state);
  }
  LogView view(log.keys.public_keys());
  if (view.verify(*answer, pinned, testing::kNow)) SOTTO_CHECK(view.known_size() == answer->head.head.size);
  return 0;
}
