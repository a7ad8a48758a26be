// The one place of this module that opens secrets: to write them into records for the client's encrypted
// store and to read them back. Buffers are wiped.
#pragma once

#include <optional>
#include <vector>

#include "bytes/encoder.h"
#include "crypto/secret.h"

namespace sotto::session {

class SecretCodec {
 public:
  template <crypto::AnySecretArray Secret>
  static ByteView view(const Secret& secret) {
    return secret.reveal(crypto::SecretAccess());
  }
  static ByteView view(const crypto::SecretBytes& secret) { return secret.reveal(crypto::SecretAccess()); }
};

/// Writes a record, fields as in bytes/encoder.h.
class RecordWriter {
 public:
  RecordWriter() { out_.reserve(kUsualSize); }

  RecordWriter& u8(std::uint8_t value) { return integer(value, 1); }
  RecordWriter& u32(std::uint32_t value) { return integer(value, 4); }
  RecordWriter& u64(std::uint64_t value) { return integer(value, 8); }
  RecordWriter& flag(bool value) { return u8(value ? 1 : 0); }
  RecordWriter& raw(ByteView octets) {
    out_.insert(out_.end(), octets.begin(), octets.end());
    return *this;
  }
  RecordWriter& var(ByteView octets) { return u32(static_cast<std::uint32_t>(octets.size())).raw(octets); }
  template <crypto::AnySecretArray Secret>
  RecordWriter& secret(const Secret& secret) {
    return raw(SecretCodec::view(secret));
  }
  [[nodiscard]] crypto::SecretBytes take() const { return crypto::SecretBytes::copy_of(out_); }

 private:
  /// A session's core with room to spare: a record that grows is copied and wiped at every step.
  static constexpr std::size_t kUsualSize = 1024;

  RecordWriter& integer(std::uint64_t value, int width) {
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<std::uint8_t>(value >> shift));
    }
    return *this;
  }

  std::vector<std::uint8_t, crypto::WipingAllocator<std::uint8_t>> out_;
};

/// Reads what a RecordWriter wrote; total, like Decoder.
class RecordReader {
 public:
  explicit RecordReader(const crypto::SecretBytes& record) : in_(SecretCodec::view(record)) {}

  std::uint8_t u8() { return in_.u8(); }
  std::uint32_t u32() { return in_.u32(); }
  std::uint64_t u64() { return in_.u64(); }
  bool flag() {
    const std::uint8_t value = in_.u8();
    if (value > 1) bad_ = true;
    return value == 1;
  }
  ByteView raw(std::size_t length) { return in_.raw(length); }
  ByteView var(std::size_t max_length) { return in_.var(max_length); }
  template <std::size_t N>
  ByteArray<N> array() {
    return in_.array<N>();
  }
  template <crypto::AnySecretArray Secret>
  Secret secret() {
    const ByteView octets = in_.raw(Secret::kSize);
    if (in_.failed()) return Secret::copy_of(ByteArray<Secret::kSize>{});
    return Secret::copy_of(octets);
  }
  /// A count of elements that follow, each of at least `min_size` octets.
  std::size_t count(std::size_t max, std::size_t min_size) {
    const std::uint32_t value = in_.u32();
    if (value > max || value * min_size > in_.remaining()) {
      bad_ = true;
      return 0;
    }
    return value;
  }
  void fail() { bad_ = true; }
  [[nodiscard]] bool failed() const { return bad_ || in_.failed(); }
  [[nodiscard]] bool finished() const { return !bad_ && in_.finished(); }

 private:
  Decoder in_;
  bool bad_ = false;
};

}  // namespace sotto::session
