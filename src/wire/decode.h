// Bounded, total decoding of protobuf messages. A schema says what fields there are; the bounds here say how
// much of each a peer may send. Not concerned with what the fields mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bytes/bytes.h"
#include "result/result.h"

namespace google::protobuf {
class MessageLite;
}

namespace sotto::wire {

enum class DecodeError : std::uint8_t {
  too_large,  ///< longer than the caller's bound; nothing was parsed
  malformed,  ///< not a protobuf of this type, nested too deeply, or with a text field that is not UTF-8
};

std::string_view describe(DecodeError error);

/// Sub-messages deeper than this are refused; the schemas need 5.
inline constexpr int kMaxNesting = 16;
/// One binary WebSocket message: 128 prekey pairs (205 kB) and a full submission fit (docs/specs/stream.md).
inline constexpr std::size_t kMaxFrameBytes = 1 << 20;

/// Parses `input` into `message`, replacing what it held. `message` may live on an arena.
[[nodiscard]] Result<void, DecodeError> decode(ByteView input, std::size_t max_bytes,
                                               google::protobuf::MessageLite& message);

/// Serialises; fields in ascending order, so equal messages of one build give equal octets. Only octets that
/// were signed or hashed are ever compared, and those are kept as received, never re-encoded.
[[nodiscard]] Bytes encode(const google::protobuf::MessageLite& message);

/// The octets of a protobuf bytes field.
inline ByteView octets(const std::string& field) { return as_bytes(field); }
/// A protobuf bytes field from octets.
inline std::string field(ByteView octets) { return std::string(as_chars(octets)); }

}  // namespace sotto::wire
