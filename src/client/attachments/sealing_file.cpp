#include "client/attachments/sealing_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "client/attachments/disk_file.h"
#include "result/check.h"

namespace sotto::client {

using attachments::kChunkOctets;
using attachments::kMaxFileOctets;
using attachments::Shape;

struct SealingFile::State {
  DiskFile disk;
  std::filesystem::path path;
  attachments::FileKeys keys;
  std::uint64_t size = 0;    ///< octets that came
  std::uint64_t chunks = 0;  ///< of them sealed and written
  Bytes chunk;               ///< what came behind them
  Bytes tags;
  bool finished = false;

  ~State() {
    if (!finished) ::unlink(path.c_str());
  }
  FileResult<void> seal_chunk(const Shape& shape);
};

/// Seals what is in `chunk` as the next one of a file of this shape.
FileResult<void> SealingFile::State::seal_chunk(const Shape& shape) {
  chunk.resize(shape.chunk_octets(chunks));
  const attachments::Tag tag = attachments::seal_chunk(keys, shape, chunks, chunk);
  tags.insert(tags.end(), tag.begin(), tag.end());
  SOTTO_CHECK_OK(disk.write(Shape::chunk_begin(chunks), chunk));
  chunk.clear();
  ++chunks;
  if (Shape::chunk_begin(chunks) % kSyncOctets == 0) return disk.sync();
  return {};
}

SealingFile::SealingFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealingFile::SealingFile(SealingFile&&) noexcept = default;
SealingFile::~SealingFile() = default;

FileResult<SealingFile> SealingFile::create(const std::filesystem::path& path,
                                            const attachments::FileKeys& keys,
                                            std::optional<std::uint64_t> size) {
  const auto shape = Shape::of(size.value_or(0));
  if (!shape) return err(FileError::too_large);
  DiskFile disk(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!disk.valid()) return err(DiskFile::failure());
  std::unique_ptr<State> state(new State{.disk = std::move(disk),
                                         .path = path,
                                         .keys = {.key = keys.key.clone(), .file_id = keys.file_id},
                                         .chunk = {},
                                         .tags = {}});
  if (size) {
    SOTTO_CHECK_OK(state->disk.reserve(shape->stored));
    state->tags.reserve(shape->tags_octets());
  }
  state->chunk.reserve(kChunkOctets);
  return SealingFile(std::move(state));
}

FileResult<void> SealingFile::append(ByteView octets) {
  State& file = *state_;
  if (octets.size() > kMaxFileOctets - file.size) return err(FileError::too_large);
  while (!octets.empty()) {
    if (file.chunk.size() == kChunkOctets) {
      // More follows, so it is not the last one; nothing else of the shape goes into a full chunk.
      const auto so_far = Shape::of(file.size + 1);
      SOTTO_CHECK(so_far);
      SOTTO_CHECK_OK(file.seal_chunk(*so_far));
    }
    const ByteView part = octets.first(std::min(octets.size(), kChunkOctets - file.chunk.size()));
    file.chunk.insert(file.chunk.end(), part.begin(), part.end());
    file.size += part.size();
    octets = octets.subspan(part.size());
  }
  return {};
}

FileResult<SealingFile::Sealed> SealingFile::finish() {
  State& file = *state_;
  SOTTO_CHECK(!file.finished);
  const auto shape = Shape::of(file.size);
  SOTTO_CHECK(shape);
  while (file.chunks < shape->chunks) SOTTO_CHECK_OK(file.seal_chunk(*shape));
  SOTTO_CHECK_OK(file.disk.write(shape->tags_begin(), file.tags));
  SOTTO_CHECK_OK(file.disk.truncate(shape->stored));
  SOTTO_CHECK_OK(file.disk.sync());
  sync_folder(file.path.parent_path());
  file.finished = true;
  return Sealed{*shape, attachments::hash_tags(file.tags)};
}

}  // namespace sotto::client
