// The one error enum of the session module, and the little of it that a peer ever sees.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "result/result.h"

namespace sotto::session {

/// Why an operation was refused. Nothing changed, unless the enumerator says so.
enum class SessionError : std::uint8_t {
  // The wire.
  malformed,            ///< lengths or structure; also a ciphertext whose size is not in the padding set
  unsupported_version,  ///< version, suite, reserved octet or flag bits this build does not know
  too_large,            ///< over kMaxEnvelope; when sending: content belongs into an attachment
  // The handshake.
  unknown_prekey,  ///< an INIT for prekeys this device does not (any longer) hold; reportable
  replayed,        ///< a session id that was accepted before: drop silently
  init_mismatch,   ///< an INIT prefix that differs from the one its session was made by
  bad_handshake,   ///< identity part does not authenticate, or the derived session id differs
  bad_claim,       ///< the identity claim does not parse or names another device than resolved
  bad_signature,   ///< either half of the handshake signature
  peer_changed,    ///< the resolved device is not the one this state belongs to
  rate_limited,    ///< too many new sessions from this device: try the envelope again later
  // Messages.
  unknown_session,   ///< no session has this id; reportable
  duplicate,         ///< this very message was accepted before: acknowledge and drop silently
  stale_index,       ///< a used index in another message: the sender was rolled back; reportable
  bad_mac,           ///< forged, damaged, or made with keys that this side does not share
  unknown_epoch,     ///< a PQ epoch this side does not hold; reportable
  own_ratchet_key,   ///< our own message reflected
  limit_exceeded,    ///< a counter jump over the limit
  bad_ratchet_auth,  ///< a new ratchet key without its device's signature
  bad_padding,       ///< authenticated, but padded otherwise than section 6 says
  bad_payload,       ///< authenticated, but not a valid Inner
  // Content.
  bad_content_signature,
  wrong_conversation,  ///< named conversation does not contain both the sender and this account
  // Sending.
  need_bundle,     ///< no usable session: fetch a bundle, start_session, seal again
  back_off,        ///< a new session is needed too soon after the last reset: seal again later
  crypto_failure,  ///< a primitive failed on checked input
  // Storage.
  corrupt_record,  ///< a stored record does not decode
};

std::string_view describe(SessionError error);

template <typename T>
using SessionResult = Result<T, SessionError>;

/// What a peer can learn, inside an authenticated session only (docs/specs/session-protocol.md 9).
enum class ReportCode : std::uint8_t {
  unknown_session = 1,
  unknown_prekey = 2,
  stale_index = 3,
  undecryptable = 4
};

/// What a peer may see of an error; empty for everything that is dropped in silence.
std::optional<ReportCode> collapse(SessionError error);

}  // namespace sotto::session
