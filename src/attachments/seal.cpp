#include "attachments/seal.h"

#include <algorithm>

#include "attachments/labels.h"
#include "bytes/encoder.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "result/check.h"

namespace sotto::attachments {
namespace {

using MacKey = crypto::SecretArray<48, struct AttachmentMacKeyTag>;

struct ChunkKeys {
  crypto::CipherKey enc;
  crypto::CipherIv iv;
  MacKey mac;
};

ChunkKeys chunk_keys(const FileKeys& keys, const Shape& shape, std::uint64_t index) {
  Encoder info;
  info.label(labels::kChunk).raw(keys.file_id).u64(index).u8(shape.is_last(index) ? 1 : 0);
  auto [enc, iv, mac] =
      crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, MacKey>(keys.key, info.view());
  return {std::move(enc), std::move(iv), std::move(mac)};
}

Tag tag_of(const MacKey& key, ByteView ciphertext) {
  return to_array<kTagOctets>(ByteView(crypto::hmac_sha384(key, {ciphertext})).first(kTagOctets));
}

}  // namespace

FileKeys FileKeys::generate(crypto::RandomSource& random) {
  return {crypto::random_secret<AttachmentKey>(random), random.array<32>()};
}

Tag seal_chunk(const FileKeys& keys, const Shape& shape, std::uint64_t index, MutableByteView chunk) {
  SOTTO_CHECK(index < shape.chunks && chunk.size() == shape.chunk_octets(index));
  const ChunkKeys of_chunk = chunk_keys(keys, shape, index);
  crypto::aes256_ctr(of_chunk.enc, of_chunk.iv, chunk);
  return tag_of(of_chunk.mac, chunk);
}

AttachmentResult<void> open_chunk(const FileKeys& keys, const Shape& shape, const TagList& tags,
                                  std::uint64_t index, MutableByteView chunk) {
  SOTTO_CHECK(index < shape.chunks);
  if (chunk.size() != shape.chunk_octets(index)) return err(AttachmentError::wrong_chunk);
  const ChunkKeys of_chunk = chunk_keys(keys, shape, index);
  if (!crypto::constant_time_equal(tag_of(of_chunk.mac, chunk), tags.tag(index))) {
    return err(AttachmentError::wrong_chunk);
  }
  crypto::aes256_ctr(of_chunk.enc, of_chunk.iv, chunk);
  const auto padding = chunk.subspan(shape.file_octets(index));
  if (!std::ranges::all_of(padding, [](std::uint8_t octet) { return octet == 0; })) {
    crypto::aes256_ctr(of_chunk.enc, of_chunk.iv, chunk);
    return err(AttachmentError::wrong_padding);
  }
  return {};
}

}  // namespace sotto::attachments
