#include "session_bench/signal_crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <climits>
#include <cstdint>
#include <vector>

#include "result/check.h"

namespace sotto::bench {

// Tuned, contexts wait here between uses: libsignal-protocol-c opens several at once only while it derives
// keys, so a handful is ever made.
class SignalCrypto::Impl {
 public:
  explicit Impl(SignalAdapter adapter) : adapter_(adapter) {
    SOTTO_CHECK(hmac_ != nullptr && sha512_ != nullptr && cbc_ != nullptr && ctr_ != nullptr);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (EVP_MAC_CTX* context : idle_macs_) EVP_MAC_CTX_free(context);
    for (EVP_MD_CTX* context : idle_digests_) EVP_MD_CTX_free(context);
    for (EVP_CIPHER_CTX* context : idle_ciphers_) EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(ctr_);
    EVP_CIPHER_free(cbc_);
    EVP_MD_free(sha512_);
    EVP_MAC_free(hmac_);
  }

  EVP_MAC_CTX* take_mac() {
    if (!idle_macs_.empty()) return pop(idle_macs_);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(hmac_);
    SOTTO_CHECK(context != nullptr && EVP_MAC_CTX_set_params(context, parameters) == 1);
    return context;
  }
  void give_back(EVP_MAC_CTX* context) { give_back(context, idle_macs_, EVP_MAC_CTX_free); }

  EVP_MD_CTX* take_digest() { return idle_digests_.empty() ? EVP_MD_CTX_new() : pop(idle_digests_); }
  void give_back(EVP_MD_CTX* context) { give_back(context, idle_digests_, EVP_MD_CTX_free); }

  EVP_CIPHER_CTX* take_cipher() { return idle_ciphers_.empty() ? EVP_CIPHER_CTX_new() : pop(idle_ciphers_); }
  void give_back(EVP_CIPHER_CTX* context) { give_back(context, idle_ciphers_, EVP_CIPHER_CTX_free); }

  [[nodiscard]] const EVP_MD* sha512() const {
    return adapter_ == SignalAdapter::plain ? EVP_sha512() : sha512_;
  }
  [[nodiscard]] const EVP_CIPHER* cipher(int kind) const {
    const bool cbc = kind == SG_CIPHER_AES_CBC_PKCS5;
    if (adapter_ == SignalAdapter::plain) return cbc ? EVP_aes_256_cbc() : EVP_aes_256_ctr();
    return cbc ? cbc_ : ctr_;
  }

 private:
  template <typename Context>
  static Context* pop(std::vector<Context*>& idle) {
    Context* context = idle.back();
    idle.pop_back();
    return context;
  }
  template <typename Context>
  void give_back(Context* context, std::vector<Context*>& idle, void (*release)(Context*)) {
    adapter_ == SignalAdapter::plain ? release(context) : idle.push_back(context);
  }

  SignalAdapter adapter_;
  EVP_MAC* hmac_ = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MD* sha512_ = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  EVP_CIPHER* cbc_ = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  EVP_CIPHER* ctr_ = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
  std::vector<EVP_MAC_CTX*> idle_macs_;
  std::vector<EVP_MD_CTX*> idle_digests_;
  std::vector<EVP_CIPHER_CTX*> idle_ciphers_;

  friend class SignalCrypto;
  static Impl& of(void* user_data) { return *static_cast<Impl*>(user_data); }
  static int status(bool success) { return success ? SG_SUCCESS : SG_ERR_UNKNOWN; }

  static int random(std::uint8_t* data, std::size_t size, void*) {
    return status(size <= INT_MAX && RAND_bytes(data, static_cast<int>(size)) == 1);
  }

