#include "crypto/spake2.h"

#include <algorithm>

#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "crypto/p256_group.h"

namespace sotto::crypto {
namespace {

using SecretPoint = std::unique_ptr<EC_POINT, Deleter<EC_POINT_clear_free>>;
using Sec1Point = ByteArray<kP256UncompressedSize>;

constexpr std::size_t kScalarSize = 32;

// RFC 9382 4, the table of M and N.
constexpr ByteArray<kP256PublicKeySize> kM = {
    0x02, 0x88, 0x6e, 0x2f, 0x97, 0xac, 0xe4, 0x6e, 0x55, 0xba, 0x9d, 0xd7, 0x24, 0x25, 0x79, 0xf2, 0x99,
    0x3b, 0x64, 0xe1, 0x6e, 0xf3, 0xdc, 0xab, 0x95, 0xaf, 0xd4, 0x97, 0x33, 0x3d, 0x8f, 0xa1, 0x2f};
constexpr ByteArray<kP256PublicKeySize> kN = {
    0x03, 0xd8, 0xbb, 0xd6, 0xc6, 0x39, 0xc6, 0x29, 0x37, 0xb0, 0x4d, 0x99, 0x7f, 0x38, 0xc3, 0x77, 0x07,
    0x19, 0xc6, 0x29, 0xd7, 0x01, 0x4d, 0x49, 0xa2, 0x4b, 0x4f, 0x98, 0xba, 0xa1, 0x29, 0x2b, 0x49};

SecretPoint new_point() {
  SecretPoint point(EC_POINT_new(p256_group()));
  SOTTO_CHECK(point);
  return point;
}

/// Precondition: `sec1` was checked before or is a constant.
SecretPoint point_from(ByteView sec1) {
  SecretPoint point = new_point();
  SOTTO_CHECK(EC_POINT_oct2point(p256_group(), point.get(), sec1.data(), sec1.size(), nullptr) == 1);
  return point;
}

const EC_POINT* blinding_point(Spake2Role role) {
  static const SecretPoint kPointM = point_from(kM);
  static const SecretPoint kPointN = point_from(kN);
  return role == Spake2Role::a ? kPointM.get() : kPointN.get();
}

SecretBigNumber secret_number(ByteView big_endian) {
  SecretBigNumber out(BN_secure_new());
  SOTTO_CHECK(out && BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), out.get()) != nullptr);
  BN_set_flags(out.get(), BN_FLG_CONSTTIME);
  return out;
}

BigNumberContext number_context() {
  BigNumberContext context(BN_CTX_secure_new());
  SOTTO_CHECK(context);
  return context;
}

/// scalar * point.
SecretPoint multiply(const EC_POINT* point, const BIGNUM* scalar, BN_CTX* context) {
  SecretPoint out = new_point();
  SOTTO_CHECK(EC_POINT_mul(p256_group(), out.get(), nullptr, point, scalar, context) == 1);
  return out;
}

/// A number below 2^256 modulo n, times 2^256 or not. OpenSSL's division takes as long as its quotient digits
/// say, its Montgomery multiplication always the same time.
class OrderReduction {
 public:
  OrderReduction() : context_(number_context()), montgomery_(BN_MONT_CTX_new()) {
    SOTTO_CHECK(montgomery_ && BN_MONT_CTX_set(montgomery_.get(), p256_order(), context_.get()) == 1);
  }
  [[nodiscard]] SecretBigNumber times_2_to_256(const BIGNUM* value) const {
    SecretBigNumber out(BN_secure_new());
    SOTTO_CHECK(out && BN_to_montgomery(out.get(), value, montgomery_.get(), context_.get()) == 1);
    return out;
  }
  [[nodiscard]] SecretBigNumber reduced(const BIGNUM* value) const {
    SecretBigNumber out = times_2_to_256(value);
    SOTTO_CHECK(BN_from_montgomery(out.get(), out.get(), montgomery_.get(), context_.get()) == 1);
    return out;
  }

