// The database key, sealed under a passphrase. Not concerned with where the file lies (profile_folder.h).
//
//   "SOTTOKEY" | u16 format 1 | u32 memory KiB | u32 iterations | u32 lanes | salt 16 | sealed key 32 | tag
//   32 | SHA-256 of all before (32) prk = Extract(salt = LBL("key-file"), Argon2id(passphrase, salt));  enc
//   32 | iv 16 | mac 48 = Expand(prk, header) sealed key = AES-256-CTR(enc, iv, key);  tag = HMAC-SHA384(mac,
//   header || sealed key)[0:32]
// with header = everything before the sealed key. The tag commits to the passphrase; the digest, which anyone
// can compute, only tells a damaged file from a wrong passphrase.
#pragma once

#include "client/store/database.h"
#include "client/store/error.h"
#include "crypto/argon2.h"
#include "crypto/random.h"

namespace sotto::client::store {

/// RFC 9106 section 4, second recommended option: what every machine that runs this has memory for.
inline constexpr crypto::Argon2Parameters kPassphraseCost = {
    .memory_kib = 64U << 10U, .iterations = 3, .lanes = 4};

/// What a new profile's key file costs to open: kPassphraseCost. Only builds with SOTTO_RECORD_ERRORS (those
/// of tests, which open profiles thousands of times) make it next to nothing, and only where the environment
/// has SOTTO_CHEAP_PASSPHRASES.
crypto::Argon2Parameters passphrase_cost();

class KeyFile {
 public:
  /// A new file's content. Errors: out_of_memory, library_failure (also an empty passphrase).
  static StoreResult<Bytes> seal(const DatabaseKey& key, const crypto::SecretBytes& passphrase,
                                 const crypto::Argon2Parameters& cost, crypto::RandomSource& random);
  /// Errors: wrong_passphrase, key_file_corrupt, key_file_newer, key_file_refused, out_of_memory.
  static StoreResult<DatabaseKey> open(ByteView file, const crypto::SecretBytes& passphrase);
};

}  // namespace sotto::client::store
