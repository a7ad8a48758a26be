// Hand-specified canonical encodings for everything that is signed, MACed or hashed
// (docs/specs/session-protocol.md 2): big-endian integers, V(x) = u32 length || x, LBL(s) = "sp1." || s ||
// 0x00.
#pragma once

#include <string_view>

#include "bytes/bytes.h"

namespace sotto {

/// Appends fields to an octet string it owns. Holds no secrets: its buffer is not wiped.
class Encoder {
 public:
  Encoder() = default;
  explicit Encoder(std::size_t capacity) { out_.reserve(capacity); }

  Encoder& u8(std::uint8_t value);
  Encoder& u16(std::uint16_t value);
  Encoder& u32(std::uint32_t value);
  Encoder& u64(std::uint64_t value);
  /// The octets as they are; for fields of fixed length.
  Encoder& raw(ByteView bytes);
  /// V(bytes): a u32 length, then the octets. Precondition: fewer than 2^32 octets.
  Encoder& var(ByteView bytes);
  /// LBL(name): the domain separation label "sp1." || name || 0x00.
  Encoder& label(std::string_view name);

  [[nodiscard]] ByteView view() const { return out_; }
  [[nodiscard]] Bytes take() && { return std::move(out_); }

 private:
  Bytes out_;
};

/// Reads fields from a view it does not own. Total: the first read past the end sets failed() and every read
/// from then on returns zeros or an empty view, so a parser checks once, with finished().
class Decoder {
 public:
  explicit Decoder(ByteView input) : rest_(input) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  /// Exactly `length` octets.
  ByteView raw(std::size_t length);
  template <std::size_t N>
  ByteArray<N> array() {
    return to_array<N>(raw(N));
  }
  /// V(x) with at most `max_length` octets in x.
  ByteView var(std::size_t max_length);
  /// Consumes LBL(name); fails on anything else.
  void label(std::string_view name);
  /// Everything not yet read.
  ByteView rest();

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
  /// True when every read was in bounds and nothing is left over.
  [[nodiscard]] bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::uint64_t integer(std::size_t width);

  ByteView rest_;
  bool failed_ = false;
};

}  // namespace sotto