 private:
  BigNumberContext context_;
  std::unique_ptr<BN_MONT_CTX, Deleter<BN_MONT_CTX_free>> montgomery_;
};

/// The same form as uncompressed_form's for a point that stays secret: that one looks for leading zeros.
Sec1Point secret_form(const EC_POINT* point) {
  const SecretBigNumber x(BN_secure_new());
  const SecretBigNumber y(BN_secure_new());
  SOTTO_CHECK(x && y && EC_POINT_get_affine_coordinates(p256_group(), point, x.get(), y.get(), nullptr) == 1);
  Sec1Point out;
  out[0] = 4;
  SOTTO_CHECK(BN_bn2binpad(x.get(), out.data() + 1, kScalarSize) == kScalarSize &&
              BN_bn2binpad(y.get(), out.data() + 1 + kScalarSize, kScalarSize) == kScalarSize);
  return out;
}

Sec1Point uncompressed(ByteView compressed) { return uncompressed_form(point_from(compressed).get()); }

/// A digest of secret octets: its context is not shared with other computations and wiped when it dies.
class SecretDigest {
 public:
  explicit SecretDigest(const char* algorithm) : context_(EVP_MD_CTX_new()) {
    const std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>> fetched(EVP_MD_fetch(nullptr, algorithm, nullptr));
    SOTTO_CHECK(context_ && EVP_DigestInit_ex2(context_.get(), fetched.get(), nullptr) == 1);
  }
  SecretDigest& add(ByteView data) {
    SOTTO_CHECK(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
    return *this;
  }
  /// One field of TT: its length in eight octets, little-endian, then the field (RFC 9382 3.3).
  SecretDigest& add_field(ByteView field) {
    ByteArray<8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) {
      length[i] = static_cast<std::uint8_t>(std::uint64_t{field.size()} >> (8 * i));
    }
    return add(length).add(field);
  }
  /// Precondition: `out` has the digest's size.
  void finish(MutableByteView out) {
    SOTTO_CHECK(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
  }

 private:
  DigestContext context_;
};

}  // namespace

/// The part of SPAKE2 that opens secrets.
class Spake2Math {
 public:
  static Spake2Password password(ByteView context, ByteView secret) {
    ByteArray<64> digest;
    SecretDigest("SHA2-512").add(context).add(secret).finish(digest);
    const ByteView both(digest);
    const SecretBigNumber high = secret_number(both.first(kScalarSize));
    const SecretBigNumber low = secret_number(both.last(kScalarSize));
    wipe(digest.data(), digest.size());
    const OrderReduction reduction;
    const SecretBigNumber sum(BN_secure_new());
    SOTTO_CHECK(sum && BN_mod_add_quick(sum.get(), reduction.times_2_to_256(high.get()).get(),
                                        reduction.reduced(low.get()).get(), p256_order()) == 1);
    auto out = Primitives::blank<Spake2Password>();
    SOTTO_CHECK(BN_bn2binpad(sum.get(), Primitives::writable(out).data(), kScalarSize) == kScalarSize);
    return out;
  }

  /// x*P + w*M for A, y*P + w*N for B (RFC 9382 3.3), in one call: OpenSSL's addition inside it takes
  /// constant time on 64-bit machines, EC_POINT_add does not, and the share tells who knows the code what x*P
  /// was.
  static ByteArray<kP256PublicKeySize> share(Spake2Role role, const Spake2Password& password,
                                             const P256PrivateKey& ephemeral) {
    const BigNumberContext context = number_context();
    const SecretBigNumber w = secret_number(Primitives::view(password));
    const SecretBigNumber x = secret_number(Primitives::view(ephemeral.scalar()));
    // What a moved-from password leaves: everybody would know it.
    SOTTO_CHECK(!declassified(BN_is_zero(w.get())));
    const SecretPoint sum = new_point();
    SOTTO_CHECK(
        EC_POINT_mul(p256_group(), sum.get(), x.get(), blinding_point(role), w.get(), context.get()) == 1);
    const auto out = uncompressed_form(sum.get());
    declassify(out);  // what the peer is sent
    return compressed_form(out);
  }

