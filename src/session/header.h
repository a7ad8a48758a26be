// The fixed parts of SP/1 messages on the wire (docs/specs/session-protocol.md 4, 6). Parsing looks at
// structure only; nothing here is authenticated.
#pragma once

#include "bytes/bytes.h"
#include "crypto/ml_kem.h"
#include "session/error.h"
#include "session/key_schedule.h"
#include "session/padding.h"
#include "session/session_id.h"

namespace sotto::session {

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kHeaderSize = 88;
inline constexpr std::size_t kTagSize = 32;
inline constexpr std::size_t kMinMessage = kHeaderSize + kMinPadded + kTagSize;
/// bit0 of flags: the sender is due for a PQ epoch and may not propose it.
inline constexpr std::uint8_t kFlagWantPq = 0x01;

struct Header {
  SessionId session;
  Salt salt{};
  RatchetKeyOctets ratchet_key{};
  std::uint32_t pn = 0;  ///< messages in the sender's previous EC chain
  std::uint32_t n = 0;
  std::uint32_t pq_epoch = 0;
  std::uint32_t pq_n = 0;
  std::uint32_t pq_pn = 0;  ///< messages in the previous epoch's chain
  bool want_pq = false;
};

ByteArray<kHeaderSize> encode(const Header& header);

/// A MSG taken apart; the views are into the wire octets.
struct ParsedMessage {
  Header header;
  ByteView header_octets;
  ByteView ciphertext;  ///< its size is in the padding set
  ByteView tag;
};
/// Errors: malformed, unsupported_version, too_large.
SessionResult<ParsedMessage> parse_message(ByteView wire);

/// The part of an INIT before the embedded MSG, taken apart.
struct ParsedInit {
  ByteView associated;  ///< all octets before idC
  BundleHash bundle{};
  std::uint32_t one_time = 0;
  RatchetKeyOctets initiator_key{};
  ByteView kem_ciphertext;
  ByteView identity_ciphertext;
  ByteView identity_tag;
  ByteView prefix;   ///< everything before the embedded MSG: what init_hash covers
  ByteView message;  ///< the embedded MSG
};
/// Errors: malformed, unsupported_version, too_large.
SessionResult<ParsedInit> parse_init(ByteView wire);

/// What an INIT begins with, up to and including u32 n.
Bytes encode_init_start(const BundleHash& bundle, std::uint32_t one_time,
                        const RatchetKeyOctets& initiator_key, ByteView kem_ciphertext,
                        std::size_t identity_size);

/// u32 length || payload || zeros into `out`, whose size is padded_size(payload.size()) or more.
void pad_into(ByteView payload, MutableByteView out);
/// The payload inside; errors: bad_padding.
SessionResult<ByteView> unpad(ByteView padded);

}  // namespace sotto::session
