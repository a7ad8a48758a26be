#include "transport/stream.h"

#include <openssl/rand.h>

#include "result/check.h"

namespace sotto::transport {
namespace {

/// The largest frame header.
constexpr std::size_t kMaxFrameOverhead = 14;

TransportError reason_for(CloseCode code) {
  switch (code) {
    case CloseCode::too_large: return TransportError::too_large;
    case CloseCode::unsupported_data: return TransportError::unsupported_data;
    default: return TransportError::protocol_error;
  }
}

}  // namespace

Stream::Progress Stream::read(MutableByteView scratch, MessageSink& sink) {
  std::size_t total = 0;
  while (!end_) {
    if (total >= kMaxReadPerTurn) return Progress::more;
    const IoResult result = records_->read(scratch);
    switch (result.status) {
      case IoStatus::done: break;
      case IoStatus::want_read: return Progress::drained;
      case IoStatus::want_write: return Progress::want_write;
      default: return lost(result.status);
    }
    total += result.octets;
    if (decode(scratch.first(result.octets), sink) == Progress::ended) return Progress::ended;
    // The kernel had no more than this: waiting announces what comes later, another read would say "nothing".
    if (result.octets < scratch.size() && !records_->pending()) return Progress::drained;
  }
  return Progress::ended;
}

Stream::Progress Stream::decode(MutableByteView input, MessageSink& sink) {
  while (!end_) {
    const auto event = decoder_.next(input);
    if (!event) return refuse(event.error());
    if (!*event) return Progress::drained;
    if (deliver(**event, sink) == Progress::ended) return Progress::ended;
  }
  return Progress::ended;
}

Stream::Progress Stream::deliver(const WebSocketEvent& event, MessageSink& sink) {
  switch (event.kind) {
    case WebSocketEvent::Kind::message:
      if (!close_sent_) sink.on_message(event.payload);
      break;
    case WebSocketEvent::Kind::ping:
      if (!close_sent_ && has_room(event.payload.size())) append_pong(output_, event.payload, mask());
      break;
    case WebSocketEvent::Kind::pong: break;
    case WebSocketEvent::Kind::close:
      send_close(event.code);
      finish(TransportError::closed_by_peer, event.code);
      break;
  }
  return end_ ? Progress::ended : Progress::drained;
}

Stream::Progress Stream::refuse(CloseCode code) {
  send_close(code);
  finish(reason_for(code));
  return Progress::ended;
}

Stream::Progress Stream::lost(IoStatus status) {
  finish(status == IoStatus::failed ? records_->failure().reason : TransportError::connection_lost);
  return Progress::ended;
}

std::optional<MaskKey> Stream::mask() const {
  if (role_ == Role::server) return std::nullopt;
  MaskKey key{};
  SOTTO_CHECK(RAND_bytes(key.data(), key.size()) == 1);
  return key;
}

bool Stream::has_room(std::size_t octets) {
  if (unsent() + octets + kMaxFrameOverhead > max_unsent_) {
    finish(TransportError::slow_consumer);
    return false;
  }
  // Moving the rest only once half is written keeps the cost per octet constant.
  if (written_ > 0 && written_ >= output_.size() / 2) {
    output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(written_));
    written_ = 0;
  }
  return true;
}

bool Stream::send_message(ByteView message) {
  if (end_ || close_sent_ || !has_room(message.size())) return false;
  append_message(output_, message, mask(), type_);
  return true;
}

void Stream::send_ping() {
  if (!end_ && !close_sent_ && has_room(0)) append_ping(output_, {}, mask());
}

void Stream::send_close(CloseCode code) {
  if (!end_ && !close_sent_) append_close(output_, code, mask());
  close_sent_ = true;
}

IoStatus Stream::flush() {
  while (unsent() > 0) {
    const IoResult result = records_->write(ByteView(output_).subspan(written_));
    if (result.status != IoStatus::done) return result.status;
    written_ += result.octets;
  }
  if (output_.capacity() > 0) output_ = Bytes();  // an idle stream holds no buffer
  written_ = 0;
  return IoStatus::done;
}

void Stream::finish(TransportError reason, std::optional<CloseCode> received) {
  if (!end_) end_ = StreamEnd{reason, received};
}

}  // namespace sotto::transport
