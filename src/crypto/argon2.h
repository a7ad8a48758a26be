// Argon2id version 0x13 (RFC 9106): a key from a passphrase. Takes long and much memory by design: run it on
// a worker, never on an event loop.
#pragma once

#include <cstdint>

#include "bytes/bytes.h"
#include "crypto/error.h"
#include "crypto/secret.h"

namespace sotto::crypto {

/// The key that a passphrase gives.
using PassphraseKey = SecretArray<32, struct PassphraseKeyTag>;
using Argon2Salt = ByteArray<16>;

struct Argon2Parameters {
  std::uint32_t memory_kib;
  std::uint32_t iterations;
  std::uint32_t lanes;
};

/// Parameters are read from stored files and backups, so a forged one must not make us take all memory or run
/// for hours: 4 GiB, 64 passes and 64 lanes are far above every profile we write.
inline constexpr Argon2Parameters kArgon2Limits = {.memory_kib = 4U << 20U, .iterations = 64, .lanes = 64};

/// Errors: out_of_memory (over the limit, or the allocation failed), library_failure (parameters that RFC
/// 9106 3.1 or the limits refuse: no pass, no lane, fewer than 8 KiB a lane, too many).
CryptoResult<PassphraseKey> argon2id(const SecretBytes& passphrase, const Argon2Salt& salt,
                                     const Argon2Parameters& parameters);

/// The same with a salt of any length RFC 9106 3.1 allows (at least 8 octets), for test vectors.
/// Errors: also wrong_length (salt).
CryptoResult<PassphraseKey> argon2id(ByteView passphrase, ByteView salt, const Argon2Parameters& parameters);

}  // namespace sotto::crypto
