// Whatever a server says, a signed-in core survives it and its store stays usable.
#include <cstddef>
#include <cstdint>
#include <memory>

#include "client/core.h"
#include "client/fake_server.h"
#include "client/store/schema.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

constexpr UnixMs kNow{1'750'000'000'000};

/// Registered and connected, made once: every input starts from a copy of its store.
const Bytes& signed_in_store() {
  static const Bytes snapshot = [] {
    crypto::DeterministicRandom random(1);
    auto database = store::Database::in_memory();
    SOTTO_CHECK(store::migrate(*database).has_value());
    auto core = Core::create(*database, random).value();
    SOTTO_CHECK(core->set_up_account("alice", "", "", {.host = "localhost", .port = 1}, kNow)->has_value());
    return database->snapshot();
  }();
  return snapshot;
}

}  // namespace
}  // namespace sotto::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::client;
  crypto::DeterministicRandom random(2);
  const auto database = store::Database::restore(signed_in_store());
  const auto core = Core::create(*database, random).value();
  FakeServer server;
  server.attach(1);
  auto effects = core->connected({}, kNow);
  for (int round = 0; round < 8 && effects; ++round) {  // greeting, registration, authentication, prekeys
    for (const Bytes& octets : effects->frames) {
      v1::ClientFrame frame;
      SOTTO_CHECK(wire::decode(octets, wire::kMaxFrameBytes, frame).has_value());
      server.take(1, frame, kNow);
    }
    const auto answer = server.next(1);
    if (!answer) break;
    effects = core->receive(*answer, kNow);
  }
  v1::ServerFrame frame;
  if (!wire::decode({data, size}, wire::kMaxFrameBytes, frame)) return 0;
  static_cast<void>(core->receive(frame, kNow));
  frame.set_request_id(0);
  static_cast<void>(core->receive(frame, kNow));
  SOTTO_CHECK(core->tick(kNow).has_value());
  return 0;
}
