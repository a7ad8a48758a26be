// The server's identity key on disk: made once, at the first run, and never replaced, because clients pin it.
#pragma once

#include <filesystem>
#include <string>

#include "accounts/error.h"
#include "crypto/hybrid_signature.h"
#include "crypto/random.h"

namespace sotto::accounts {

/// For the operator: names the path and what is wrong with it.
struct KeyFileFailure {
  AccountsError error;
  std::string message;
};

class ServerKeyFile {
 public:
  /// Reads the key at `path`, or makes one and stores it there with mode 0600 if there is no such file. The
  /// folder must exist. What this function returned is durable, and of two processes that start at once both
  /// return the same key. Errors: file_unreadable, file_unwritable, file_not_private, file_damaged.
  static Result<crypto::HybridPrivateKey, KeyFileFailure> load_or_create(const std::filesystem::path& path,
                                                                         crypto::RandomSource& random);

 private:
  static Result<crypto::HybridPrivateKey, KeyFileFailure> load(const std::filesystem::path& path);
  static Result<void, KeyFileFailure> create(const std::filesystem::path& path, crypto::RandomSource& random);
};

}  // namespace sotto::accounts
