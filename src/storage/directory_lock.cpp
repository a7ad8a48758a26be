#include "storage/directory_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sotto::storage {
namespace {

std::string_view next_step(StorageError error) {
  switch (error) {
    case StorageError::locked: return "stop the other process, or configure another directory";
    case StorageError::no_space: return "free some space on this file system and start again";
    case StorageError::corrupt: return "keep a copy of the directory, then restore it from a backup";
    case StorageError::unknown_format: return "use the version that wrote it, or configure another directory";
    default: return "check the disk and the permissions of the directory";
  }
}

}  // namespace

OpenFailure open_failure(StorageError error, const std::filesystem::path& directory,
                         std::string_view detail) {
  return {error,
          fmt::format("{}: {} ({}); {}", directory.string(), describe(error), detail, next_step(error))};
}

OpenFailure errno_failure(const std::filesystem::path& directory, int number) {
  const StorageError error = number == ENOSPC ? StorageError::no_space : StorageError::io_error;
  return open_failure(error, directory, std::generic_category().message(number));
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void, OpenFailure> DirectoryLock::acquire(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "sotto.lock";
  descriptor_ = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return err(errno_failure(directory, errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK) return err(open_failure(StorageError::locked, directory, "sotto.lock is held"));
  return err(errno_failure(directory, errno));
}

}  // namespace sotto::storage
