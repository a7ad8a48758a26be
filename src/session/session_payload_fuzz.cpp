// Payloads of a peer that holds the keys and misbehaves.
#include "session/fuzz_world.h"
#include "session/session_record.h"

namespace {

using namespace sotto;
using namespace sotto::session;

/// Alice's session as her records say, fresh for each input.
Session alice_session(const fuzzing::World& world) {
  SessionRecords records;
  for (const StoredRecord& record : world.alice_records) {
    if (record.key[0] == 's') records.core = &record.value;
    if (record.key[0] == 'q') records.steps = &record.value;
  }
  auto session = SessionRecord::decode(records);
  SOTTO_CHECK(session);
  return *std::move(session);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::World world(21);
  if (size > 16 * 1024) return 0;
  Session alice = alice_session(world);
  SOTTO_CHECK(!alice.ec().step_due());
  auto bob = PeerState::load(world.bob_records);
  SOTTO_CHECK(bob);
  const Bytes wire = alice.encrypt(ByteView(data, size), false, fuzzing::kNow, world.random);
  const auto received =
      bob->receive(world.bob.local(), world.alice.peer(), wire, fuzzing::kNow, world.random);
  if (received && received->content) {
    auto content = *received->content;
    (void)UnverifiedContent::decode(content.encode(), world.alice.peer());
    (void)std::move(content).verify_direct(world.bob.account);
  }
  // Whatever it was, the state can be stored and loaded again.
  std::vector<StoredRecord> records;
  for (const StoredRecord& record : world.bob_records) records.push_back({record.key, record.value.clone()});
  for (auto& change : bob->take_changes()) {
    std::erase_if(records, [&](const StoredRecord& each) { return each.key == change.key; });
    if (change.value) records.push_back({change.key, *std::move(change.value)});
  }
  SOTTO_CHECK(PeerState::load(records));
  return 0;
}
