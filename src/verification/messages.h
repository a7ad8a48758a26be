// The three messages of a comparison by digits, and their encoding (docs/specs/verification.md 2).
#pragma once

#include <variant>

#include "bytes/bytes.h"
#include "crypto/hash.h"
#include "verification/error.h"

namespace sotto::verification {

/// Names one run; chosen by who starts it.
using RunId = ByteArray<16>;
/// r_A and r_B. Public once sent, unpredictable before.
using Nonce = ByteArray<32>;

struct Commit {
  RunId run;
  crypto::Sha384Digest commitment;
};

struct ResponderNonce {
  RunId run;
  Nonce nonce;
};

struct Reveal {
  RunId run;
  Nonce nonce;
  Nonce answered;  ///< r_B of the device that answered first
};

using VerificationMessage = std::variant<Commit, ResponderNonce, Reveal>;

inline constexpr std::size_t kMaxVerificationMessage = 256;

Bytes encode(const VerificationMessage& message);

/// Errors: malformed.
VerificationResult<VerificationMessage> decode_verification_message(ByteView octets);

}  // namespace sotto::verification
