// Files that survive a crash: replaced as a whole, or grown by whole appends.
#pragma once

#include <filesystem>
#include <optional>

#include "bytes/bytes.h"
#include "outcome.h"

namespace sotto::audit_cli {

/// A file descriptor that closes itself.
class FileHandle {
 public:
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  ~FileHandle();
  FileHandle(FileHandle&& other) noexcept;
  FileHandle& operator=(FileHandle&&) = delete;

  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

/// The whole file; none if there is no such file. More than `max_octets` is a failure.
Outcome<std::optional<Bytes>> read_file(const std::filesystem::path& path, std::size_t max_octets);
/// Replaces the file at once and for good: durable when this returns. Mode 0600.
Outcome<void> replace_file(const std::filesystem::path& path, ByteView octets);
bool write_all(int descriptor, ByteView octets);
/// "cannot VERB PATH: what errno says; ..."
Failure file_failure(const char* verb, const std::filesystem::path& path);

}  // namespace sotto::audit_cli
