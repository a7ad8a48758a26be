#include "session/shared_body.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/cipher.h"
#include "crypto/hkdf.h"
#include "result/check.h"
#include "session/keys.h"
#include "session/labels.h"
#include "session/padding.h"
#include "session/secret_codec.h"
#include "sotto/v1/content.pb.h"
#include "wire/decode.h"

namespace sotto::session {
namespace {

constexpr std::size_t kTagSize = 32;

std::size_t padded(std::size_t length) { return padme(std::max<std::size_t>(length, 2)); }

/// k_0 of section 10, where it is the last chunk too.
SealingKeys body_keys(const SharedBodyRef& ref) {
  Encoder info;
  info.label(labels::kBodyKeys).raw(ref.file_id).u64(0).u8(1);
  auto [enc, iv, mac] =
      crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, MacKey>(ref.key, info.view());
  return {std::move(enc), std::move(iv), std::move(mac)};
}

ByteArray<kTagSize> tag_of(const SealingKeys& keys, ByteView ciphertext) {
  return to_array<kTagSize>(ByteView(crypto::hmac_sha384(keys.mac, {ciphertext})).first(kTagSize));
}

crypto::Sha384Digest hash_tag(ByteView tag) {
  Encoder out;
  out.label(labels::kBodyTags).u64(1).raw(tag);
  return crypto::sha384(out.view());
}

}  // namespace

SealedBody seal_body(ByteView content, crypto::RandomSource& random) {
  SOTTO_CHECK(content.size() <= kMaxSharedContent);
  SealedBody out{{.key = crypto::random_secret<SharedBodyKey>(random),
                  .file_id = random.array<32>(),
                  .length = static_cast<std::uint32_t>(content.size())},
                 to_bytes(content)};
  out.octets.resize(padded(content.size()));
  const SealingKeys keys = body_keys(out.ref);
  crypto::aes256_ctr(keys.enc, keys.iv, out.octets);
  const auto tag = tag_of(keys, out.octets);
  out.ref.tags_hash = hash_tag(tag);
  out.octets.insert(out.octets.end(), tag.begin(), tag.end());
  return out;
}

SessionResult<Bytes> open_body(const SharedBodyRef& ref, ByteView octets) {
  if (ref.length > kMaxSharedContent || octets.size() != padded(ref.length) + kTagSize) {
    return err(SessionError::malformed);
  }
  const ByteView ciphertext = octets.first(octets.size() - kTagSize);
  const ByteView tag = octets.last(kTagSize);
  const SealingKeys keys = body_keys(ref);
  // All recipients know the key: only the hash that the sender signed says that this is what they sent.
  if (hash_tag(tag) != ref.tags_hash || !crypto::constant_time_equal(tag_of(keys, ciphertext), tag)) {
    return err(SessionError::bad_mac);
  }
  Bytes out = to_bytes(ciphertext);
  crypto::aes256_ctr(keys.enc, keys.iv, out);
  const bool zeros = std::all_of(out.begin() + ref.length, out.end(), [](std::uint8_t o) { return o == 0; });
  if (!zeros) return err(SessionError::bad_padding);
  out.resize(ref.length);
  return out;
}

void to_wire(const SharedBodyRef& ref, v1::SharedBody& out) {
  out.set_key(wire::field(SecretCodec::view(ref.key)));
  out.set_file_id(wire::field(ref.file_id));
  out.set_length(ref.length);
  out.set_tags_hash(wire::field(ref.tags_hash));
}

SessionResult<SharedBodyRef> from_wire(const v1::SharedBody& body) {
  const bool sized = body.key().size() == SharedBodyKey::kSize && body.file_id().size() == 32 &&
                     body.tags_hash().size() == sizeof(crypto::Sha384Digest);
  if (!sized) return err(SessionError::bad_payload);
  return SharedBodyRef{SharedBodyKey::copy_of(wire::octets(body.key())),
                       to_array<32>(wire::octets(body.file_id())), body.length(),
                       to_array<sizeof(crypto::Sha384Digest)>(wire::octets(body.tags_hash()))};
}

}  // namespace sotto::session
