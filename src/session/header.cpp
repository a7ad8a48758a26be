#include "session/header.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "result/check.h"
#include "session/incoming.h"
#include "session/limits.h"

namespace sotto::session {
namespace {

/// claim of at least 4 octets and at most kMaxClaim, and SIG_A.
constexpr std::size_t kMaxIdentityCiphertext = 8 * 1024;

}  // namespace

WireHash wire_hash(ByteView wire) {
  const auto digest = crypto::sha384(wire);
  return to_array<16>(ByteView(digest).first(16));
}

ByteArray<kHeaderSize> encode(const Header& header) {
  ByteArray<kHeaderSize> out{};
  std::size_t used = 0;
  const auto raw = [&](ByteView octets) {
    std::ranges::copy(octets, out.begin() + static_cast<std::ptrdiff_t>(used));
    used += octets.size();
  };
  const auto u32 = [&](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out[used++] = static_cast<std::uint8_t>(value >> shift);
  };
  out[used++] = kVersion;
  out[used++] = static_cast<std::uint8_t>(WireType::message);
  raw(header.session.view());
  raw(header.salt);
  raw(header.ratchet_key);
  u32(header.pn);
  u32(header.n);
  u32(header.pq_epoch);
  u32(header.pq_n);
  u32(header.pq_pn);
  out[used] = header.want_pq ? kFlagWantPq : 0;
  return out;
}

SessionResult<ParsedMessage> parse_message(ByteView wire) {
  if (wire.size() > kMaxEnvelope) return err(SessionError::too_large);
  if (wire.size() < kMinMessage) return err(SessionError::malformed);
  Decoder in(wire);
  if (in.u8() != kVersion) return err(SessionError::unsupported_version);
  if (in.u8() != static_cast<std::uint8_t>(WireType::message)) return err(SessionError::malformed);
  ParsedMessage out;
  out.header.session = SessionId(in.array<16>());
  out.header.salt = in.array<16>();
  out.header.ratchet_key = in.array<crypto::kP256PublicKeySize>();
  out.header.pn = in.u32();
  out.header.n = in.u32();
  out.header.pq_epoch = in.u32();
  out.header.pq_n = in.u32();
  out.header.pq_pn = in.u32();
  const std::uint8_t flags = in.u8();
  if ((flags & ~kFlagWantPq) != 0) return err(SessionError::unsupported_version);
  out.header.want_pq = flags == kFlagWantPq;
  out.header_octets = wire.first(kHeaderSize);
  out.ciphertext = in.raw(in.remaining() - kTagSize);
  out.tag = in.raw(kTagSize);
  if (!in.finished() || !is_padded_size(out.ciphertext.size())) return err(SessionError::malformed);
  return out;
}

SessionResult<ParsedInit> parse_init(ByteView wire) {
  if (wire.size() > kMaxEnvelope) return err(SessionError::too_large);
  Decoder in(wire);
  const std::uint8_t version = in.u8();
  const std::uint8_t type = in.u8();
  const std::uint16_t suite = in.u16();
  const std::uint8_t reserved = in.u8();
  ParsedInit out;
  out.bundle = in.array<48>();
  out.one_time = in.u32();
  out.initiator_key = in.array<crypto::kP256PublicKeySize>();
  out.kem_ciphertext = in.raw(crypto::MlKem1024::kCiphertextSize);
  const std::uint32_t identity_size = in.u32();
  out.associated = wire.first(wire.size() - in.remaining());
  if (identity_size > kMaxIdentityCiphertext) return err(SessionError::malformed);
  out.identity_ciphertext = in.raw(identity_size);
  out.identity_tag = in.raw(kTagSize);
  if (in.failed()) return err(SessionError::malformed);
  if (version != kVersion || suite != kSuite || reserved != 0) return err(SessionError::unsupported_version);
  if (type != static_cast<std::uint8_t>(WireType::init) || !is_padded_size(identity_size)) {
    return err(SessionError::malformed);
  }
  out.prefix = wire.first(wire.size() - in.remaining());
  out.message = in.rest();
  SOTTO_CHECK_OK(parse_message(out.message));
  return out;
}

Bytes encode_init_start(const BundleHash& bundle, std::uint32_t one_time,
                        const RatchetKeyOctets& initiator_key, ByteView kem_ciphertext,
                        std::size_t identity_size) {
  Encoder out(2048);
  out.u8(kVersion).u8(static_cast<std::uint8_t>(WireType::init)).u16(kSuite).u8(0);
  out.raw(bundle)
      .u32(one_time)
      .raw(initiator_key)
      .raw(kem_ciphertext)
      .u32(static_cast<std::uint32_t>(identity_size));
  return std::move(out).take();
}

SessionResult<Peeked> peek(ByteView wire) {
  if (wire.size() > kMaxEnvelope) return err(SessionError::too_large);
  if (wire.size() < 2) return err(SessionError::malformed);
  if (wire[0] != kVersion) return err(SessionError::unsupported_version);
  if (wire[1] == static_cast<std::uint8_t>(WireType::init)) {
    SOTTO_TRY(const ParsedInit init, parse_init(wire));
    return Peeked{WireType::init, *SessionId::from(init.message.subspan(2, SessionId::kSize))};
  }
  SOTTO_TRY(const ParsedMessage message, parse_message(wire));
  return Peeked{WireType::message, message.header.session};
}

void pad_into(ByteView payload, MutableByteView out) {
  SOTTO_CHECK(out.size() >= 4 + payload.size());
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(payload.size() >> (24 - 8 * i));
  const auto zeros = std::ranges::copy(payload, out.begin() + 4).out;
  std::fill(zeros, out.end(), std::uint8_t{0});
}

SessionResult<ByteView> unpad(ByteView padded) {
  Decoder in(padded);
  const std::uint64_t end = std::uint64_t{4} + in.u32();
  std::uint8_t nonzero = 0;  // the zeros are checked in time that depends on the total alone
  for (std::uint64_t i = 4; i < padded.size(); ++i) {
    const auto is_padding = static_cast<std::uint8_t>(((i - end) >> 63U) - 1);  // all ones from `end` on
    nonzero |= padded[i] & is_padding;
  }
  // Both are authentic. The length goes to the payload's parser, the verdict to whoever sent the message.
  const std::size_t length = crypto::declassified(end) - 4;
  const bool zeros = crypto::declassified(nonzero) == 0;
  if (in.failed() || length + 4 > padded.size() || padded.size() != padded_size(length) || !zeros) {
    return err(SessionError::bad_padding);
  }
  const ByteView payload = padded.subspan(4, length);
  crypto::declassify(payload);  // its parser cannot run in constant time; the keys are not in it
  return payload;
}

}  // namespace sotto::session
