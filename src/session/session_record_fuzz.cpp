// Stored records that were damaged: one record of a whole set is replaced by the input.
#include "session/fuzz_world.h"
#include "session/sequence_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::session;
  static fuzzing::World world(21);
  if (size < 1) return 0;
  const ByteView value(data + 1, size - 1);
  const auto secret = crypto::SecretBytes::copy_of(value);
  if (const auto ring = PrekeyRing::decode(secret)) SOTTO_CHECK(PrekeyRing::decode(ring->encode()));
  if (const auto set = SequenceSet::decode(value)) SOTTO_CHECK(set->encode() == to_bytes(value));
  std::vector<StoredRecord> records;
  for (const StoredRecord& record : world.bob_records) records.push_back({record.key, record.value.clone()});
  records[data[0] % records.size()].value = secret.clone();
  auto loaded = PeerState::load(records);
  if (!loaded) return 0;
  // A state that loads must work, or refuse to, without breaking an invariant.
  (void)loaded->seal(world.bob.local(), world.alice.peer(), {}, fuzzing::kNow, world.random);
  (void)loaded->expire(fuzzing::kNow);
  (void)loaded->take_changes();
  return 0;
}
