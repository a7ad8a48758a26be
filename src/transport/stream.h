// One WebSocket over one record layer: reads until the socket is drained, gathers output and writes it at
// once. Both roles; no event loop inside. Internal to the module.
#pragma once

#include <optional>

#include "bytes/bytes.h"
#include "transport/error.h"
#include "transport/records.h"
#include "transport/websocket.h"

namespace sotto::transport {

/// What one stream may read before others get their turn.
inline constexpr std::size_t kMaxReadPerTurn = 256 * 1024;

/// Takes the messages of one stream; the view is valid during the call.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void on_message(ByteView message) = 0;
};

struct StreamEnd {
  TransportError reason;
  std::optional<CloseCode> received;  ///< what the peer's close frame said
};

class Stream {
 public:
  /// `records` must outlive the stream and have finished its handshake.
  Stream(Role role, Records& records, std::size_t max_message_octets, std::size_t max_unsent_octets,
         MessageType type = MessageType::binary)
      : records_(&records),
        decoder_(role, max_message_octets, type),
        max_unsent_(max_unsent_octets),
        role_(role),
        type_(type) {}

  enum class Progress : std::uint8_t {
    drained,     ///< wait until the socket is readable
    want_write,  ///< wait until it is writable, then read again
    more,        ///< the turn's share is used up: let others run, then read again
    ended,       ///< see end(); an answering close frame is queued if one is due
  };
  /// Reads, decodes and delivers. `scratch` is shared by all streams of a thread and holds nothing
  /// afterwards.
  Progress read(MutableByteView scratch, MessageSink& sink);
  /// Decodes octets that arrived with the upgrade.
  Progress decode(MutableByteView input, MessageSink& sink);

  /// False, and the stream ends as slow_consumer, when the queue would pass its limit.
  bool send_message(ByteView message);
  void send_ping();
  /// Nothing follows a close frame: later sends are dropped and no more messages are delivered.
  void send_close(CloseCode code);
  /// Writes what is queued. done: the queue is empty (also when nothing was queued).
  IoStatus flush();
  [[nodiscard]] std::size_t unsent() const { return output_.size() - written_; }
  void set_max_message(std::size_t octets) { decoder_.set_max_message(octets); }

  /// Set once; the first reason stays.
  void finish(TransportError reason, std::optional<CloseCode> received = {});
  [[nodiscard]] const std::optional<StreamEnd>& end() const { return end_; }

 private:
  Progress deliver(const WebSocketEvent& event, MessageSink& sink);
  Progress refuse(CloseCode code);
  Progress lost(IoStatus status);
  [[nodiscard]] std::optional<MaskKey> mask() const;
  bool has_room(std::size_t octets);

  Records* records_;
  WebSocketDecoder decoder_;
  Bytes output_;
  std::size_t written_ = 0;  ///< of output_
  std::size_t max_unsent_;
  std::optional<StreamEnd> end_;
  Role role_;
  MessageType type_;
  bool close_sent_ = false;
};

}  // namespace sotto::transport
