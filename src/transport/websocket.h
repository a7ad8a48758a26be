// The WebSocket framing of RFC 6455 as a codec over octets: no sockets, no clock, no randomness inside.
// One kind of message a connection, no extensions. Many messages may be encoded into one buffer and written
// at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bytes/bytes.h"
#include "result/result.h"

namespace sotto::transport {

/// RFC 6455 7.4.1. Codes 4000-4999 belong to the application and may be cast to this type.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  ///< only reported, never sent: the peer's close carried no code
  policy_violation = 1008,
  too_large = 1009,
  internal_error = 1011,
  try_again_later = 1013,
};

enum class Role : std::uint8_t { server, client };

/// RFC 6455 5.6: what a connection's messages are. Whether a text is UTF-8 is for its reader to check.
enum class MessageType : std::uint8_t { binary, text };

/// RFC 6455 5.5: control frames carry at most this.
inline constexpr std::size_t kMaxControlPayload = 125;

using MaskKey = ByteArray<4>;

/// Appends whole frames to `out`. A client passes a fresh unpredictable mask for each frame, a server none.
/// Precondition for ping and pong: payload.size() <= kMaxControlPayload.
void append_message(Bytes& out, ByteView payload, std::optional<MaskKey> mask = {},
                    MessageType type = MessageType::binary);
void append_ping(Bytes& out, ByteView payload, std::optional<MaskKey> mask = {});
void append_pong(Bytes& out, ByteView payload, std::optional<MaskKey> mask = {});
void append_close(Bytes& out, CloseCode code, std::optional<MaskKey> mask = {});

/// What a decoder found. The payload is valid until the decoder's next call and while the input buffer is.
struct WebSocketEvent {
  enum class Kind : std::uint8_t { message, ping, pong, close };
  Kind kind;
  ByteView payload;                       ///< empty for close
  CloseCode code = CloseCode::no_status;  ///< for close
};

/// Reads frames from octets that arrive in any pieces. Holds heap memory only while a message is incomplete,
/// and then at most twice what has arrived of it.
class WebSocketDecoder {
 public:
  /// `role` is ours: a server demands masked frames, a client refuses them.
  WebSocketDecoder(Role role, std::size_t max_message_octets, MessageType type = MessageType::binary)
      : max_message_(max_message_octets), role_(role), type_(type) {}

  /// The next event, or nullopt when `input` is used up. Advances `input` past what it consumed and unmasks
  /// in place. The error is the close code to answer with; the decoder is of no use afterwards.
  Result<std::optional<WebSocketEvent>, CloseCode> next(MutableByteView& input);
  void set_max_message(std::size_t octets) { max_message_ = octets; }

 private:
  void release_delivered();
  Result<bool, CloseCode> read_header(MutableByteView& input);
  Result<bool, CloseCode> accept_header(std::size_t length_octets);
  Result<void, CloseCode> check_opcode();
  std::optional<MutableByteView> read_payload(MutableByteView& input);
  Result<std::optional<WebSocketEvent>, CloseCode> finish_frame(MutableByteView payload);

  Bytes message_;  ///< fragments so far, then the frame being read when it does not lie whole in one input
  Bytes control_;  ///< a control frame that arrives in pieces, possibly between fragments
  std::size_t max_message_;
  std::uint64_t payload_length_ = 0;
  std::uint64_t received_ = 0;  ///< of the current frame's payload
  ByteArray<14> header_{};
  std::uint8_t header_received_ = 0;
  MaskKey mask_{};
  Role role_;
  MessageType type_;
  std::uint8_t opcode_ = 0;
  bool final_ = false;
  bool in_payload_ = false;
  bool delivered_ = false;   ///< the buffer behind the last event is no longer needed
  bool in_message_ = false;  ///< a fragmented message has begun
};

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 4.2.2).
std::string accept_key(std::string_view key);

}  // namespace sotto::transport
