// Whatever a server says while a device is being linked, both sides survive it and their stores stay usable.
// The first octet chooses the side; then frames follow, each with its length, as pushes or as answers to the
// newest request.
#include <cstddef>
#include <cstdint>
#include <memory>

#include "bytes/encoder.h"
#include "client/core.h"
#include "client/fake_server.h"
#include "client/store/schema.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

constexpr UnixMs kNow{1'750'000'000'000};
const ServerRecord kServer{.host = "localhost", .port = 1};

class Side {
 public:
  /// Runs `begin` once; every input starts from a copy of what it left.
  template <typename Begin>
  Side(const Bytes& store, Begin&& begin)
      : database_(store::Database::restore(store)), core_(Core::create(*database_, random_).value()) {
    server_.attach(1);
    carry(core_->connected({}, kNow).value());
    begin(*this);
  }
  Core& core() { return *core_; }
  /// Until the server has nothing more to say; what it does not know stays unanswered.
  void carry(Effects effects) {
    take(effects);
    while (const auto frame = server_.next(1)) {
      auto next = core_->receive(*frame, kNow);
      SOTTO_CHECK(next.has_value());
      take(*next);
    }
  }
  void hear(ByteView octets, bool answer) {
    v1::ServerFrame frame;
    if (!wire::decode(octets, wire::kMaxFrameBytes, frame)) return;
    frame.set_request_id(answer ? newest_ : 0);
    // Its name is random: without one it is about the link that is offered.
    const auto& offer = core_->links().offer;
    if (offer && frame.has_link_event() && frame.link_event().link().empty()) {
      frame.mutable_link_event()->set_link(wire::field(offer->name));
    }
    auto effects = core_->receive(frame, kNow);
    SOTTO_CHECK(effects.has_value());
    for (const Bytes& sent : effects->frames) note(sent);
    SOTTO_CHECK(core_->tick(kNow).has_value());
  }

 private:
  void take(const Effects& effects) {
    for (const Bytes& octets : effects.frames) {
      const v1::ClientFrame frame = note(octets);
      if (frame.request_case() < v1::ClientFrame::kSetPassword) server_.take(1, frame, kNow);
    }
  }
  v1::ClientFrame note(const Bytes& octets) {
    v1::ClientFrame frame;
    SOTTO_CHECK(wire::decode(octets, wire::kMaxFrameBytes, frame).has_value());
    newest_ = frame.request_id();
    return frame;
  }

  crypto::DeterministicRandom random_{2};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Core> core_;
  FakeServer server_;
  std::uint64_t newest_ = 0;
};

template <typename SetUp>
Bytes store_after(SetUp&& set_up) {
  crypto::DeterministicRandom random(1);
  const auto database = store::Database::in_memory();
  SOTTO_CHECK(store::migrate(*database).has_value());
  const auto core = Core::create(*database, random).value();
  set_up(*core);
  return database->snapshot();
}

const Bytes& registered() {
  static const Bytes store = store_after(
      [](Core& core) { SOTTO_CHECK(core.set_up_account("alice", "", "", kServer, kNow)->has_value()); });
  return store;
}

const Bytes& waiting() {
  static const Bytes store =
      store_after([](Core& core) { SOTTO_CHECK(core.set_up_device("tablet", kServer, kNow)->has_value()); });
  return store;
}

void begin_offer(Side& side) { side.carry(side.core().offer_link(OfferKind::code, kNow)->effects); }

void begin_join(Side& side) { side.carry(side.core().join_by_code("alice", "123456", kNow)->effects); }

}  // namespace
}  // namespace sotto::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::client;
  Decoder in({data, size});
  const bool trusted = in.u8() % 2 == 0;
  Side side(trusted ? registered() : waiting(), trusted ? begin_offer : begin_join);
  for (int frames = 0; frames < 8 && in.remaining() > 0; ++frames) {
    const std::uint8_t how = in.u8();
    if (how % 4 == 3) {
      static_cast<void>(side.core().sign_in({}, kNow));
    } else {
      side.hear(in.var(in.remaining()), how % 4 != 0);
    }
  }
  return 0;
}
