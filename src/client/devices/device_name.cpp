#include "client/devices/device_name.h"

#include "bytes/encoder.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "identity/limits.h"

namespace sotto::client {
namespace {

constexpr std::size_t kNonceSize = 16;
constexpr std::size_t kPlainSize = 1 + identity::kMaxDeviceName;
constexpr std::size_t kTagSize = 16;

using MacKey = crypto::SecretArray<48, struct DeviceNameMacTag>;

struct NameKeys {
  crypto::CipherKey enc;
  crypto::CipherIv iv;
  MacKey mac;
};

NameKeys derive(const identity::SyncKey& key, ByteView nonce) {
  Encoder label;
  label.label("device-name");
  Encoder salt;
  salt.raw(label.view()).raw(nonce);
  const auto prk = crypto::hkdf_extract(salt.view(), key);
  auto [enc, iv, mac] = crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, MacKey>(prk, label.view());
  return {std::move(enc), std::move(iv), std::move(mac)};
}

}  // namespace

Bytes seal_device_name(std::string_view name, const identity::SyncKey& key, crypto::RandomSource& random) {
  SOTTO_CHECK(name.size() <= identity::kMaxDeviceName);
  const auto nonce = random.array<kNonceSize>();
  const NameKeys keys = derive(key, nonce);
  ByteArray<kPlainSize> text{};
  text[0] = static_cast<std::uint8_t>(name.size());
  std::copy(name.begin(), name.end(), text.begin() + 1);
  crypto::aes256_ctr(keys.enc, keys.iv, text);
  const auto tag = crypto::hmac_sha384(keys.mac, {nonce, text});
  Encoder out;
  out.raw(nonce).raw(text).raw(ByteView(tag).first(kTagSize));
  return std::move(out).take();
}

std::optional<std::string> open_device_name(ByteView sealed, const identity::SyncKey& key) {
  if (sealed.size() != kNonceSize + kPlainSize + kTagSize) return std::nullopt;
  const ByteView nonce = sealed.first(kNonceSize);
  auto text = to_array<kPlainSize>(sealed.subspan(kNonceSize, kPlainSize));
  const NameKeys keys = derive(key, nonce);
  const auto tag = crypto::hmac_sha384(keys.mac, {nonce, text});
  if (!crypto::constant_time_equal(ByteView(tag).first(kTagSize), sealed.last(kTagSize))) return std::nullopt;
  crypto::aes256_ctr(keys.enc, keys.iv, text);
  if (text[0] > identity::kMaxDeviceName) return std::nullopt;
  return std::string(as_chars(ByteView(text).subspan(1, text[0])));
}

}  // namespace sotto::client
