#include "client/store/key_file.h"

#include <cstdlib>

#include "bytes/encoder.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"

namespace sotto::client::store {
namespace {

constexpr std::string_view kMagic = "SOTTOKEY";
constexpr std::uint16_t kFormat = 1;
constexpr std::size_t kTagSize = 32;
constexpr std::size_t kDigestSize = 32;
constexpr std::size_t kHeaderSize = kMagic.size() + 2 + 3 * 4 + std::tuple_size_v<crypto::Argon2Salt>;
constexpr std::size_t kFileSize = kHeaderSize + DatabaseKey::kSize + kTagSize + kDigestSize;

using MacKey = crypto::SecretArray<48, struct KeyFileMacTag>;

struct FileKeys {
  crypto::CipherKey enc;
  crypto::CipherIv iv;
  MacKey mac;
};

FileKeys derive(const crypto::PassphraseKey& stretched, ByteView header) {
  Encoder label;
  label.label("key-file");
  const auto prk = crypto::hkdf_extract(label.view(), stretched);
  auto [enc, iv, mac] = crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, MacKey>(prk, header);
  return {std::move(enc), std::move(iv), std::move(mac)};
}

StoreError map_crypto(crypto::CryptoError error) {
  return error == crypto::CryptoError::out_of_memory ? StoreError::out_of_memory
                                                     : StoreError::library_failure;
}

bool within_limits(const crypto::Argon2Parameters& cost) {
  // More than the largest profile we write by far: a planted file must not take the machine down.
  return cost.memory_kib <= (1U << 20U) && cost.iterations <= 16 && cost.lanes <= 16;
}

}  // namespace

crypto::Argon2Parameters passphrase_cost() {
#ifdef SOTTO_RECORD_ERRORS
  if (std::getenv("SOTTO_CHEAP_PASSPHRASES") != nullptr) {
    return {.memory_kib = 64, .iterations = 1, .lanes = 1};
  }
#endif
  return kPassphraseCost;
}

StoreResult<Bytes> KeyFile::seal(const DatabaseKey& key, const crypto::SecretBytes& passphrase,
                                 const crypto::Argon2Parameters& cost, crypto::RandomSource& random) {
  const auto salt = random.array<16>();
  Encoder header(kFileSize);
  header.raw(as_bytes(kMagic))
      .u16(kFormat)
      .u32(cost.memory_kib)
      .u32(cost.iterations)
      .u32(cost.lanes)
      .raw(salt);
  const auto stretched = crypto::argon2id(passphrase, salt, cost);
  if (!stretched) return err(map_crypto(stretched.error()));
  const FileKeys keys = derive(*stretched, header.view());

  ByteArray<DatabaseKey::kSize> sealed{};
  crypto::aes256_ctr(keys.enc, keys.iv, SecretCodec::view(key), sealed);
  const auto tag = crypto::hmac_sha384(keys.mac, {header.view(), sealed});
  header.raw(sealed).raw(ByteView(tag).first(kTagSize));
  const auto digest = crypto::sha256(header.view());
  header.raw(digest);
  return std::move(header).take();
}

StoreResult<DatabaseKey> KeyFile::open(ByteView file, const crypto::SecretBytes& passphrase) {
  Decoder in(file);
  const ByteView magic = in.raw(kMagic.size());
  if (!equal(magic, as_bytes(kMagic))) return err(StoreError::key_file_corrupt);
  const std::uint16_t format = in.u16();
  if (in.failed()) return err(StoreError::key_file_corrupt);
  if (format > kFormat) return err(StoreError::key_file_newer);
  crypto::Argon2Parameters cost{};
  cost.memory_kib = in.u32();
  cost.iterations = in.u32();
  cost.lanes = in.u32();
  const crypto::Argon2Salt salt = in.array<16>();
  const ByteView sealed = in.raw(DatabaseKey::kSize);
  const ByteView tag = in.raw(kTagSize);
  const ByteView digest = in.raw(kDigestSize);
  if (!in.finished() || !equal(digest, crypto::sha256(file.first(kFileSize - kDigestSize)))) {
    return err(StoreError::key_file_corrupt);
  }
  if (!within_limits(cost)) return err(StoreError::key_file_refused);
  if (passphrase.size() == 0) return err(StoreError::wrong_passphrase);  // Argon2id here takes no empty input

  const ByteView header = file.first(kHeaderSize);
  const auto stretched = crypto::argon2id(passphrase, salt, cost);
  if (!stretched) return err(map_crypto(stretched.error()));
  const FileKeys keys = derive(*stretched, header);
  const auto expected = crypto::hmac_sha384(keys.mac, {header, sealed});
  if (!crypto::constant_time_equal(ByteView(expected).first(kTagSize), tag)) {
    return err(StoreError::wrong_passphrase);
  }
  ByteArray<DatabaseKey::kSize> plain{};
  crypto::aes256_ctr(keys.enc, keys.iv, sealed, plain);
  auto key = DatabaseKey::copy_of(plain);
  crypto::wipe(plain.data(), plain.size());
  return key;
}

}  // namespace sotto::client::store
