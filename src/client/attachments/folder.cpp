#include "client/attachments/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "bytes/hex.h"
#include "client/attachments/disk_file.h"

namespace sotto::client {
namespace {

using attachments::FileId;
using attachments::kChunkOctets;
using attachments::Shape;

constexpr std::chrono::hours kInTheMaking{24};

/// Writes what is left of a stored file.
FileResult<void> write_out(StoredFile& in, const DiskFile& out) {
  for (std::uint64_t at = 0;;) {
    SOTTO_TRY(const Bytes part, in.next());
    if (part.empty()) return out.sync();
    SOTTO_CHECK_OK(out.write(at, part));
    at += part.size();
  }
}

}  // namespace

std::filesystem::path AttachmentFolder::path_of(const FileId& file) const { return folder_ / to_hex(file); }

FileResult<SealingFile> AttachmentFolder::begin(const attachments::FileKeys& keys,
                                                std::optional<std::uint64_t> size) const {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return err(DiskFile::failure());
  return SealingFile::create(path_of(keys.file_id), keys, size);
}

FileResult<AttachmentFolder::Sealed> AttachmentFolder::seal(const attachments::FileKeys& keys,
                                                            std::uint64_t size, const Source& source) const {
  SOTTO_TRY(SealingFile out, begin(keys, size));
  Bytes part(kChunkOctets);
  for (std::uint64_t done = 0; done < size;) {
    const auto wanted = MutableByteView(part).first(std::min<std::uint64_t>(part.size(), size - done));
    SOTTO_TRY(const std::size_t got, source(wanted));
    if (got == 0) return err(FileError::changed);
    SOTTO_CHECK_OK(out.append(wanted.first(got)));
    done += got;
  }
  ByteArray<1> more{};
  SOTTO_TRY(const std::size_t left, source(more));
  if (left != 0) return err(FileError::changed);
  return out.finish();
}

FileResult<Bytes> AttachmentFolder::read(const FileId& file, std::uint64_t offset, std::size_t length) const {
  const DiskFile in(path_of(file), O_RDONLY);
  if (!in.valid()) return err(FileError::unreadable);
  Bytes out(length);
  SOTTO_TRY(const std::size_t got, in.read(offset, out));
  if (got != length) return err(FileError::damaged);
  return out;
}

FileResult<void> AttachmentFolder::write(const FileId& file, std::uint64_t offset, ByteView octets) {
  ::mkdir(folder_.c_str(), 0700);
  const bool is_new = ::access(path_of(file).c_str(), F_OK) != 0;
  const DiskFile out(path_of(file), O_WRONLY | O_CREAT);
  if (!out.valid()) return err(FileError::unwritable);
  SOTTO_CHECK_OK(out.write(offset, octets));
  SOTTO_CHECK_OK(out.sync());
  if (is_new) sync_folder(folder_);
  return {};
}

StoredFile::StoredFile(int descriptor, attachments::FileKeys keys, const Shape& shape,
                       attachments::TagList tags)
    : descriptor_(descriptor), keys_(std::move(keys)), shape_(shape), tags_(std::move(tags)) {}

StoredFile::StoredFile(StoredFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      keys_(std::move(other.keys_)),
      shape_(other.shape_),
      tags_(std::move(other.tags_)),
      chunk_(other.chunk_) {}

StoredFile::~StoredFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileResult<Bytes> StoredFile::next() {
  if (chunk_ >= shape_.chunks || shape_.file_octets(chunk_) == 0) return Bytes();
  Bytes chunk(shape_.chunk_octets(chunk_));
  SOTTO_TRY(const std::size_t got, read_at(descriptor_, Shape::chunk_begin(chunk_), chunk));
  chunk.resize(got);
  if (!attachments::open_chunk(keys_, shape_, tags_, chunk_, chunk)) return err(FileError::damaged);
  chunk.resize(shape_.file_octets(chunk_++));
  return chunk;
}

FileResult<StoredFile> AttachmentFolder::open_stored(const attachments::FileKeys& keys, const Shape& shape,
                                                     const attachments::TagsHash& tags_hash) const {
  const int descriptor = ::open(path_of(keys.file_id).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return err(FileError::unreadable);
  Bytes tags(shape.tags_octets());
  const auto got = read_at(descriptor, shape.tags_begin(), tags);
  tags.resize(got.value_or(0));
  auto list = attachments::TagList::open(std::move(tags), shape, tags_hash);
  if (!list) {
    ::close(descriptor);
    return err(FileError::damaged);
  }
  return StoredFile(descriptor, {.key = keys.key.clone(), .file_id = keys.file_id}, shape, *std::move(list));
}

void AttachmentFolder::erase(const FileId& file) const { ::unlink(path_of(file).c_str()); }

FileResult<void> AttachmentFolder::open(const attachments::FileKeys& keys, const Shape& shape,
                                        const attachments::TagsHash& tags_hash,
                                        const std::filesystem::path& target) const {
  SOTTO_TRY(StoredFile in, open_stored(keys, shape, tags_hash));
  std::filesystem::path part = target;
  part += ".part";
  const auto decrypted = [&]() -> FileResult<void> {
    const DiskFile out(part, O_WRONLY | O_CREAT | O_TRUNC);
    if (!out.valid()) return err(FileError::unwritable);
    return write_out(in, out);
  }();
  // A link, unlike a new name, does not replace what is there.
  FileResult<void> done = decrypted;
  if (done && ::link(part.c_str(), target.c_str()) != 0) {
    done = err(errno == EEXIST ? FileError::exists : FileError::unwritable);
  }
  ::unlink(part.c_str());
  return done;
}

FileResult<Bytes> AttachmentFolder::open_beginning(const attachments::FileKeys& keys, const Shape& shape,
                                                   const attachments::TagsHash& tags_hash,
                                                   std::size_t length) const {
  SOTTO_TRY(StoredFile in, open_stored(keys, shape, tags_hash));
  Bytes out;
  out.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(length, shape.file)));
  while (out.size() < length) {
    SOTTO_TRY(const Bytes part, in.next());
    if (part.empty()) break;
    const auto taken = ByteView(part).first(std::min(part.size(), length - out.size()));
    out.insert(out.end(), taken.begin(), taken.end());
  }
  return out;
}

void AttachmentFolder::sweep(const std::function<bool(const FileId&)>& needed) const {
  std::error_code failure;
  const auto now = std::filesystem::file_time_type::clock::now();
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) {
    const auto name = from_hex(entry.path().filename().string());
    if (!name || name->size() != std::tuple_size_v<FileId> || needed(to_array<32>(*name))) continue;
    std::error_code ignored;
    if (now - entry.last_write_time(ignored) > kInTheMaking) std::filesystem::remove(entry.path(), ignored);
  }
}

