// Keeps a second process out of a database directory. Internal to the module.
#pragma once

#include <filesystem>
#include <string_view>

#include "storage/error.h"

namespace sotto::storage {

/// The failure with its message for the operator: path, what happened, what to do next.
OpenFailure open_failure(StorageError error, const std::filesystem::path& directory, std::string_view detail);
/// The same for an errno value: no_space or io_error.
OpenFailure errno_failure(const std::filesystem::path& directory, int number);

/// Held by this process while the object lives.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  /// Fails with locked, no_space or io_error.
  Result<void, OpenFailure> acquire(const std::filesystem::path& directory);

 private:
  int descriptor_ = -1;
};

}  // namespace sotto::storage
