// The wall's own door to secrets, for the files of this module. Not for use by others: everything in it is
// private, and the friend list below continues the audit list of SecretAccess.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <utility>

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "crypto/secret.h"

namespace sotto::crypto {

class RandomSource;
class P256PrivateKey;
class VrfPrivateKey;
class MlDsa65PrivateKey;
class HybridPrivateKey;
class Spake2Math;
template <typename Parameters>
class DecapsulationKey;
template <typename Parameters>
class EncapsulationKey;

struct PseudorandomKeyTag;
struct CipherKeyTag;
struct CipherIvTag;
struct PassphraseKeyTag;
struct Spake2PasswordTag;
struct Argon2Parameters;

// Forward declarations of the functions that the friend list names; their contracts are in their headers.
template <AnySecretArray Secret>
Secret random_secret(RandomSource& random);
template <AnySecretArray Secret>
bool constant_time_equal(const Secret& a, ByteView b);
template <AnySecretArray Key>
ByteArray<48> hmac_sha384(const Key& key, std::initializer_list<ByteView> parts);
template <typename Salt, AnySecretArray... Parts>
  requires(sizeof...(Parts) > 0)
SecretArray<48, PseudorandomKeyTag> hkdf_extract(const Salt& salt, const Parts&... ikm);
template <FixedOctets... Outputs, typename PrkTag>
  requires(sizeof...(Outputs) > 0)
auto hkdf_expand(const SecretArray<48, PrkTag>& prk, ByteView info);
template <AnySecretArray OutputA, AnySecretArray OutputB, typename PrkTag>
  requires(OutputA::kSize == 48 && OutputB::kSize == 48)
std::pair<OutputA, OutputB> hkdf_expand_pair(const SecretArray<48, PrkTag>& prk, ByteView info_a,
                                             ByteView info_b);
void aes256_ctr(const SecretArray<32, CipherKeyTag>& key, const SecretArray<16, CipherIvTag>& iv, ByteView in,
                MutableByteView out);
template <AnySecretArray Secret>
SecretArray<32, Spake2PasswordTag> spake2_password(ByteView context, const Secret& secret);

class Primitives {
  template <std::size_t N, typename Tag>
  static ByteView view(const SecretArray<N, Tag>& secret) {
    return secret.reveal(SecretAccess());
  }
  static ByteView view(const SecretBytes& secret) { return secret.reveal(SecretAccess()); }
  static ByteView view(ByteView octets) { return octets; }
  template <std::size_t N, typename Tag>
  static MutableByteView writable(SecretArray<N, Tag>& secret) {
    return secret.reveal_mutable(SecretAccess());
  }
  /// All zeros, to be written through writable().
  template <AnySecretArray Secret>
  static Secret blank() {
    return Secret();
  }

  friend class P256PrivateKey;
  friend class VrfPrivateKey;
  friend class MlDsa65PrivateKey;
  friend class HybridPrivateKey;
  friend class Spake2Math;
  template <typename Parameters>
  friend class DecapsulationKey;
  template <typename Parameters>
  friend class EncapsulationKey;
  friend CryptoResult<SecretArray<32, PassphraseKeyTag>> argon2id(ByteView passphrase, ByteView salt,
                                                                  const Argon2Parameters& parameters);
  friend CryptoResult<SecretArray<32, PassphraseKeyTag>> argon2id(const SecretBytes& passphrase,
                                                                  const ByteArray<16>& salt,
                                                                  const Argon2Parameters& parameters);
  template <AnySecretArray Secret>
  friend Secret random_secret(RandomSource& random);
  template <AnySecretArray Secret>
  friend bool constant_time_equal(const Secret& a, ByteView b);
  template <AnySecretArray Key>
  friend ByteArray<48> hmac_sha384(const Key& key, std::initializer_list<ByteView> parts);
  template <typename Salt, AnySecretArray... Parts>
    requires(sizeof...(Parts) > 0)
  friend SecretArray<48, PseudorandomKeyTag> hkdf_extract(const Salt& salt, const Parts&... ikm);
  template <FixedOctets... Outputs, typename PrkTag>
    requires(sizeof...(Outputs) > 0)
  friend auto hkdf_expand(const SecretArray<48, PrkTag>& prk, ByteView info);
  template <AnySecretArray OutputA, AnySecretArray OutputB, typename PrkTag>
    requires(OutputA::kSize == 48 && OutputB::kSize == 48)
  friend std::pair<OutputA, OutputB> hkdf_expand_pair(const SecretArray<48, PrkTag>& prk, ByteView info_a,
                                                      ByteView info_b);
  friend void aes256_ctr(const SecretArray<32, CipherKeyTag>& key, const SecretArray<16, CipherIvTag>& iv,
                         ByteView in, MutableByteView out);
  template <AnySecretArray Secret>
  friend SecretArray<32, Spake2PasswordTag> spake2_password(ByteView context, const Secret& secret);
};

}  // namespace sotto::crypto
