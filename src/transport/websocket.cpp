#include "transport/websocket.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "result/check.h"

namespace sotto::transport {
namespace {

enum Opcode : std::uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

constexpr std::uint8_t kFinalBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kOpcodeBits = 0x0f;
constexpr std::uint8_t kControlBit = 0x08;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;
constexpr std::uint64_t kMaxLength16 = 0xffff;
constexpr std::string_view kAcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// XORs with the mask, whose octet `offset & 3` meets the first octet. Eight at a time; the compiler widens
/// it.
void apply_mask(MutableByteView data, const MaskKey& mask, std::uint64_t offset) {
  ByteArray<8> pattern{};
  for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = mask[(offset + i) & 3];
  std::uint64_t word_mask = 0;
  std::memcpy(&word_mask, pattern.data(), sizeof(word_mask));
  std::size_t at = 0;
  for (; at + sizeof(word_mask) <= data.size(); at += sizeof(word_mask)) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data() + at, sizeof(word));
    word ^= word_mask;
    std::memcpy(data.data() + at, &word, sizeof(word));
  }
  for (; at < data.size(); ++at) data[at] ^= pattern[at & 7];
}

void append_integer(Bytes& out, std::uint64_t value, int octets) {
  for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::uint64_t read_integer(ByteView octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8 | octet;
  return value;
}

void append_frame(Bytes& out, Opcode opcode, ByteView payload, const std::optional<MaskKey>& mask) {
  out.push_back(kFinalBit | opcode);
  const std::uint8_t mask_bit = mask ? kMaskBit : 0;
  if (payload.size() < kLength16) {
    out.push_back(static_cast<std::uint8_t>(mask_bit | payload.size()));
  } else if (payload.size() <= kMaxLength16) {
    out.push_back(mask_bit | kLength16);
    append_integer(out, payload.size(), 2);
  } else {
    out.push_back(mask_bit | kLength64);
    append_integer(out, payload.size(), 8);
  }
  if (mask) out.insert(out.end(), mask->begin(), mask->end());
  const std::size_t start = out.size();
  out.insert(out.end(), payload.begin(), payload.end());
  if (mask) apply_mask(MutableByteView(out).subspan(start), *mask, 0);
}

/// RFC 6455 7.4: codes that may stand in a close frame.
bool may_be_sent(std::uint64_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

void append_message(Bytes& out, ByteView payload, std::optional<MaskKey> mask, MessageType type) {
  append_frame(out, type == MessageType::text ? kText : kBinary, payload, mask);
}

void append_ping(Bytes& out, ByteView payload, std::optional<MaskKey> mask) {
  SOTTO_CHECK(payload.size() <= kMaxControlPayload);
  append_frame(out, kPing, payload, mask);
}

void append_pong(Bytes& out, ByteView payload, std::optional<MaskKey> mask) {
  SOTTO_CHECK(payload.size() <= kMaxControlPayload);
  append_frame(out, kPong, payload, mask);
}

void append_close(Bytes& out, CloseCode code, std::optional<MaskKey> mask) {
  if (code == CloseCode::no_status) return append_frame(out, kClose, {}, mask);
  const auto value = static_cast<std::uint16_t>(code);
  const ByteArray<2> payload = {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  append_frame(out, kClose, payload, mask);
}

Result<std::optional<WebSocketEvent>, CloseCode> WebSocketDecoder::next(MutableByteView& input) {
  release_delivered();
  for (;;) {
    if (!in_payload_) {
      SOTTO_TRY(const bool complete, read_header(input));
      if (!complete) return std::nullopt;
    }
    const std::optional<MutableByteView> payload = read_payload(input);
    if (!payload) return std::nullopt;
    in_payload_ = false;
    SOTTO_TRY(const std::optional<WebSocketEvent> event, finish_frame(*payload));
    if (event) return event;
  }
}

void WebSocketDecoder::release_delivered() {
  if (!delivered_) return;
  Bytes& buffer = (opcode_ & kControlBit) != 0 ? control_ : message_;
  if (buffer.capacity() > 0) buffer = Bytes();
  delivered_ = false;
}

/// True when the header is complete and lawful.
Result<bool, CloseCode> WebSocketDecoder::read_header(MutableByteView& input) {
  std::size_t wanted = 2;
  for (;;) {
    while (header_received_ < wanted && !input.empty()) {
      header_[header_received_++] = input.front();
      input = input.subspan(1);
    }
    if (header_received_ < wanted) return false;
    const std::uint8_t short_length = header_[1] & ~kMaskBit;
    const std::size_t length_octets = short_length == kLength64 ? 8 : short_length == kLength16 ? 2 : 0;
    const std::size_t whole = 2 + length_octets + ((header_[1] & kMaskBit) != 0 ? mask_.size() : 0);
    if (whole == wanted) return accept_header(length_octets);
    wanted = whole;
  }
}

Result<bool, CloseCode> WebSocketDecoder::accept_header(std::size_t length_octets) {
  const bool masked = (header_[1] & kMaskBit) != 0;
  if ((header_[0] & kReservedBits) != 0 || masked != (role_ == Role::server)) {
    return err(CloseCode::protocol_error);
  }
  opcode_ = header_[0] & kOpcodeBits;
  final_ = (header_[0] & kFinalBit) != 0;
  payload_length_ = header_[1] & ~kMaskBit;
  if (length_octets > 0) {
    payload_length_ = read_integer(ByteView(header_).subspan(2, length_octets));
    const std::uint64_t least = length_octets == 2 ? kLength16 : kMaxLength16 + 1;
    if (payload_length_ < least || payload_length_ >> 63 != 0) return err(CloseCode::protocol_error);
  }
  if (masked) mask_ = to_array<4>(ByteView(header_).subspan(2 + length_octets, 4));
  SOTTO_CHECK_OK(check_opcode());
  header_received_ = 0;
  received_ = 0;
  in_payload_ = true;
  return true;
}

Result<void, CloseCode> WebSocketDecoder::check_opcode() {
  switch (opcode_) {
    case kContinuation:
      if (!in_message_) return err(CloseCode::protocol_error);
      break;
    case kText:
    case kBinary:
      if (in_message_) return err(CloseCode::protocol_error);
      if ((opcode_ == kText) != (type_ == MessageType::text)) return err(CloseCode::unsupported_data);
      break;
    case kClose:
    case kPing:
    case kPong:
      if (!final_ || payload_length_ > kMaxControlPayload) return err(CloseCode::protocol_error);
      return {};
    default: return err(CloseCode::protocol_error);
  }
  if (message_.size() > max_message_ || payload_length_ > max_message_ - message_.size()) {
    return err(CloseCode::too_large);
  }
  return {};
}

/// The frame's payload once it is complete; for fragments the message so far.
std::optional<MutableByteView> WebSocketDecoder::read_payload(MutableByteView& input) {
  const bool control = (opcode_ & kControlBit) != 0;
  const auto take =
      static_cast<std::size_t>(std::min<std::uint64_t>(payload_length_ - received_, input.size()));
  const MutableByteView piece = input.first(take);
  input = input.subspan(take);
  if (role_ == Role::server) apply_mask(piece, mask_, received_);
  const bool whole = received_ == 0 && take == payload_length_;
  if (whole && (control || (final_ && !in_message_))) return piece;
  Bytes& buffer = control ? control_ : message_;
  buffer.insert(buffer.end(), piece.begin(), piece.end());
  received_ += take;
  if (received_ < payload_length_) return std::nullopt;
  return MutableByteView(buffer);
}

Result<std::optional<WebSocketEvent>, CloseCode> WebSocketDecoder::finish_frame(MutableByteView payload) {
  using Kind = WebSocketEvent::Kind;
  if ((opcode_ & kControlBit) == 0) {
    in_message_ = !final_;
    if (!final_) return std::nullopt;
    delivered_ = true;
    return WebSocketEvent{Kind::message, payload};
  }
  delivered_ = true;
  if (opcode_ == kPing) return WebSocketEvent{Kind::ping, payload};
  if (opcode_ == kPong) return WebSocketEvent{Kind::pong, payload};
  if (payload.empty()) return WebSocketEvent{Kind::close, {}};
  if (payload.size() < 2) return err(CloseCode::protocol_error);
  const std::uint64_t code = read_integer(payload.first(2));
  if (!may_be_sent(code)) return err(CloseCode::protocol_error);
  return WebSocketEvent{Kind::close, {}, static_cast<CloseCode>(code)};
}

std::string accept_key(std::string_view key) {
  const std::string joined = std::string(key) + std::string(kAcceptGuid);
  ByteArray<20> digest{};
  SOTTO_CHECK(EVP_Digest(joined.data(), joined.size(), digest.data(), nullptr, EVP_sha1(), nullptr) == 1);
  std::string out(28 + 1, '\0');  // EVP_EncodeBlock writes a terminator
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), digest.data(), digest.size());
  out.pop_back();
  return out;
}

}  // namespace sotto::transport
