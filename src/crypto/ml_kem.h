// ML-KEM (FIPS 203). Each parameter set is its own type, so a prekey (1024) cannot stand where an epoch key
// (768) is wanted.
#pragma once

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "crypto/pkey.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace sotto::crypto {

struct MlKem768 {
  static constexpr const char* kName = "ML-KEM-768";
  static constexpr std::size_t kEncapsulationKeySize = 1184;
  static constexpr std::size_t kCiphertextSize = 1088;
};

struct MlKem1024 {
  static constexpr const char* kName = "ML-KEM-1024";
  static constexpr std::size_t kEncapsulationKeySize = 1568;
  static constexpr std::size_t kCiphertextSize = 1568;
};

/// d || z of FIPS 203 7.1: the stored form of a decapsulation key.
template <typename Parameters>
using MlKemSeed = SecretArray<64, Parameters>;
/// K, the shared secret key.
using KemSecret = SecretArray<32, struct KemSecretTag>;

/// What encapsulation gives: the secret stays, the ciphertext travels.
template <typename Parameters>
struct Encapsulation {
  ByteArray<Parameters::kCiphertextSize> ciphertext;
  KemSecret secret;
};

/// A checked encapsulation key. A value: copies share the parsed form. Any thread may read.
template <typename Parameters>
class EncapsulationKey {
 public:
  using Encoded = ByteArray<Parameters::kEncapsulationKeySize>;

  /// Makes the type and modulus checks of FIPS 203 7.2. Errors: wrong_length, invalid_public_key.
  static CryptoResult<EncapsulationKey> decode(ByteView octets);

  [[nodiscard]] const Encoded& encoded() const { return encoded_; }

  /// FIPS 203 7.2 with m = 32 octets of `random`. Errors: library_failure.
  [[nodiscard]] CryptoResult<Encapsulation<Parameters>> encapsulate(RandomSource& random) const;

  friend bool operator==(const EncapsulationKey& a, const EncapsulationKey& b) {
    return a.encoded_ == b.encoded_;
  }

 private:
  EncapsulationKey(const Encoded& encoded, PublicPkey pkey) : encoded_(encoded), pkey_(std::move(pkey)) {}

  Encoded encoded_;
  PublicPkey pkey_;
};

/// A decapsulation key: its seed and the expanded form.
template <typename Parameters>
class DecapsulationKey {
 public:
  /// FIPS 203 7.1 with d || z = 64 octets of `random`.
  static DecapsulationKey generate(RandomSource& random);
  static DecapsulationKey from_seed(MlKemSeed<Parameters> seed);

  /// What from_seed takes.
  [[nodiscard]] const MlKemSeed<Parameters>& seed() const { return seed_; }
  /// What EncapsulationKey::decode takes.
  [[nodiscard]] const typename EncapsulationKey<Parameters>::Encoded& encapsulation_key() const {
    return encapsulation_key_;
  }

  /// FIPS 203 7.3. A ciphertext of the right length that was not made for this key gives a secret nobody
  /// knows (implicit rejection), in the same time. Errors: wrong_length, library_failure.
  [[nodiscard]] CryptoResult<KemSecret> decapsulate(ByteView ciphertext) const;

 private:
  DecapsulationKey(MlKemSeed<Parameters> seed,
                   const typename EncapsulationKey<Parameters>::Encoded& encapsulation_key, PrivatePkey pkey)
      : seed_(std::move(seed)), encapsulation_key_(encapsulation_key), pkey_(std::move(pkey)) {}

  MlKemSeed<Parameters> seed_;
  typename EncapsulationKey<Parameters>::Encoded encapsulation_key_;
  PrivatePkey pkey_;
};

using MlKem768EncapsulationKey = EncapsulationKey<MlKem768>;
using MlKem768DecapsulationKey = DecapsulationKey<MlKem768>;
using MlKem1024EncapsulationKey = EncapsulationKey<MlKem1024>;
using MlKem1024DecapsulationKey = DecapsulationKey<MlKem1024>;

extern template class EncapsulationKey<MlKem768>;
extern template class EncapsulationKey<MlKem1024>;
extern template class DecapsulationKey<MlKem768>;
extern template class DecapsulationKey<MlKem1024>;

}  // namespace sotto::crypto
