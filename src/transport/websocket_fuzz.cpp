// Decodes the input whole and in pieces: both must find the same events.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "transport/websocket.h"

namespace {

using sotto::Bytes;
using sotto::ByteView;
using sotto::MutableByteView;
using sotto::transport::CloseCode;
using sotto::transport::Role;
using sotto::transport::WebSocketDecoder;
using sotto::transport::WebSocketEvent;

constexpr std::size_t kMaxMessage = 4096;

struct Seen {
  WebSocketEvent::Kind kind;
  Bytes payload;
  CloseCode code;
  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Outcome {
  std::vector<Seen> events;
  std::optional<CloseCode> refused;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome decode(Role role, ByteView input, std::size_t piece) {
  WebSocketDecoder decoder(role, kMaxMessage);
  Outcome out;
  while (!input.empty()) {
    Bytes copy = sotto::to_bytes(input.first(std::min(piece, input.size())));
    input = input.subspan(copy.size());
    MutableByteView view(copy);
    for (;;) {
      const auto event = decoder.next(view);
      if (!event) {
        out.refused = event.error();
        return out;
      }
      if (!*event) break;
      if ((*event)->payload.size() > kMaxMessage) std::abort();
      out.events.push_back({(*event)->kind, sotto::to_bytes((*event)->payload), (*event)->code});
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Role role = (data[0] & 1) != 0 ? Role::server : Role::client;
  const ByteView input(data + 2, size - 2);
  if (decode(role, input, input.size() + 1) != decode(role, input, data[1] % 32U + 1)) std::abort();
  return 0;
}
