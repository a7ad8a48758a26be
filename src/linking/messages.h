// The messages of a run as checked values, and their encoding (docs/specs/linking.md 3, 5). What may be sent
// when is said by the states in new_device.h and trusted_device.h.
#pragma once

#include <variant>

#include "bytes/bytes.h"
#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "crypto/ml_kem.h"
#include "crypto/p256.h"
#include "linking/error.h"

namespace sotto::linking {

/// New device, first message.
struct LinkHello {
  crypto::P256PublicKey share;  ///< pA
  crypto::MlKem768EncapsulationKey encapsulation_key;
  crypto::Fingerprint device_key;  ///< fp(DIK_N)
};

/// Trusted device.
struct LinkReply {
  crypto::P256PublicKey share;  ///< pB
  ByteArray<crypto::MlKem768::kCiphertextSize> ciphertext;
  crypto::Fingerprint device_key;  ///< fp(DIK_T)
};

/// New device: proves that it has the code, and says who it is.
struct LinkConfirm {
  crypto::Sha384Digest mac;
  Bytes sealed_device;
};

/// Trusted device: proves that it has the code.
struct LinkAccept {
  crypto::Sha384Digest mac;
};

/// Trusted device, last message: the account.
struct LinkSealedGrant {
  Bytes sealed;
};

/// Either side: the run is over.
struct LinkAbort {};

using LinkMessage = std::variant<LinkHello, LinkReply, LinkConfirm, LinkAccept, LinkSealedGrant, LinkAbort>;

Bytes encode(const LinkMessage& message);

/// Errors: malformed (also when longer than kMaxLinkMessage).
LinkingResult<LinkMessage> decode_link_message(ByteView octets);

}  // namespace sotto::linking
