#include "bytes/encoder.h"

#include <limits>

#include "result/check.h"

namespace sotto {
namespace {

constexpr std::string_view kLabelPrefix = "sp1.";

void append_integer(Bytes& out, std::uint64_t value, int width) {
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

}  // namespace

Encoder& Encoder::u8(std::uint8_t value) {
  out_.push_back(value);
  return *this;
}

Encoder& Encoder::u16(std::uint16_t value) {
  append_integer(out_, value, 2);
  return *this;
}

Encoder& Encoder::u32(std::uint32_t value) {
  append_integer(out_, value, 4);
  return *this;
}

Encoder& Encoder::u64(std::uint64_t value) {
  append_integer(out_, value, 8);
  return *this;
}

Encoder& Encoder::raw(ByteView bytes) {
  out_.insert(out_.end(), bytes.begin(), bytes.end());
  return *this;
}

Encoder& Encoder::var(ByteView bytes) {
  SOTTO_CHECK(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
  return u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
}

Encoder& Encoder::label(std::string_view name) {
  return raw(as_bytes(kLabelPrefix)).raw(as_bytes(name)).u8(0);
}

std::uint64_t Decoder::integer(std::size_t width) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : raw(width)) value = value << 8 | byte;
  return value;
}

std::uint8_t Decoder::u8() { return static_cast<std::uint8_t>(integer(1)); }
std::uint16_t Decoder::u16() { return static_cast<std::uint16_t>(integer(2)); }
std::uint32_t Decoder::u32() { return static_cast<std::uint32_t>(integer(4)); }
std::uint64_t Decoder::u64() { return integer(8); }

ByteView Decoder::raw(std::size_t length) {
  if (failed_ || length > rest_.size()) {
    failed_ = true;
    return {};
  }
  const ByteView out = rest_.first(length);
  rest_ = rest_.subspan(length);
  return out;
}

ByteView Decoder::var(std::size_t max_length) {
  const std::uint32_t length = u32();
  if (length > max_length) failed_ = true;
  return raw(length);
}

void Decoder::label(std::string_view name) {
  const bool matches = equal(raw(kLabelPrefix.size()), as_bytes(kLabelPrefix)) &&
                       equal(raw(name.size()), as_bytes(name)) && u8() == 0;
  if (!matches) failed_ = true;
}

ByteView Decoder::rest() { return raw(rest_.size()); }

}  // namespace sotto
