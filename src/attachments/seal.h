// Encrypts and decrypts attachments chunk by chunk (docs/specs/session-protocol.md 10), in place and in any
// order. Not its concern: where octets come from and go to.
#pragma once

#include "attachments/shape.h"
#include "attachments/tags.h"
#include "crypto/cipher.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace sotto::attachments {

/// AK. One key encrypts one file once: its chunks' keystreams are used up.
using AttachmentKey = crypto::SecretArray<48, struct AttachmentKeyTag>;
using FileId = ByteArray<32>;

struct FileKeys {
  AttachmentKey key;
  FileId file_id{};

  static FileKeys generate(crypto::RandomSource& random);
};

/// Encrypts one chunk, padding included, and gives its tag. Never twice for one index under one key.
/// Precondition: index < shape.chunks, chunk.size() == shape.chunk_octets(index).
Tag seal_chunk(const FileKeys& keys, const Shape& shape, std::uint64_t index, MutableByteView chunk);

/// Decrypts one chunk after comparing its tag with the list's; on an error the octets are as they were. What
/// remains of the chunk after shape.file_octets(index) is padding and was checked. A chunk of a wrong length
/// is a wrong chunk. Precondition: index < shape.chunks. Fails with wrong_chunk, wrong_padding.
AttachmentResult<void> open_chunk(const FileKeys& keys, const Shape& shape, const TagList& tags,
                                  std::uint64_t index, MutableByteView chunk);

}  // namespace sotto::attachments
