// Content that many devices get, encrypted once (docs/specs/session-protocol.md 10): an attachment of one
// chunk that travels beside the messages, each of which carries the key. How it gets to the devices is not
// its concern.
#pragma once

#include "bytes/bytes.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "session/error.h"
#include "session/limits.h"

namespace sotto::v1 {
class SharedBody;
}

namespace sotto::session {

/// AK of one body.
using SharedBodyKey = crypto::SecretArray<48, struct SharedBodyKeyTag>;

/// What opens a body and tells it from any other: the signed content of the messages that it belongs to.
struct SharedBodyRef {
  SharedBodyKey key;
  ByteArray<32> file_id{};
  std::uint32_t length = 0;  ///< octets of the content
  crypto::Sha384Digest tags_hash{};
};

struct SealedBody {
  SharedBodyRef ref;
  Bytes octets;  ///< ciphertext || tag
};

/// Precondition: at most kMaxSharedContent octets.
SealedBody seal_body(ByteView content, crypto::RandomSource& random);
/// Errors: malformed (lengths), bad_mac (not the body that is meant), bad_padding.
SessionResult<Bytes> open_body(const SharedBodyRef& ref, ByteView octets);

void to_wire(const SharedBodyRef& ref, v1::SharedBody& out);
/// Errors: bad_payload.
SessionResult<SharedBodyRef> from_wire(const v1::SharedBody& body);

}  // namespace sotto::session
