#include "session/error.h"

namespace sotto::session {

std::string_view describe(SessionError error) {
  switch (error) {
    case SessionError::malformed: return "message is malformed";
    case SessionError::unsupported_version: return "message has an unknown version, suite or flag";
    case SessionError::too_large: return "message is too large";
    case SessionError::unknown_prekey: return "INIT names prekeys that this device does not hold";
    case SessionError::replayed: return "INIT was accepted before";
    case SessionError::init_mismatch: return "INIT differs from the one its session began with";
    case SessionError::bad_handshake: return "INIT does not authenticate";
    case SessionError::bad_claim: return "identity claim is invalid";
    case SessionError::bad_signature: return "handshake signature does not verify";
    case SessionError::peer_changed: return "peer device is not the one this state belongs to";
    case SessionError::rate_limited: return "too many new sessions from one device";
    case SessionError::unknown_session: return "no such session";
    case SessionError::duplicate: return "message was accepted before";
    case SessionError::stale_index: return "message index was used by another message";
    case SessionError::bad_mac: return "message does not authenticate";
    case SessionError::unknown_epoch: return "message of a PQ epoch that this side does not hold";
    case SessionError::own_ratchet_key: return "own message came back";
    case SessionError::limit_exceeded: return "message counter is over the limit";
    case SessionError::bad_ratchet_auth: return "new ratchet key is not signed by its device";
    case SessionError::bad_padding: return "message padding is wrong";
    case SessionError::bad_payload: return "message payload is invalid";
    case SessionError::bad_content_signature: return "content signature does not verify";
    case SessionError::wrong_conversation: return "content names a conversation without its parties";
    case SessionError::need_bundle: return "no session: a prekey bundle is needed";
    case SessionError::back_off: return "a new session is needed too soon after the last";
    case SessionError::crypto_failure: return "a cryptographic operation failed";
    case SessionError::corrupt_record: return "stored record is corrupt";
  }
  return "unknown session error";
}

std::optional<ReportCode> collapse(SessionError error) {
  switch (error) {
    case SessionError::unknown_session: return ReportCode::unknown_session;
    case SessionError::unknown_prekey: return ReportCode::unknown_prekey;
    case SessionError::stale_index: return ReportCode::stale_index;
    case SessionError::limit_exceeded:
    case SessionError::unknown_epoch: return ReportCode::undecryptable;
    default: return std::nullopt;
  }
}

}  // namespace sotto::session
