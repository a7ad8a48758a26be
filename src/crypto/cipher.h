// AES-256-CTR (SP 800-38A 6.5). It hides and does not authenticate: whoever calls it MACs the ciphertext.
#pragma once

#include "bytes/bytes.h"
#include "crypto/primitives.h"
#include "crypto/secret.h"

namespace sotto::crypto {

using CipherKey = SecretArray<32, struct CipherKeyTag>;
/// The whole initial counter block. Never used twice under one key.
using CipherIv = SecretArray<16, struct CipherIvTag>;

/// Encrypts or decrypts (the same operation) `in` into `out`; both may be the same memory.
/// Precondition: in.size() == out.size() and the two are identical or do not overlap.
void aes256_ctr(const CipherKey& key, const CipherIv& iv, ByteView in, MutableByteView out);
inline void aes256_ctr(const CipherKey& key, const CipherIv& iv, MutableByteView in_out) {
  aes256_ctr(key, iv, in_out, in_out);
}

/// The same over raw octets, for test vectors and keys that are no secrets. Precondition: key of 32 and iv of
/// 16 octets.
void aes256_ctr(ByteView key, ByteView iv, ByteView in, MutableByteView out);

}  // namespace sotto::crypto
