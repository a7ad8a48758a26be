#include "verification/contact_qr.h"

#include "bytes/base32.h"
#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::verification {
namespace {

constexpr std::string_view kPrefix = "SOTTO:VERIFY/1/";
constexpr std::size_t kTextSize = kPrefix.size() + (8 * 2 * (16 + 32) + 4) / 5;

Party read_party(Decoder& in) {
  const identity::AccountId account(in.array<identity::AccountId::kSize>());
  return {account, crypto::Fingerprint::from_octets(in.array<crypto::Fingerprint::kSize>())};
}

}  // namespace

std::string qr_text(const ContactQr& qr) {
  Encoder out;
  for (const Party* party : {&qr.shower, &qr.reader}) out.raw(party->account.view()).raw(party->key.octets());
  return std::string(kPrefix) + to_base32(out.view());
}

VerificationResult<ContactQr> parse_contact_qr(std::string_view text) {
  if (text.size() != kTextSize || !text.starts_with(kPrefix)) return err(VerificationError::malformed);
  const auto octets = from_base32(text.substr(kPrefix.size()));
  if (!octets) return err(VerificationError::malformed);
  Decoder in(*octets);
  const Party shower = read_party(in);
  const Party reader = read_party(in);
  SOTTO_CHECK(in.finished());  // the length was checked as text
  return ContactQr{shower, reader};
}

VerificationResult<VerifiedContact> compare(const ContactQr& scanned, const Party& self,
                                            const Party& contact) {
  if (scanned.shower.account != contact.account || scanned.reader.account != self.account) {
    return err(VerificationError::other_contact);
  }
  if (scanned.shower.key != contact.key) return err(VerificationError::their_key_differs);
  if (scanned.reader.key != self.key) return err(VerificationError::my_key_differs);
  return VerifiedContact{contact, VerifiedBy::qr};
}

}  // namespace sotto::verification
