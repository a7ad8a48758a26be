// The content of a linking QR code (docs/specs/linking.md 6). Drawing it is qr/'s concern.
#pragma once

#include <string>
#include <string_view>

#include "bytes/bytes.h"
#include "crypto/hybrid_signature.h"
#include "identity/ids.h"
#include "linking/error.h"
#include "linking/link_code.h"

namespace sotto::linking {

/// What a trusted device shows and a new device scans.
struct LinkQr {
  identity::AccountId account;
  crypto::Fingerprint account_key;  ///< fp(AIK)
  crypto::Fingerprint trusted_key;  ///< fp(DIK_T)
  QrSecret secret;
};

/// "SOTTO:LINK/1/" and base32. Whoever sees it before it is used can link a device: for the screen only.
std::string qr_text(const LinkQr& qr);

/// H(LBL("link-offer") || qr_secret)[0:16]: what the server calls the run, so that only who scanned the code
/// finds it.
ByteArray<16> offer_name(const LinkQr& qr);

/// Errors: malformed.
LinkingResult<LinkQr> parse_link_qr(std::string_view text);

}  // namespace sotto::linking
