#include "crypto/p256.h"

#include <algorithm>

#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "crypto/openssl.h"
#include "crypto/p256_group.h"

namespace sotto::crypto {
namespace {

constexpr std::size_t kFieldSize = 32;
constexpr unsigned kRfc6979Nonce = 1;  // OSSL_SIGNATURE_PARAM_NONCE_TYPE

/// floor(n / 2): the largest s that is low.
const BIGNUM* half_order() {
  static const BIGNUM* const kHalf = [] {
    BIGNUM* half = BN_dup(p256_order());
    SOTTO_CHECK(half != nullptr && BN_rshift1(half, half) == 1);
    return half;
  }();
  return kHalf;
}

/// A key object from the uncompressed point and, for a private key, its scalar.
PrivatePkey make_pkey(ByteView uncompressed, const BIGNUM* scalar) {
  thread_local const PkeyContext context = [] {
    PkeyContext made(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    SOTTO_CHECK(made && EVP_PKEY_fromdata_init(made.get()) == 1);
    return made;
  }();
  ByteArray<kFieldSize> native{};
  OSSL_PARAM params[4] = {text_param(OSSL_PKEY_PARAM_GROUP_NAME, "P-256"),
                          octets_param(OSSL_PKEY_PARAM_PUB_KEY, uncompressed), OSSL_PARAM_construct_end(),
                          OSSL_PARAM_construct_end()};
  if (scalar != nullptr) {
    SOTTO_CHECK(BN_bn2nativepad(scalar, native.data(), static_cast<int>(native.size())) == kFieldSize);
    params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.data(), native.size());
  }
  EVP_PKEY* pkey = nullptr;
  const int status = EVP_PKEY_fromdata(context.get(), &pkey,
                                       scalar == nullptr ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, params);
  wipe(native.data(), native.size());
  if (status != 1) ERR_clear_error();
  return PrivatePkey(pkey);
}

BigNumber number(ByteView big_endian) {
  BigNumber out(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
  SOTTO_CHECK(out);
  return out;
}

/// DER as OpenSSL writes it, to r || s with s made low.
EcdsaSignature to_low_s(ByteView der) {
  const std::uint8_t* cursor = der.data();
  const EcdsaParts parts(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
  SOTTO_CHECK(parts);
  const BigNumber s(BN_dup(ECDSA_SIG_get0_s(parts.get())));
  SOTTO_CHECK(s);
  if (BN_cmp(s.get(), half_order()) > 0) SOTTO_CHECK(BN_sub(s.get(), p256_order(), s.get()) == 1);
  EcdsaSignature out;
  constexpr int kSize = kFieldSize;
  SOTTO_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out.data(), kSize) == kSize &&
              BN_bn2binpad(s.get(), out.data() + kFieldSize, kSize) == kSize);
  return out;
}

}  // namespace

CryptoResult<P256PublicKey> P256PublicKey::decode(ByteView sec1) {
  if (sec1.size() != kP256PublicKeySize) return err(CryptoError::wrong_length);
  const CurvePoint point = p256_point(sec1);
  if (!point) return err(CryptoError::invalid_public_key);
  PublicPkey pkey = make_pkey(uncompressed_form(point.get()), nullptr);
  if (!pkey) return failed(CryptoError::library_failure);
  return P256PublicKey(to_array<kP256PublicKeySize>(sec1), std::move(pkey));
}

P256PrivateKey P256PrivateKey::generate(RandomSource& random) {
  return p256_generate<P256PrivateKey, P256Scalar>(random);
}

CryptoResult<P256PrivateKey> P256PrivateKey::from_scalar(P256Scalar scalar) {
  SOTTO_TRY(const SecretBigNumber value, p256_secret_number(Primitives::view(scalar)));
  const CurvePoint point(EC_POINT_new(p256_group()));
  SOTTO_CHECK(point && EC_POINT_mul(p256_group(), point.get(), value.get(), nullptr, nullptr, nullptr) == 1);
  const auto uncompressed = uncompressed_form(point.get());
  declassify(uncompressed);  // the public key
  PublicPkey public_pkey = make_pkey(uncompressed, nullptr);
  PrivatePkey private_pkey = make_pkey(uncompressed, value.get());
  SOTTO_CHECK(public_pkey && private_pkey);
  return P256PrivateKey(std::move(scalar),
                        P256PublicKey(compressed_form(uncompressed), std::move(public_pkey)),
                        std::move(private_pkey));
}

CryptoResult<EcdhSecret> P256PrivateKey::ecdh(const P256PublicKey& peer) const {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr));
  auto out = Primitives::blank<EcdhSecret>();
  const MutableByteView x = Primitives::writable(out);
  std::size_t size = x.size();
  // The peer was checked when it was decoded; a second check would double the cost.
  static constexpr int kValidatePeer = 0;
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer.pkey_.get(), kValidatePeer) != 1 ||
      EVP_PKEY_derive(context.get(), x.data(), &size) != 1 || size != x.size()) {
    return failed(CryptoError::library_failure);
  }
  static constexpr ByteArray<kFieldSize> kZeros{};
  if (constant_time_equal(x, kZeros)) return err(CryptoError::degenerate_secret);
  return out;
}

EcdsaSignature P256PrivateKey::sign(std::initializer_list<ByteView> message) const {
  const Sha256Digest digest = sha256(message);
  unsigned nonce_type = kRfc6979Nonce;
  const OSSL_PARAM params[] = {text_param(OSSL_SIGNATURE_PARAM_DIGEST, "SHA256"),
                               OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &nonce_type),
                               OSSL_PARAM_construct_end()};
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr));
  ByteArray<80> der;  // at most 72 octets for P-256
  std::size_t size = der.size();
  SOTTO_CHECK(context && EVP_PKEY_sign_init_ex(context.get(), params) == 1 &&
              EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size()) == 1);
  size = declassified(size);
  declassify(ByteView(der).first(size));  // a signature is made to be shown
  return to_low_s(ByteView(der).first(size));
}

CryptoResult<void> ecdsa_verify(const P256PublicKey& key, std::initializer_list<ByteView> message,
                                ByteView signature) {
  if (signature.size() != kEcdsaSignatureSize) return err(CryptoError::wrong_length);
  BigNumber r = number(signature.first(kFieldSize));
  BigNumber s = number(signature.last(kFieldSize));
  if (BN_cmp(s.get(), half_order()) > 0) return err(CryptoError::bad_signature);
  const EcdsaParts parts(ECDSA_SIG_new());
  SOTTO_CHECK(parts && ECDSA_SIG_set0(parts.get(), r.release(), s.release()) == 1);
  ByteArray<80> der;
  std::uint8_t* cursor = der.data();
  const int size = i2d_ECDSA_SIG(parts.get(), &cursor);
  SOTTO_CHECK(size > 0);
  const Sha256Digest digest = sha256(message);
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey_.get(), nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return failed(CryptoError::library_failure);
  if (EVP_PKEY_verify(context.get(), der.data(), static_cast<std::size_t>(size), digest.data(),
                      digest.size()) != 1) {
    return failed(CryptoError::bad_signature);
  }
  return {};
}

}  // namespace sotto::crypto
