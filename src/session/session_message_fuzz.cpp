// Messages as a relay can alter them: nothing but the genuine one may be accepted.
#include "session/fuzz_world.h"
#include "session/header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::session;
  static fuzzing::World world(21);
  static const Bytes genuine =
      world.alice_state.seal(world.alice.local(), world.bob.peer(), {}, fuzzing::kNow, world.random)->wire;
  // The input is applied to the genuine message, so that session and key match: offset, then octets.
  Bytes wire = genuine;
  if (size < 2) return 0;
  const std::size_t offset = static_cast<std::size_t>(data[0] << 8 | data[1]) % wire.size();
  for (std::size_t i = 0; i + 2 < size && offset + i < wire.size(); ++i) wire[offset + i] ^= data[i + 2];
  if (wire == genuine) return 0;
  SOTTO_CHECK(
      !world.bob_state.receive(world.bob.local(), world.alice.peer(), wire, fuzzing::kNow, world.random));
  (void)parse_message(ByteView(data, size));
  (void)parse_init(ByteView(data, size));
  return 0;
}
