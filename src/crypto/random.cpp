#include "crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>

#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "result/check.h"

namespace sotto::crypto {
namespace {

template <std::size_t N>
ByteArray<N> big_endian(std::uint64_t value) {
  ByteArray<N> out{};
  for (std::size_t i = 0; i < 8; ++i) out[N - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  return out;
}

}  // namespace

void SystemRandom::fill(MutableByteView out) {
  SOTTO_CHECK(RAND_priv_bytes_ex(nullptr, out.data(), out.size(), 0) == 1);
}

DeterministicRandom::DeterministicRandom(std::uint64_t seed) : key_(sha256(big_endian<8>(seed))) {}

void DeterministicRandom::fill(MutableByteView out) {
  while (!out.empty()) {
    if (used_ == kBufferSize) refill();
    const std::size_t size = std::min(out.size(), kBufferSize - used_);
    std::ranges::copy(MutableByteView(buffer_).subspan(used_, size), out.begin());
    used_ += size;
    out = out.subspan(size);
  }
}

void DeterministicRandom::refill() {
  buffer_.fill(0);
  aes256_ctr(key_, big_endian<16>(next_block_), buffer_, buffer_);
  next_block_ += kBufferSize / 16;
  used_ = 0;
}

}  // namespace sotto::crypto
