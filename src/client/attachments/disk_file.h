// An open file of this machine's disk, and what its failures mean. Internal to the folder's files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

#include "bytes/bytes.h"
#include "client/attachments/file_error.h"

namespace sotto::client {

/// Closes itself.
class DiskFile {
 public:
  DiskFile(const std::filesystem::path& path, int flags);
  DiskFile(DiskFile&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  DiskFile& operator=(DiskFile&&) = delete;
  ~DiskFile();

  [[nodiscard]] bool valid() const { return number_ >= 0; }
  /// What errno says of the last call that failed to make or to write something: disk_full or unwritable.
  static FileError failure();
  /// Errors: unwritable, disk_full.
  [[nodiscard]] FileResult<void> write(std::uint64_t offset, ByteView octets) const;
  /// Takes room for so many octets, where the file system can do that. Errors: disk_full.
  [[nodiscard]] FileResult<void> reserve(std::uint64_t octets) const;
  /// Gives back what was taken beyond so many octets. Errors: unwritable.
  [[nodiscard]] FileResult<void> truncate(std::uint64_t octets) const;
  /// What was written is durable. Errors: unwritable, disk_full.
  [[nodiscard]] FileResult<void> sync() const;
  /// Exactly as many octets, or fewer at the end. Errors: unreadable.
  [[nodiscard]] FileResult<std::size_t> read(std::uint64_t offset, MutableByteView out) const;

 private:
  int number_;
};

/// DiskFile::read of a descriptor.
FileResult<std::size_t> read_at(int descriptor, std::uint64_t offset, MutableByteView out);
/// A name in a folder is durable once the folder is.
void sync_folder(const std::filesystem::path& folder);

}  // namespace sotto::client
