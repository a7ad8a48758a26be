#include "device_files.h"

#include <algorithm>
#include <utility>

namespace sotto::simulation {

using attachments::Shape;
using client::FileError;
using client::FileResult;

FileResult<Bytes> DeviceFiles::read(const attachments::FileId& file, std::uint64_t offset,
                                    std::size_t length) const {
  const auto found = contents_.find(file);
  if (found == contents_.end()) return err(FileError::unreadable);
  if (offset + length > found->second.size()) return err(FileError::damaged);
  return to_bytes(ByteView(found->second).subspan(static_cast<std::size_t>(offset), length));
}

FileResult<void> DeviceFiles::write(const attachments::FileId& file, std::uint64_t offset, ByteView octets) {
  if (fault_ == DiskFault::full) return err(FileError::disk_full);
  if (fault_ == DiskFault::read_only) return err(FileError::unwritable);
  ++writes_;
  Bytes& content = contents_[file];
  last_ = Write{.file = file, .before = content, .offset = offset, .length = octets.size()};
  if (content.size() < offset + octets.size())
    content.resize(static_cast<std::size_t>(offset + octets.size()));
  std::ranges::copy(octets, content.begin() + static_cast<std::ptrdiff_t>(offset));
  return {};
}

void DeviceFiles::tear_last_write(std::size_t kept) {
  if (!last_) return;
  const Write torn = *std::exchange(last_, std::nullopt);
  Bytes& content = contents_[torn.file];
  const auto begin = static_cast<std::size_t>(torn.offset) + std::min(kept, torn.length);
  const std::size_t end = static_cast<std::size_t>(torn.offset) + torn.length;
  for (std::size_t i = begin; i < end; ++i) content[i] = i < torn.before.size() ? torn.before[i] : 0;
  if (end == content.size()) content.resize(std::max(begin, torn.before.size()));
}

void DeviceFiles::restore(Contents contents) {
  contents_ = std::move(contents);
  last_.reset();
}

FileResult<client::AttachmentFolder::Sealed> DeviceFiles::seal(const attachments::FileKeys& keys,
                                                               ByteView octets) {
  const auto shape = Shape::of(octets.size());
  if (!shape) return err(FileError::too_large);
  Bytes stored(static_cast<std::size_t>(shape->stored));
  std::ranges::copy(octets, stored.begin());
  Bytes tags;
  for (std::uint64_t i = 0; i < shape->chunks; ++i) {
    const auto chunk = MutableByteView(stored).subspan(static_cast<std::size_t>(Shape::chunk_begin(i)),
                                                       shape->chunk_octets(i));
    const auto tag = attachments::seal_chunk(keys, *shape, i, chunk);
    tags.insert(tags.end(), tag.begin(), tag.end());
  }
  std::ranges::copy(tags, stored.begin() + static_cast<std::ptrdiff_t>(shape->tags_begin()));
  SOTTO_CHECK_OK(write(keys.file_id, 0, stored));
  return client::AttachmentFolder::Sealed{*shape, attachments::hash_tags(tags)};
}

FileResult<Bytes> DeviceFiles::open(const attachments::FileKeys& keys, const Shape& shape,
                                    const attachments::TagsHash& tags_hash) const {
  SOTTO_TRY(Bytes tags, read(keys.file_id, shape.tags_begin(), shape.tags_octets()));
  const auto list = attachments::TagList::open(std::move(tags), shape, tags_hash);
  if (!list) return err(FileError::damaged);
  Bytes out;
  for (std::uint64_t i = 0; i < shape.chunks; ++i) {
    SOTTO_TRY(Bytes chunk, read(keys.file_id, Shape::chunk_begin(i), shape.chunk_octets(i)));
    if (!attachments::open_chunk(keys, shape, *list, i, chunk)) return err(FileError::damaged);
    out.insert(out.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(shape.file_octets(i)));
  }
  return out;
}

}  // namespace sotto::simulation
