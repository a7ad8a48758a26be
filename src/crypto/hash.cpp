#include "crypto/hash.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "crypto/declassify.h"
#include "crypto/hkdf.h"
#include "crypto/openssl.h"

// Speed comes from three things: algorithms are fetched once, contexts live as long as their thread, and
// starting a context anew with a null algorithm is a few stores. A short HMAC costs 0.71 us, wiping included,
// against 0.92 through EVP_MAC (bench/primitives_bench.cpp; its four compressions alone take 0.65). A digest
// that fails here has run out of memory on a thread's first call or was used wrongly: there is nothing a
// caller could do, so it aborts.
namespace sotto::crypto {
namespace {

constexpr std::size_t kBlockSize = 128;  // of SHA-384
constexpr std::size_t kDigestSize = 48;
constexpr std::size_t kSha256BlockSize = 64;

const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  return kAlgorithm;
}

const EVP_MD* sha384_algorithm() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
  return kAlgorithm;
}

/// A digest computation that can be started again and again.
class Digest {
 public:
  explicit Digest(const EVP_MD* algorithm) : context_(EVP_MD_CTX_new()) {
    SOTTO_CHECK(EVP_DigestInit_ex2(context_.get(), algorithm, nullptr) == 1);
  }

  void start() { SOTTO_CHECK(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1); }
  void start_from(const Digest& other) {
    SOTTO_CHECK(EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()) == 1);
  }
  void update(ByteView data) { SOTTO_CHECK(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1); }
  /// Precondition: out has the digest's size.
  void finish(MutableByteView out) {
    SOTTO_CHECK(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
  }
  /// Overwrites the chaining value and the block buffer, which hold what was hashed last. (The buffer's last
  /// octet always holds a length.)
  void forget() {
    static constexpr ByteArray<kBlockSize - 1> kZeros{};
    start();
    update(kZeros);
  }

 private:
  DigestContext context_;
};

/// The key of HMAC (RFC 2104 2) as the block that is hashed first. Wiped when it dies.
class KeyBlock {
 public:
  explicit KeyBlock(ByteView key) {
    if (key.size() > kBlockSize) {  // only test vectors have such keys
      Sha384Digest digest = sha384(key);
      std::ranges::copy(digest, block_.begin());
      wipe(digest.data(), digest.size());
    } else {
      std::ranges::copy(key, block_.begin());
    }
    combine(kInnerPad);
  }
  KeyBlock(const KeyBlock&) = delete;
  KeyBlock& operator=(const KeyBlock&) = delete;
  ~KeyBlock() { wipe(block_.data(), block_.size()); }

  /// K xor ipad at first, K xor opad after turn().
  [[nodiscard]] ByteView view() const { return block_; }
  void turn() { combine(kInnerPad ^ kOuterPad); }

 private:
  static constexpr std::uint8_t kInnerPad = 0x36;
  static constexpr std::uint8_t kOuterPad = 0x5c;

  void combine(std::uint8_t pad) {
    for (std::uint8_t& octet : block_) octet ^= pad;
  }

  ByteArray<kBlockSize> block_{};
};

/// HMAC-SHA384 for several messages under one key: both key blocks are hashed once.
class KeyedHmac {
 public:
  KeyedHmac() : inner_(sha384_algorithm()), outer_(sha384_algorithm()), work_(sha384_algorithm()) {}

  void set_key(ByteView key) {
    KeyBlock block(key);
    inner_.start();
    inner_.update(block.view());
    block.turn();
    outer_.start();
    outer_.update(block.view());
  }
  void start() { work_.start_from(inner_); }
  void update(ByteView data) { work_.update(data); }
  void finish(Sha384Digest& out) {
    work_.finish(out);
    work_.start_from(outer_);
    work_.update(out);
    work_.finish(out);
  }
  /// To be called when done: leaves nothing that was derived from the key or the message.
  void forget() {
    inner_.start();  // whole blocks bypass the block buffer, so only the chaining value needs overwriting
    outer_.start();
    work_.forget();
  }

 private:
  Digest inner_;
  Digest outer_;
  Digest work_;
};

}  // namespace

