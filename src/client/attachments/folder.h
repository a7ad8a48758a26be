// The folder beside the store in which files lie, encrypted as they are stored at the server: own ones from
// before they are sent, others' as far as they have come. Their keys are in the store. Blocking; sizes of
// what is in memory are bounded by a chunk, and by a file's tags. Not concerned with which files there should
// be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "attachments/seal.h"
#include "bytes/bytes.h"
#include "client/attachments/file_error.h"
#include "client/attachments/sealing_file.h"
#include "clock/clock.h"

namespace sotto::client {

/// What moving octets needs of wherever they lie: the folder, or the disk of a simulated machine.
class StoredOctets {
 public:
  virtual ~StoredOctets() = default;
  /// Octets of a stored file; exactly as many. Errors: unreadable, damaged (it is shorter).
  [[nodiscard]] virtual FileResult<Bytes> read(const attachments::FileId& file, std::uint64_t offset,
                                               std::size_t length) const = 0;
  /// Puts octets there; durable then. Errors: unwritable, disk_full.
  [[nodiscard]] virtual FileResult<void> write(const attachments::FileId& file, std::uint64_t offset,
                                               ByteView octets) = 0;
};

/// A file of the folder while it is read.
class StoredFile {
 public:
  StoredFile(StoredFile&& other) noexcept;
  StoredFile& operator=(StoredFile&&) = delete;
  ~StoredFile();

  /// The next octets, decrypted and checked; empty at the end. Errors: unreadable, damaged.
  FileResult<Bytes> next();

 private:
  friend class AttachmentFolder;
  StoredFile(int descriptor, attachments::FileKeys keys, const attachments::Shape& shape,
             attachments::TagList tags);

  int descriptor_;
  attachments::FileKeys keys_;
  attachments::Shape shape_;
  attachments::TagList tags_;
  std::uint64_t chunk_ = 0;
};

class AttachmentFolder final : public StoredOctets {
 public:
  explicit AttachmentFolder(const std::filesystem::path& profile) : folder_(profile / "attachments") {}

  using Sealed = SealingFile::Sealed;
  /// Gives exactly the next octets of the file; fewer at its end.
  using Source = std::function<FileResult<std::size_t>(MutableByteView)>;

  /// Begins a file whose octets come piece by piece. With their number, where it is known, room is taken for
  /// all of them at once. Errors: too_large, unwritable, disk_full.
  [[nodiscard]] FileResult<SealingFile> begin(const attachments::FileKeys& keys,
                                              std::optional<std::uint64_t> size) const;
  /// Encrypts `size` octets into a file that is durable then; nothing is left of it on an error. Errors:
  /// too_large, changed, those of the source, unwritable, disk_full.
  [[nodiscard]] FileResult<Sealed> seal(const attachments::FileKeys& keys, std::uint64_t size,
                                        const Source& source) const;
  [[nodiscard]] FileResult<Bytes> read(const attachments::FileId& file, std::uint64_t offset,
                                       std::size_t length) const override;
  [[nodiscard]] FileResult<void> write(const attachments::FileId& file, std::uint64_t offset,
                                       ByteView octets) override;
  /// A stored file's octets, from the first on. Errors: unreadable, damaged.
  [[nodiscard]] FileResult<StoredFile> open_stored(const attachments::FileKeys& keys,
                                                   const attachments::Shape& shape,
                                                   const attachments::TagsHash& tags_hash) const;
  /// Nobody needs it.
  void erase(const attachments::FileId& file) const;
  /// Decrypts into a new file, which appears whole or not at all. Errors: unreadable, damaged, exists,
  /// unwritable, disk_full.
  [[nodiscard]] FileResult<void> open(const attachments::FileKeys& keys, const attachments::Shape& shape,
                                      const attachments::TagsHash& tags_hash,
                                      const std::filesystem::path& target) const;
  /// Decrypts at most `length` octets from its beginning, all of which are what was sealed. Errors:
  /// unreadable, damaged.
  [[nodiscard]] FileResult<Bytes> open_beginning(const attachments::FileKeys& keys,
                                                 const attachments::Shape& shape,
                                                 const attachments::TagsHash& tags_hash,
                                                 std::size_t length) const;
  /// Erases files that `needed` does not know and that have not changed for a day: somebody may be making
  /// one.
  void sweep(const std::function<bool(const attachments::FileId&)>& needed) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(const attachments::FileId& file) const;

  std::filesystem::path folder_;
};

/// Octets in memory as a source; they must outlive it.
AttachmentFolder::Source source_of(ByteView octets);

/// A file on disk as a source of octets.
class SourceFile {
 public:
  /// Errors: unreadable, too_large.
  static FileResult<SourceFile> open(const std::filesystem::path& path);
  SourceFile(SourceFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
  SourceFile& operator=(SourceFile&&) = delete;
  ~SourceFile();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Errors: unreadable.
  FileResult<std::size_t> read(MutableByteView out);
  /// To the first octet again. Errors: unreadable.
  FileResult<void> rewind();
  /// All of it, from the first octet. Errors: unreadable, changed.
  FileResult<Bytes> read_all();

 private:
  SourceFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace sotto::client
