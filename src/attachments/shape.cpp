#include "attachments/shape.h"

#include <algorithm>

#include "session/padding.h"

namespace sotto::attachments {

AttachmentResult<Shape> Shape::of(std::uint64_t file) {
  if (file > kMaxFileOctets) return err(AttachmentError::too_large);
  Shape out;
  out.file = file;
  out.padded = file < 2 ? file : session::padme(file);
  out.chunks = std::max<std::uint64_t>(1, (out.padded + kChunkOctets - 1) / kChunkOctets);
  out.stored = out.padded + out.chunks * kTagOctets;
  return out;
}

std::size_t Shape::chunk_octets(std::uint64_t index) const {
  return static_cast<std::size_t>(std::min<std::uint64_t>(kChunkOctets, padded - chunk_begin(index)));
}

std::size_t Shape::file_octets(std::uint64_t index) const {
  const std::uint64_t begin = chunk_begin(index);
  return begin >= file ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(kChunkOctets, file - begin));
}

}  // namespace sotto::attachments