  static int hmac_init(void** context, const std::uint8_t* key, std::size_t size, void* user_data) {
    EVP_MAC_CTX* mac = of(user_data).take_mac();
    *context = mac;
    return status(EVP_MAC_init(mac, key, size, nullptr) == 1);
  }
  static int hmac_update(void* context, const std::uint8_t* data, std::size_t size, void*) {
    return status(EVP_MAC_update(static_cast<EVP_MAC_CTX*>(context), data, size) == 1);
  }
  static int hmac_final(void* context, signal_buffer** out, void*) {
    std::uint8_t tag[32];
    std::size_t size = 0;
    if (EVP_MAC_final(static_cast<EVP_MAC_CTX*>(context), tag, &size, sizeof(tag)) != 1)
      return SG_ERR_UNKNOWN;
    *out = signal_buffer_create(tag, size);
    return status(*out != nullptr);
  }
  static void hmac_cleanup(void* context, void* user_data) {
    of(user_data).give_back(static_cast<EVP_MAC_CTX*>(context));
  }

  static int sha512_init(void** context, void* user_data) {
    EVP_MD_CTX* digest = of(user_data).take_digest();
    *context = digest;
    return status(digest != nullptr && EVP_DigestInit_ex2(digest, of(user_data).sha512(), nullptr) == 1);
  }
  static int sha512_update(void* context, const std::uint8_t* data, std::size_t size, void*) {
    return status(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context), data, size) == 1);
  }
  static int sha512_final(void* context, signal_buffer** out, void* user_data) {
    auto* digest = static_cast<EVP_MD_CTX*>(context);
    std::uint8_t octets[64];
    if (EVP_DigestFinal_ex(digest, octets, nullptr) != 1) return SG_ERR_UNKNOWN;
    *out = signal_buffer_create(octets, sizeof(octets));
    // The contract asks for a context that is ready for another digest.
    return status(*out != nullptr && EVP_DigestInit_ex2(digest, of(user_data).sha512(), nullptr) == 1);
  }
  static void sha512_cleanup(void* context, void* user_data) {
    of(user_data).give_back(static_cast<EVP_MD_CTX*>(context));
  }

  template <bool kEncrypt>
  static int crypt(signal_buffer** out, int kind, const std::uint8_t* key, std::size_t key_size,
                   const std::uint8_t* iv, std::size_t iv_size, const std::uint8_t* in, std::size_t in_size,
                   void* user_data) {
    if (key_size != 32 || iv_size != 16 || in_size > INT_MAX - 16) return SG_ERR_INVAL;
    EVP_CIPHER_CTX* context = of(user_data).take_cipher();
    std::vector<std::uint8_t> octets(in_size + 16);
    int done = 0;
    int rest = 0;
    const bool success =
        EVP_CipherInit_ex2(context, of(user_data).cipher(kind), key, iv, kEncrypt ? 1 : 0, nullptr) == 1 &&
        EVP_CipherUpdate(context, octets.data(), &done, in, static_cast<int>(in_size)) == 1 &&
        EVP_CipherFinal_ex(context, octets.data() + done, &rest) == 1;
    of(user_data).give_back(context);
    if (!success) return SG_ERR_UNKNOWN;
    *out = signal_buffer_create(octets.data(), static_cast<std::size_t>(done + rest));
    return status(*out != nullptr);
  }
};

SignalCrypto::SignalCrypto(SignalAdapter adapter) : impl_(std::make_unique<Impl>(adapter)) {}
SignalCrypto::~SignalCrypto() = default;

signal_crypto_provider SignalCrypto::provider() {
  return {.random_func = Impl::random,
          .hmac_sha256_init_func = Impl::hmac_init,
          .hmac_sha256_update_func = Impl::hmac_update,
          .hmac_sha256_final_func = Impl::hmac_final,
          .hmac_sha256_cleanup_func = Impl::hmac_cleanup,
          .sha512_digest_init_func = Impl::sha512_init,
          .sha512_digest_update_func = Impl::sha512_update,
          .sha512_digest_final_func = Impl::sha512_final,
          .sha512_digest_cleanup_func = Impl::sha512_cleanup,
          .encrypt_func = Impl::crypt<true>,
          .decrypt_func = Impl::crypt<false>,
          .user_data = impl_.get()};
}

}  // namespace sotto::bench
