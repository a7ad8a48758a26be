// How many octets an attachment has in each form (docs/specs/session-protocol.md 10): the file, padded to one
// of few sizes, in chunks, and stored: all chunks' ciphertexts, then all chunks' tags.
#pragma once

#include <cstddef>
#include <cstdint>

#include "attachments/error.h"

namespace sotto::attachments {

inline constexpr std::size_t kChunkOctets = 65'536;
inline constexpr std::size_t kTagOctets = 32;
/// Two hours of film. Its tags have 4 MiB, which a reader holds in memory.
inline constexpr std::uint64_t kMaxFileOctets = std::uint64_t{8} << 30;

struct Shape {
  std::uint64_t file = 0;    ///< octets of the file
  std::uint64_t padded = 0;  ///< with zeros after it
  std::uint64_t chunks = 0;  ///< at least one
  std::uint64_t stored = 0;  ///< octets of ciphertexts and tags together

  /// Fails with too_large.
  static AttachmentResult<Shape> of(std::uint64_t file);

  /// Octets of a chunk's plaintext and ciphertext. Precondition: index < chunks.
  [[nodiscard]] std::size_t chunk_octets(std::uint64_t index) const;
  /// Where a chunk begins, in the padded file and in what is stored.
  [[nodiscard]] static std::uint64_t chunk_begin(std::uint64_t index) { return index * kChunkOctets; }
  /// How many octets of the file are in a chunk; the rest is padding.
  [[nodiscard]] std::size_t file_octets(std::uint64_t index) const;
  /// Where the tags begin in what is stored.
  [[nodiscard]] std::uint64_t tags_begin() const { return padded; }
  [[nodiscard]] std::size_t tags_octets() const { return static_cast<std::size_t>(chunks) * kTagOctets; }
  [[nodiscard]] bool is_last(std::uint64_t index) const { return index + 1 == chunks; }

  friend bool operator==(const Shape&, const Shape&) = default;
};

}  // namespace sotto::attachments
