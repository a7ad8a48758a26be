#include "crypto/spake2.h"

#include <algorithm>

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

/// scalar * point, alone: OpenSSL's generic code is constant in time only for one product at a time.
SecretPoint multiply(const EC_POINT* point, const BIGNUM* scalar, BN_CTX* context) {
  SecretPoint out = new_point();
  SOTTO_CHECK(EC_POINT_mul(p256_group(), out.get(), nullptr, point, scalar, context) == 1);
  return out;
}

SecretPoint add(const EC_POINT* a, const EC_POINT* b, BN_CTX* context) {
  SecretPoint out = new_point();
  SOTTO_CHECK(EC_POINT_add(p256_group(), out.get(), a, b, context) == 1);
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
    const SecretBigNumber wide = secret_number(digest);
    wipe(digest.data(), digest.size());
    const SecretBigNumber reduced(BN_secure_new());
    SOTTO_CHECK(reduced && BN_nnmod(reduced.get(), wide.get(), p256_order(), number_context().get()) == 1);
    auto out = Primitives::blank<Spake2Password>();
    SOTTO_CHECK(BN_bn2binpad(reduced.get(), Primitives::writable(out).data(), kScalarSize) == kScalarSize);
    return out;
  }

  /// x*P + w*M for A, y*P + w*N for B (RFC 9382 3.3).
  static ByteArray<kP256PublicKeySize> share(Spake2Role role, const Spake2Password& password,
                                             const P256PrivateKey& ephemeral) {
    const BigNumberContext context = number_context();
    const SecretBigNumber w = secret_number(Primitives::view(password));
    // What a moved-from password leaves: everybody would know it.
    SOTTO_CHECK(!BN_is_zero(w.get()));
    const SecretPoint blinding = multiply(blinding_point(role), w.get(), context.get());
    const SecretPoint own = point_from(ephemeral.public_key().encoded());
    return compressed_form(uncompressed_form(add(own.get(), blinding.get(), context.get()).get()));
  }

  /// K = x*(peer - w*B), computed as x*peer + (-x*w mod n)*B: so w itself never multiplies a point in this
  /// step, and both summands are random to whoever watches. B is the peer's blinding point; the cofactor
  /// is 1.
  static CryptoResult<SecretPoint> shared_point(Spake2Role own, const Spake2Password& password,
                                                const P256PrivateKey& ephemeral, const P256PublicKey& peer) {
    const BigNumberContext context = number_context();
    const SecretBigNumber w = secret_number(Primitives::view(password));
    const SecretBigNumber x = secret_number(Primitives::view(ephemeral.scalar()));
    const SecretBigNumber product(BN_secure_new());
    const SecretBigNumber negated(BN_secure_new());
    SOTTO_CHECK(product && negated);
    BN_set_flags(product.get(), BN_FLG_CONSTTIME);
    BN_set_flags(negated.get(), BN_FLG_CONSTTIME);
    SOTTO_CHECK(BN_mod_mul(product.get(), x.get(), w.get(), p256_order(), context.get()) == 1 &&
                BN_sub(negated.get(), p256_order(), product.get()) == 1);
    const Spake2Role other = own == Spake2Role::a ? Spake2Role::b : Spake2Role::a;
    const SecretPoint sent = point_from(peer.encoded());
    const SecretPoint first = multiply(sent.get(), x.get(), context.get());
    const SecretPoint second = multiply(blinding_point(other), negated.get(), context.get());
    SecretPoint shared = add(first.get(), second.get(), context.get());
    if (EC_POINT_is_at_infinity(p256_group(), shared.get()) == 1) {
      return err(CryptoError::degenerate_secret);
    }
    return shared;
  }

  /// Ke, the first half of SHA-256(TT) (RFC 9382 3.3, 4), where points are uncompressed as in its appendix.
  static Spake2Key key(const Spake2Identities& identities, ByteView share_a, ByteView share_b,
                       const EC_POINT* shared, const Spake2Password& password) {
    Sec1Point k = uncompressed_form(shared);
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
