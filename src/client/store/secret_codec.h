// The client's one door to secret octets: into and out of the encrypted store. Everything is private; the
// friends are the list an auditor reads.
#pragma once

#include "bytes/bytes.h"
#include "crypto/secret.h"

namespace sotto::client {

namespace store {
class Database;
class KeyFile;
}  // namespace store

class SyncKeyMessage;

class SecretCodec {
 private:
  static ByteView view(const crypto::SecretBytes& secret) { return secret.reveal(crypto::SecretAccess()); }
  template <std::size_t N, typename Tag>
  static ByteView view(const crypto::SecretArray<N, Tag>& secret) {
    return secret.reveal(crypto::SecretAccess());
  }

  friend class store::Database;
  friend class store::KeyFile;
  friend class SyncKeyMessage;  // tells the sync key to own devices
};

}  // namespace sotto::client
