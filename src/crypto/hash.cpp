#include "crypto/hash.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "crypto/hkdf.h"
#include "crypto/openssl.h"

// Speed comes from three things (bench/primitives_bench.cpp): algorithms are fetched once, contexts live as
// long as their thread, and starting a context anew with a null algorithm is a few stores. A digest that
// fails here has run out of memory on a thread's first call or was used wrongly: there is nothing a caller
// could do.
namespace sotto::crypto {
namespace {

constexpr std::size_t kBlockSize = 128;  // of SHA-384
constexpr std::size_t kDigestSize = 48;

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

/// HMAC-SHA384 (RFC 2104) under one key, for any number of messages.
class Hmac {
 public:
  /// The calling thread's own, keyed anew.
  static Hmac& keyed(ByteView key) {
    thread_local Hmac hmac;
    hmac.set_key(key);
    return hmac;
  }

  void start() { work_.start_from(inner_); }
  void update(ByteView data) { work_.update(data); }
  void finish(MutableByteView out) {
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
  Hmac() : inner_(sha384_algorithm()), outer_(sha384_algorithm()), work_(sha384_algorithm()) {}

  void set_key(ByteView key) {
    ByteArray<kBlockSize> block{};
    if (key.size() > kBlockSize) {
      work_.start();
      work_.update(key);
      work_.finish(MutableByteView(block).first(kDigestSize));
    } else {
      std::ranges::copy(key, block.begin());
    }
    for (std::uint8_t& octet : block) octet ^= 0x36;
    inner_.start();
    inner_.update(block);
    for (std::uint8_t& octet : block) octet ^= 0x36 ^ 0x5c;
    outer_.start();
    outer_.update(block);
    wipe(block.data(), block.size());
  }

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
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

Sha384Digest hmac_sha384(ByteView key, std::initializer_list<ByteView> parts) {
  Sha384Digest out;
  Hmac& hmac = Hmac::keyed(key);
  hmac.start();
  for (const ByteView part : parts) hmac.update(part);
  hmac.finish(out);
  hmac.forget();
  return out;
}

PseudorandomKey hkdf_extract(ByteView salt, std::initializer_list<ByteView> ikm) {
  Sha384Digest digest = hmac_sha384(salt, ikm);
  auto out = PseudorandomKey::copy_of(digest);
  wipe(digest.data(), digest.size());
  return out;
}

void hkdf_expand(ByteView prk, ByteView info, MutableByteView out) {
  SOTTO_CHECK(out.size() <= 255 * kDigestSize);
  Hmac& hmac = Hmac::keyed(prk);
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

}  // namespace sotto::crypto
