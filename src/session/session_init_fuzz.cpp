// INITs and claims as anyone on the network can send them.
#include "session/fuzz_world.h"
#include "session/wire_form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::session;
  static const fuzzing::World world(0);
  const ByteView wire(data, size);
  const auto peeked = peek(wire);
  const auto opened = open_init(world.bob.local(), world.ring, wire);
  SOTTO_CHECK(!opened || (peeked && peeked->type == WireType::init && peeked->session == opened->session));
  if (const auto claim = decode_claim(wire)) SOTTO_CHECK(decode_claim(encode(*claim)).has_value());
  return 0;
}