AttachmentFolder::Source source_of(ByteView octets) {
  return [rest = octets](MutableByteView wanted) mutable -> FileResult<std::size_t> {
    const ByteView part = rest.first(std::min(rest.size(), wanted.size()));
    std::ranges::copy(part, wanted.begin());
    rest = rest.subspan(part.size());
    return part.size();
  };
}

FileResult<SourceFile> SourceFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return err(FileError::unreadable);
  SourceFile file(descriptor, 0);
  struct stat about{};
  if (::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) return err(FileError::unreadable);
  file.size_ = static_cast<std::uint64_t>(about.st_size);
  if (file.size_ > attachments::kMaxFileOctets) return err(FileError::too_large);
  return file;
}

SourceFile::~SourceFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileResult<std::size_t> SourceFile::read(MutableByteView out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = ::read(descriptor_, out.data() + done, out.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return err(FileError::unreadable);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

FileResult<void> SourceFile::rewind() {
  if (::lseek(descriptor_, 0, SEEK_SET) != 0) return err(FileError::unreadable);
  return {};
}

FileResult<Bytes> SourceFile::read_all() {
  SOTTO_CHECK_OK(rewind());
  Bytes out(size_);
  SOTTO_TRY(const std::size_t got, read(out));
  if (got != out.size()) return err(FileError::changed);
  return out;
}

}  // namespace sotto::client
