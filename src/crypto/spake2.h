// SPAKE2 (RFC 9382) in its suite P256-SHA256: two parties that share a short code agree on a key, and whoever
// does not know the code can try one guess a run and none offline. Key confirmation is the caller's concern:
// until it has checked one, a key from here may be shared with nobody or with an impostor.
//
// A and B are the RFC's roles; each is its own type, so a share of A's cannot be finished by A's side in
// place of B's: the two use different blinding points and the transcript names both.
//
// Timing: nothing that could be compared with a guess at the code branches on it; tests/constant_time checks
// that, and lists what of OpenSSL it accepts. On 32-bit machines OpenSSL's generic curve code is weaker.
#pragma once

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "crypto/p256.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace sotto::crypto {

/// w of RFC 9382 3.2: the code as a scalar below the group order, big-endian.
using Spake2Password = SecretArray<32, struct Spake2PasswordTag>;
/// Ke of RFC 9382 4: the first half of Hash(TT).
using Spake2Key = SecretArray<16, struct Spake2KeyTag>;

/// What stands in for the RFC's memory-hard function, whose work would buy nothing where a code dies with its
/// first run: SHA-512(context || secret) mod n. The bias of the reduction is below 2^-255.
Spake2Password spake2_password_from(ByteView context, ByteView secret);
template <AnySecretArray Secret>
Spake2Password spake2_password(ByteView context, const Secret& secret) {
  return spake2_password_from(context, Primitives::view(secret));
}

/// RFC 9382 3.3; A's share is blinded with M, B's with N.
enum class Spake2Role : std::uint8_t { a, b };

/// The names of the two parties as the transcript has them. Each may be empty.
struct Spake2Identities {
  ByteView a;
  ByteView b;
};

/// One party in one run. Move-only; a run has one ephemeral scalar and ends with finish().
template <Spake2Role kRole>
class Spake2 {
 public:
  /// Draws the ephemeral scalar.
  static Spake2 start(Spake2Password password, RandomSource& random);

  /// pA or pB, SEC1 compressed: what the other party receives.
  [[nodiscard]] const ByteArray<kP256PublicKeySize>& share() const { return share_; }

  /// Ke from the other party's share. `peer` was checked to be on the curve and not the identity when it was
  /// decoded. Errors: degenerate_secret (the shared point is the identity: the peer chose its share so).
  CryptoResult<Spake2Key> finish(const P256PublicKey& peer, const Spake2Identities& identities) &&;

 private:
  Spake2(Spake2Password password, P256PrivateKey ephemeral);

  Spake2Password password_;
  P256PrivateKey ephemeral_;
  ByteArray<kP256PublicKeySize> share_;
};

using Spake2A = Spake2<Spake2Role::a>;
using Spake2B = Spake2<Spake2Role::b>;

}  // namespace sotto::crypto
