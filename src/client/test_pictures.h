// A picture that came, for tests of what becomes of it. Test code only.
#pragma once

#include "client/attachments/transfers.h"
#include "crypto/random.h"

namespace sotto::client::testing {

/// A picture of 1,000 octets that came with `message`. All of it is here as far as the store knows; it is in
/// no folder.
inline FileKey picture_that_came(Work& work, std::int64_t message, crypto::RandomSource& random) {
  const FileKey key{message, 0};
  const attachments::Descriptor file{.capability = random.array<32>(),
                                     .keys = attachments::FileKeys::generate(random),
                                     .shape = attachments::Shape::of(1000).value(),
                                     .tags_hash = random.array<48>(),
                                     .mime = "image/png",
                                     .name = "a.png",
                                     .thumbnail = {}};
  insert_incoming_file(work.db, key, file, v1::AttachedFile::DOWNLOADING);
  file_moved(work, key, file.shape.stored);
  return key;
}

}  // namespace sotto::client::testing
