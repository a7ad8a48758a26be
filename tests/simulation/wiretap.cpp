#include "wiretap.h"

#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "session/header.h"
#include "session/incoming.h"

namespace sotto::simulation {

std::optional<std::string_view> Wiretap::note(ByteView envelope, bool rolled_back) {
  ++envelopes_;
  const auto peeked = session::peek(envelope);
  if (!peeked) return "sends an envelope that does not parse";
  const auto init = peeked->type == session::WireType::init ? session::parse_init(envelope)
                                                            : err(session::SessionError::malformed);
  const auto parsed = session::parse_message(init ? init->message : envelope);
  if (!parsed) return "sends an envelope that does not parse";
  const auto& header = parsed->header;
  Encoder named;
  named.raw(header.session.view()).raw(header.ratchet_key);
  named.u32(header.n).u32(header.pq_epoch).u32(header.pq_n);
  const Index index = to_array<std::tuple_size_v<Index>>(std::move(named).take());
  const Use use{header.salt, crypto::sha384(init ? init->message : envelope)};
  const auto [first, last] = used_.equal_range(index);
  for (auto earlier = first; earlier != last; ++earlier) {
    if (earlier->second.message == use.message) return std::nullopt;  // sent again as it was
    if (earlier->second.salt == use.salt) return "encrypts two messages with one keystream";
    if (!rolled_back) return "uses a message key twice";
  }
  used_.emplace(index, use);
  return std::nullopt;
}

}  // namespace sotto::simulation
