#include "crypto/cipher.h"

#include <algorithm>
#include <climits>

#include "crypto/declassify.h"
#include "crypto/openssl.h"

namespace sotto::crypto {
namespace {

/// One context a thread: setting a key on a living context costs a third of making one
/// (bench/primitives_bench.cpp).
class CounterMode {
 public:
  CounterMode() : context_(EVP_CIPHER_CTX_new()) {
    static EVP_CIPHER* const kAlgorithm = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
    SOTTO_CHECK(EVP_EncryptInit_ex2(context_.get(), kAlgorithm, nullptr, nullptr, nullptr) == 1);
  }

  void start(ByteView key, ByteView iv) {
    SOTTO_CHECK(EVP_EncryptInit_ex2(context_.get(), nullptr, key.data(), iv.data(), nullptr) == 1);
  }
  /// Precondition: in.size() <= INT_MAX.
  void apply(ByteView in, MutableByteView out) {
    int written = 0;
    SOTTO_CHECK(
        EVP_EncryptUpdate(context_.get(), out.data(), &written, in.data(), static_cast<int>(in.size())) == 1);
  }
  /// Overwrites the expanded key and the key stream block that the last call left.
  void forget() {
    static constexpr ByteArray<32> kZeros{};
    ByteArray<1> one_octet{};
    start(kZeros, ByteView(kZeros).first(16));
    apply(one_octet, one_octet);
  }

 private:
  CipherContext context_;
};

}  // namespace

void aes256_ctr(ByteView key, ByteView iv, ByteView in, MutableByteView out) {
  static constexpr std::size_t kChunk = 1U << 30U;  // OpenSSL counts in int; a multiple of the block
  static_assert(kChunk <= INT_MAX);
  SOTTO_CHECK(key.size() == 32 && iv.size() == 16 && in.size() == out.size());
  declassify(
      iv);  // counter mode needs one that is fresh, not secret, and OpenSSL looks for its counter's overflow
  thread_local CounterMode mode;
  mode.start(key, iv);
  while (!in.empty()) {
    const std::size_t size = std::min(in.size(), kChunk);
    mode.apply(in.first(size), out.first(size));
    in = in.subspan(size);
    out = out.subspan(size);
  }
  mode.forget();
}

void aes256_ctr(const CipherKey& key, const CipherIv& iv, ByteView in, MutableByteView out) {
  aes256_ctr(Primitives::view(key), Primitives::view(iv), in, out);
}

}  // namespace sotto::crypto
