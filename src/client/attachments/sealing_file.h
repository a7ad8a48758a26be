// A file of the folder while it is made: its octets are encrypted as they come, in any pieces, and nothing
// else of them ever is on the disk. Not concerned with where they come from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "attachments/seal.h"
#include "bytes/bytes.h"
#include "client/attachments/file_error.h"

namespace sotto::client {

/// Written octets are made durable that often, so that what a large file waits for at its end is no more than
/// that, and a disk that fails says so in between.
inline constexpr std::uint64_t kSyncOctets = std::uint64_t{64} << 20;

/// In memory are one chunk and the tags: 4 MiB of the largest file. Blocking; any thread, one at a time.
class SealingFile {
 public:
  struct Sealed {
    attachments::Shape shape;
    attachments::TagsHash tags_hash{};
  };

  SealingFile(SealingFile&&) noexcept;
  SealingFile& operator=(SealingFile&&) = delete;
  /// Erases the file unless it was finished.
  ~SealingFile();

  /// The next octets, any number of them. Errors: too_large, unwritable, disk_full.
  FileResult<void> append(ByteView octets);
  /// There are no more; the file is durable then. At most once. Errors: unwritable, disk_full.
  FileResult<Sealed> finish();

 private:
  friend class AttachmentFolder;
  struct State;
  explicit SealingFile(std::unique_ptr<State> state);
  /// As AttachmentFolder::begin.
  static FileResult<SealingFile> create(const std::filesystem::path& path, const attachments::FileKeys& keys,
                                        std::optional<std::uint64_t> size);

  std::unique_ptr<State> state_;
};

}  // namespace sotto::client