  /// K = x*(peer - w*B), computed as x*peer - x*(w*B), B the peer's blinding point: EC_POINT_add tells by its
  /// time something of both summands, and these two nobody can compute for a code that he wants to try. The
  /// cofactor is 1.
  static CryptoResult<SecretPoint> shared_point(Spake2Role own, const Spake2Password& password,
                                                const P256PrivateKey& ephemeral, const P256PublicKey& peer) {
    const BigNumberContext context = number_context();
    const SecretBigNumber w = secret_number(Primitives::view(password));
    const SecretBigNumber x = secret_number(Primitives::view(ephemeral.scalar()));
    const Spake2Role other = own == Spake2Role::a ? Spake2Role::b : Spake2Role::a;
    const SecretPoint blinding = multiply(blinding_point(other), w.get(), context.get());
    const SecretPoint subtrahend = multiply(blinding.get(), x.get(), context.get());
    const SecretPoint sent = point_from(peer.encoded());
    const SecretPoint minuend = multiply(sent.get(), x.get(), context.get());
    SecretPoint shared = new_point();
    SOTTO_CHECK(EC_POINT_invert(p256_group(), subtrahend.get(), context.get()) == 1 &&
                EC_POINT_add(p256_group(), shared.get(), minuend.get(), subtrahend.get(), context.get()) ==
                    1);
    if (declassified(EC_POINT_is_at_infinity(p256_group(), shared.get())) == 1) {
      return err(CryptoError::degenerate_secret);
    }
    return shared;
  }

  /// Ke, the first half of SHA-256(TT) (RFC 9382 3.3, 4), where points are uncompressed as in its appendix.
  static Spake2Key key(const Spake2Identities& identities, ByteView share_a, ByteView share_b,
                       const EC_POINT* shared, const Spake2Password& password) {
    Sec1Point k = secret_form(shared);
    ByteArray<32> digest;
    SecretDigest("SHA2-256")
        .add_field(identities.a)
        .add_field(identities.b)
        .add_field(uncompressed(share_a))
        .add_field(uncompressed(share_b))
        .add_field(k)
        .add_field(Primitives::view(password))
        .finish(digest);
    Spake2Key out = Spake2Key::copy_of(ByteView(digest).first(Spake2Key::kSize));
    wipe(k.data(), k.size());
    wipe(digest.data(), digest.size());
    return out;
  }
};

Spake2Password spake2_password_from(ByteView context, ByteView secret) {
  return Spake2Math::password(context, secret);
}

template <Spake2Role kRole>
Spake2<kRole>::Spake2(Spake2Password password, P256PrivateKey ephemeral)
    : password_(std::move(password)),
      ephemeral_(std::move(ephemeral)),
      share_(Spake2Math::share(kRole, password_, ephemeral_)) {}

template <Spake2Role kRole>
Spake2<kRole> Spake2<kRole>::start(Spake2Password password, RandomSource& random) {
  return Spake2(std::move(password), P256PrivateKey::generate(random));
}

template <Spake2Role kRole>
CryptoResult<Spake2Key> Spake2<kRole>::finish(const P256PublicKey& peer,
                                              const Spake2Identities& identities) && {
  const Spake2 self = std::move(*this);  // the ephemeral scalar dies with this run, whatever happens
  SOTTO_TRY(const SecretPoint shared, Spake2Math::shared_point(kRole, self.password_, self.ephemeral_, peer));
  const ByteView mine = self.share_;
  const ByteView theirs = peer.encoded();
  return Spake2Math::key(identities, kRole == Spake2Role::a ? mine : theirs,
                         kRole == Spake2Role::a ? theirs : mine, shared.get(), self.password_);
}

template class Spake2<Spake2Role::a>;
template class Spake2<Spake2Role::b>;

}  // namespace sotto::crypto
