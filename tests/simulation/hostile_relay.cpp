#include "hostile_relay.h"

#include "sotto/v1/stream.pb.h"
#include "wire/decode.h"

namespace sotto::simulation {
namespace {

constexpr std::uint32_t kPerMille = 40;
/// Fewer are read than envelopes are pushed.
constexpr std::uint32_t kBodiesPerMille = 200;
constexpr std::size_t kRemembered = 64;

}  // namespace

void HostileRelay::alter(std::string& payload) {
  if (payload.empty()) return;
  if (dice_.chance(500)) {
    payload.resize(dice_.below(payload.size()));
  } else {
    char& octet = payload[dice_.below(payload.size())];
    octet = static_cast<char>(octet ^ (1 << dice_.below(8)));
  }
}

void HostileRelay::alter_body(std::string& body) {
  if (body.empty() || !dice_.chance(kBodiesPerMille)) return;
  char& octet = body[dice_.below(body.size())];
  octet = static_cast<char>(octet ^ (1 << dice_.below(8)));
}

Bytes HostileRelay::pass(ByteView octets) {
  v1::ServerFrame frame;
  if (!wire::decode(octets, wire::kMaxFrameBytes, frame) || !frame.has_deliver()) return to_bytes(octets);
  v1::Deliver out;
  for (const auto& envelope : frame.deliver().envelopes()) {
    seen_.push_back(envelope.payload());
    if (seen_.size() > kRemembered) seen_.pop_front();
    if (dice_.chance(kPerMille)) continue;
    auto* passed = out.add_envelopes();
    *passed = envelope;
    if (dice_.chance(kPerMille)) alter(*passed->mutable_payload());
    if (dice_.chance(kPerMille)) *out.add_envelopes() = envelope;
    if (dice_.chance(kPerMille)) {
      auto* old = out.add_envelopes();
      old->set_sequence(envelope.sequence());
      old->set_payload(seen_[dice_.below(seen_.size())]);
    }
    const int count = out.envelopes_size();
    if (count > 1 && dice_.chance(kPerMille)) out.mutable_envelopes()->SwapElements(count - 1, count - 2);
  }
  *frame.mutable_deliver() = std::move(out);
  return wire::encode(frame);
}

}  // namespace sotto::simulation
