// The server's two keys on disk, its identity and the VRF key of its transparency log: made once, at the
// first run, and never replaced, because clients pin both.
#pragma once

#include <filesystem>
#include <string>

#include "accounts/error.h"
#include "crypto/hybrid_signature.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/vrf.h"

namespace sotto::accounts {

/// For the operator: names the path and what is wrong with it.
struct KeyFileFailure {
  AccountsError error;
  std::string message;
};

class ServerKeyFile {
 public:
  /// Both read the key at `path`, or make one and store it there with mode 0600 if there is no such file. The
  /// folder must exist. What they returned is durable, and of two processes that start at once both get the
  /// same key. Errors: file_unreadable, file_unwritable, file_not_private, file_damaged.
  static Result<crypto::HybridPrivateKey, KeyFileFailure> load_or_create(const std::filesystem::path& path,
                                                                         crypto::RandomSource& random);
  static Result<crypto::VrfPrivateKey, KeyFileFailure> load_or_create_vrf(const std::filesystem::path& path,
                                                                          crypto::RandomSource& random);

 private:
  static Result<crypto::SecretBytes, KeyFileFailure> load(const std::filesystem::path& path);
  static Result<void, KeyFileFailure> create(const std::filesystem::path& path,
                                             const crypto::SecretBytes& octets);
};

}  // namespace sotto::accounts
