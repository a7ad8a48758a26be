// Randomness as cores see it: a source that is handed in.
#pragma once

#include <cstdint>

#include "bytes/bytes.h"
#include "crypto/declassify.h"
#include "crypto/primitives.h"
#include "crypto/secret.h"

namespace sotto::crypto {

/// Fills buffers with octets. SystemRandom in programs; DeterministicRandom in the simulator and in tests.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(MutableByteView out) = 0;

  /// Public random octets (salts, ids, nonces). Secrets come from random_secret.
  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    fill(out);
    declassify(out);  // public by this function's contract
    return out;
  }
};

/// A fresh secret: random_secret<AttachmentKey>(random).
template <AnySecretArray Secret>
Secret random_secret(RandomSource& random) {
  auto out = Primitives::blank<Secret>();
  random.fill(Primitives::writable(out));
  return out;
}

/// OpenSSL's private DRBG, seeded by the kernel. Aborts if the generator cannot be seeded. Thread-safe.
class SystemRandom final : public RandomSource {
 public:
  void fill(MutableByteView out) override;
};

/// The AES-256-CTR keystream (IV zero) under SHA-256(u64 seed): the same octets on every machine, in the same
/// order however the reads are cut. One thread. NEVER for real keys.
class DeterministicRandom final : public RandomSource {
 public:
  explicit DeterministicRandom(std::uint64_t seed);
  void fill(MutableByteView out) override;

 private:
  static constexpr std::size_t kBufferSize = 1024;

  void refill();

  ByteArray<32> key_{};
  std::uint64_t next_block_ = 0;
  ByteArray<kBufferSize> buffer_{};
  std::size_t used_ = kBufferSize;
};

}  // namespace sotto::crypto
