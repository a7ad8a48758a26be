// The secrets of SP/1, each its own type (docs/specs/session-protocol.md 4, 5, 6).
#pragma once

#include "crypto/cipher.h"
#include "crypto/hkdf.h"
#include "crypto/secret.h"

namespace sotto::session {

using RootKey = crypto::SecretArray<48, struct RootKeyTag>;            ///< RK
using EcChainKey = crypto::SecretArray<48, struct EcChainKeyTag>;      ///< CK
using EcMessageKey = crypto::SecretArray<48, struct EcMessageKeyTag>;  ///< mk_ec
using PqSeedKey = crypto::SecretArray<48, struct PqSeedKeyTag>;        ///< PQR
using PqRootKey = crypto::SecretArray<48, struct PqRootKeyTag>;        ///< PQRK
using PqChainKey = crypto::SecretArray<48, struct PqChainKeyTag>;      ///< CKpq
using PqMessageKey = crypto::SecretArray<48, struct PqMessageKeyTag>;  ///< mk_pq
using HandshakeKey = crypto::SecretArray<48, struct HandshakeKeyTag>;  ///< HSK
using TransportKey = crypto::SecretArray<48, struct TransportKeyTag>;  ///< TK, section 11
using MacKey = crypto::SecretArray<48, struct MacKeyTag>;

/// What one message or identity part is encrypted and authenticated with.
struct SealingKeys {
  crypto::CipherKey enc;
  crypto::CipherIv iv;
  MacKey mac;
};

/// Who sent a message: A is the session's initiator. The value is the `dir` octet of section 6.
enum class Direction : std::uint8_t { a_to_b = 0, b_to_a = 1 };

constexpr Direction opposite(Direction direction) {
  return direction == Direction::a_to_b ? Direction::b_to_a : Direction::a_to_b;
}

}  // namespace sotto::session
