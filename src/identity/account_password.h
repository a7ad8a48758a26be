// The account password on the device's side: strength, stretching, and what of it a server may see
// (docs/specs/sign-in.md). Checking authenticators and counting failures is the server's (accounts).
#pragma once

#include <string_view>

#include "crypto/argon2.h"
#include "crypto/secret.h"
#include "result/result.h"

namespace sotto::identity {

enum class PasswordError : std::uint8_t {
  not_utf8,
  too_short,      ///< fewer than kMinPassword characters
  too_long,       ///< more than kMaxPassword octets
  is_handle,      ///< the name that everybody knows
  cost_refused,   ///< the server asks for less work than this version allows, or for absurdly much
  out_of_memory,  ///< for Argon2id
};

std::string_view describe(PasswordError error);

/// Characters. Guesses through the server are limited to about ten a day; this is against whoever stole its
/// disk and can try as many as Argon2id lets him.
inline constexpr std::size_t kMinPassword = 10;
/// Octets of UTF-8.
inline constexpr std::size_t kMaxPassword = 1024;
/// What a password that is set now costs (RFC 9106 4, second recommendation).
inline constexpr crypto::Argon2Parameters kPasswordCost = {
    .memory_kib = 64U << 10U, .iterations = 3, .lanes = 4};
/// Bounds of what a server may ask for: never less than above, at most four times the memory and sixteen
/// times the work of one pass, about a second.
inline constexpr std::uint32_t kMaxPasswordMemoryKib = 256U << 10U;
inline constexpr std::uint64_t kMaxPasswordWork = std::uint64_t{16} * (64U << 10U);
inline constexpr std::uint32_t kMaxPasswordLanes = 8;

bool acceptable(const crypto::Argon2Parameters& cost);

/// What a server checks in place of the password. For this server and this salt only; whoever has it can sign
/// in there, which adds no device.
using Authenticator = ByteArray<32>;

/// May this become a password? `handle` is the account's. Errors: not_utf8, too_short, too_long, is_handle.
Result<void, PasswordError> check_strength(const crypto::SecretBytes& password, std::string_view handle);

/// Takes about 0.2 s and 64 MiB: not for an event loop that serves others. Errors: not_utf8, too_long,
/// cost_refused, out_of_memory.
Result<Authenticator, PasswordError> derive_authenticator(const crypto::SecretBytes& password,
                                                          const crypto::Argon2Salt& salt,
                                                          const crypto::Argon2Parameters& cost,
                                                          std::string_view server_name);

}  // namespace sotto::identity
