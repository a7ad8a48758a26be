// Randomness as cores see it: a source that is handed in.
#pragma once

#include "bytes/bytes.h"
#include "crypto/secret.h"

namespace sotto::crypto {

/// Fills buffers with octets. SystemRandom in programs; DeterministicRandom in the simulator and in tests.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(MutableByteView out) = 0;

  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    fill(out);
    return out;
  }
};

/// OpenSSL's private DRBG, seeded by the kernel. Aborts if the generator cannot be seeded. Thread-safe.
class SystemRandom final : public RandomSource {
 public:
  void fill(MutableByteView out) override;
};

/// AES-256-CTR keystream of SHA-256(seed): the same octets on every machine. NEVER for real keys.
class DeterministicRandom final : public RandomSource {
 public:
  explicit DeterministicRandom(std::uint64_t seed);
  ~DeterministicRandom() override;
  void fill(MutableByteView out) override;

 private:
  ByteArray<32> key_{};
  std::uint64_t block_ = 0;
  ByteArray<4096> buffer_{};
  std::size_t used_ = 4096;
};

}  // namespace sotto::crypto
