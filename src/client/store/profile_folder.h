// A profile on disk: a folder (0700) with the sealed key (`key`), the database (`store.db`) and the
// connection lock (`lock`), all 0600. Not concerned with what is in the database.
#pragma once

#include <filesystem>
#include <memory>

#include "client/store/database.h"
#include "client/store/key_file.h"

namespace sotto::client::store {

class ProfileFolder {
 public:
  explicit ProfileFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// True when create() has once succeeded, even if the key file was lost since: there is something to keep.
  [[nodiscard]] bool exists() const;
  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

  /// Makes the folder, a random database key and an empty database of the newest schema. The key file appears
  /// last, so that a crash leaves either no profile or a whole one. Errors: profile_exists, not_permitted,
  /// disk_full, io_failed, out_of_memory.
  [[nodiscard]] StoreResult<std::unique_ptr<Database>> create(const crypto::SecretBytes& passphrase,
                                                              const crypto::Argon2Parameters& cost,
                                                              crypto::RandomSource& random) const;
  /// Errors: no_profile, key_file_missing, those of KeyFile::open, Database::open and migrate.
  [[nodiscard]] StoreResult<std::unique_ptr<Database>> open(const crypto::SecretBytes& passphrase) const;

  /// Erases the profile for good: first the key is overwritten, without which the rest is noise, then
  /// everything goes. Whoever has the database open must have let go of it. What else lies in the folder
  /// stays. On a disk that writes elsewhere than it was told (flash, copy on write) old octets of the key may
  /// stay for a while: the passphrase still guards them. Errors: no_profile, locked (another process is
  /// connected), not_permitted, disk_full, io_failed.
  [[nodiscard]] StoreResult<void> erase() const;

 private:
  [[nodiscard]] bool lost_its_key() const;

  std::filesystem::path folder_;
};

/// Held by the one process that keeps a profile connected; the kernel releases it when the process dies.
class ConnectionLock {
 public:
  /// Errors: locked (another process has it), not_permitted, io_failed.
  static StoreResult<ConnectionLock> acquire(const ProfileFolder& folder);
  ConnectionLock(ConnectionLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ConnectionLock& operator=(ConnectionLock&&) = delete;
  ~ConnectionLock();

 private:
  explicit ConnectionLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace sotto::client::store