Sha256Digest sha256(std::initializer_list<ByteView> parts) {
  thread_local Digest digest(sha256_algorithm());
  Sha256Digest out;
  digest.start();
  for (const ByteView part : parts) digest.update(part);
  digest.finish(out);
  return out;
}

Sha384Digest sha384(std::initializer_list<ByteView> parts) {
  thread_local Digest digest(sha384_algorithm());
  Sha384Digest out;
  digest.start();
  for (const ByteView part : parts) digest.update(part);
  digest.finish(out);
  return out;
}

Sha256Digest sha256(ByteView data) { return sha256({data}); }
Sha384Digest sha384(ByteView data) { return sha384({data}); }

bool constant_time_equal(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  if (a.empty()) return true;
  // Whether they are equal is what the caller asks and acts on; where they differ stays hidden.
  return declassified(CRYPTO_memcmp(a.data(), b.data(), a.size())) == 0;
}

Sha384Digest hmac_sha384(ByteView key, std::initializer_list<ByteView> parts) {
  thread_local Digest digest(sha384_algorithm());
  KeyBlock block(key);
  Sha384Digest out;
  digest.start();
  digest.update(block.view());
  for (const ByteView part : parts) digest.update(part);
  digest.finish(out);
  block.turn();
  digest.start();
  digest.update(block.view());
  digest.update(out);
  digest.finish(out);
  digest.forget();
  return out;
}

Sha256Digest hmac_sha256(ByteView public_key, ByteView message) {
  ByteArray<kSha256BlockSize> inner;
  inner.fill(0x36);
  ByteArray<kSha256BlockSize> outer;
  outer.fill(0x5c);
  SOTTO_CHECK(public_key.size() <= inner.size());
  for (std::size_t i = 0; i < public_key.size(); ++i) {
    inner[i] ^= public_key[i];
    outer[i] ^= public_key[i];
  }
  return sha256({outer, sha256({inner, message})});
}

PseudorandomKey hkdf_extract(ByteView salt, std::initializer_list<ByteView> ikm) {
  Sha384Digest digest = hmac_sha384(salt, ikm);
  auto out = PseudorandomKey::copy_of(digest);
  wipe(digest.data(), digest.size());
  return out;
}

void hkdf_expand(ByteView prk, ByteView info, MutableByteView out) {
  SOTTO_CHECK(out.size() <= 255 * kDigestSize);
  if (out.size() <= kDigestSize) {
    static constexpr std::uint8_t kFirst = 1;
    Sha384Digest only = hmac_sha384(prk, {info, ByteView(&kFirst, 1)});
    std::ranges::copy(ByteView(only).first(out.size()), out.begin());
    wipe(only.data(), only.size());
    return;
  }
  thread_local KeyedHmac hmac;
  hmac.set_key(prk);
  Sha384Digest block;
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    hmac.start();
    if (counter > 1) hmac.update(block);
    hmac.update(info);
    hmac.update(ByteView(&counter, 1));
    hmac.finish(block);
    const std::size_t size = std::min(out.size(), kDigestSize);
    std::ranges::copy(ByteView(block).first(size), out.begin());
    out = out.subspan(size);
  }
  hmac.forget();
  wipe(block.data(), block.size());
}

void hkdf_expand_pair(ByteView prk, ByteView info_a, ByteView info_b, MutableByteView out_a,
                      MutableByteView out_b) {
  SOTTO_CHECK(out_a.size() == kDigestSize && out_b.size() == kDigestSize);
  static constexpr std::uint8_t kFirst = 1;
  thread_local KeyedHmac hmac;
  hmac.set_key(prk);
  Sha384Digest block;
  const auto expand = [&block](ByteView info, MutableByteView out) {
    hmac.start();
    hmac.update(info);
    hmac.update(ByteView(&kFirst, 1));
    hmac.finish(block);
    std::ranges::copy(block, out.begin());
  };
  expand(info_a, out_a);
  expand(info_b, out_b);
  hmac.forget();
  wipe(block.data(), block.size());
}

}  // namespace sotto::crypto
