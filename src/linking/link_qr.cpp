#include "linking/link_qr.h"

#include "bytes/base32.h"
#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "linking/labels.h"
#include "linking/secret_codec.h"
#include "result/check.h"

namespace sotto::linking {
namespace {

constexpr std::string_view kPrefix = "SOTTO:LINK/1/";
constexpr std::size_t kTextSize = kPrefix.size() + (8 * (16 + 32 + 32 + QrSecret::kSize) + 4) / 5;

}  // namespace

class LinkQrText {
 public:
  static std::string write(const LinkQr& qr) {
    crypto::WipedOctets octets;
    const auto append = [&octets](ByteView field) {
      octets.insert(octets.end(), field.begin(), field.end());
    };
    append(qr.account.view());
    append(qr.account_key.octets());
    append(qr.trusted_key.octets());
    append(qr.secret.reveal(SecretCodec::access()));
    return std::string(kPrefix) + to_base32(octets);
  }
  static ByteArray<16> name(const LinkQr& qr) {
    Encoder label;
    label.label(label::kOffer);
    const auto digest = crypto::sha384({label.view(), qr.secret.reveal(SecretCodec::access())});
    const auto name = to_array<16>(ByteView(digest).first(16));
    crypto::declassify(name);  // the server is told
    return name;
  }
};

ByteArray<16> offer_name(const LinkQr& qr) { return LinkQrText::name(qr); }

std::string qr_text(const LinkQr& qr) { return LinkQrText::write(qr); }

LinkingResult<LinkQr> parse_link_qr(std::string_view text) {
  if (text.size() != kTextSize || !text.starts_with(kPrefix)) return err(LinkingError::malformed);
  auto octets = from_base32(text.substr(kPrefix.size()));
  if (!octets) return err(LinkingError::malformed);
  Decoder in(*octets);
  const identity::AccountId account(in.array<16>());
  const auto account_key = crypto::Fingerprint::from_octets(in.array<32>());
  const auto trusted_key = crypto::Fingerprint::from_octets(in.array<32>());
  LinkQr out{account, account_key, trusted_key, QrSecret::copy_of(in.raw(QrSecret::kSize))};
  SOTTO_CHECK(in.finished());  // the length was checked as text
  crypto::wipe(octets->data(), octets->size());
  return out;
}

}  // namespace sotto::linking
