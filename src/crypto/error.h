// The one error enum of the crypto module.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::crypto {

/// Why a primitive refused. Callers that face a peer collapse all of these to one code.
enum class CryptoError : std::uint8_t {
  wrong_length,         ///< an input has another length than the standard says
  invalid_public_key,   ///< not canonical, not on the curve, the identity, or fails the FIPS 203 7.2 check
  invalid_private_key,  ///< a scalar that is zero or not below the group order
  degenerate_secret,    ///< ECDH gave the all-zero x coordinate
  bad_signature,        ///< a signature does not verify, or its ECDSA half is not low-s
  out_of_memory,        ///< the requested work memory (Argon2id) could not be had
  library_failure,      ///< OpenSSL refused parameters or failed where it should not
};

std::string_view describe(CryptoError error);

template <typename T>
using CryptoResult = Result<T, CryptoError>;

}  // namespace sotto::crypto
