#include "session/key_schedule.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "result/check.h"
#include "session/labels.h"

namespace sotto::session {
namespace {

/// Derivation inputs of bounded length without touching the heap: these run several times per message.
template <std::size_t Capacity>
class Info {
 public:
  explicit Info(std::string_view label) { raw(as_bytes("sp1.")).raw(as_bytes(label)).integer(0, 1); }
  Info& raw(ByteView octets) {
    SOTTO_CHECK(used_ + octets.size() <= Capacity);
    std::ranges::copy(octets, octets_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += octets.size();
    return *this;
  }
  Info& u8(std::uint8_t value) { return integer(value, 1); }
  Info& u32(std::uint32_t value) { return integer(value, 4); }
  Info& u64(std::uint64_t value) { return integer(value, 8); }
  [[nodiscard]] ByteView view() const { return ByteView(octets_).first(used_); }

 private:
  Info& integer(std::uint64_t value, int width) {
    ByteArray<8> octets{};
    for (int i = 0; i < width; ++i) {
      octets[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
    }
    return raw(ByteView(octets).first(static_cast<std::size_t>(width)));
  }

  ByteArray<Capacity> octets_;
  std::size_t used_ = 0;
};

}  // namespace

crypto::Sha384Digest transcript_prefix(const HandshakePrefix& prefix) {
  Encoder out(512);
  out.label(labels::kHandshakePrefix).u16(kSuite).u8(0);
  out.raw(prefix.responder);
  out.raw(prefix.signed_prekey).u8(prefix.one_time_prekey ? 1 : 0);
  if (prefix.one_time_prekey) out.raw(*prefix.one_time_prekey);
  out.raw(prefix.kem_key_hash).raw(prefix.initiator_key).raw(prefix.ciphertext_hash).raw(prefix.bundle);
  return crypto::sha384(out.view());
}

crypto::Sha384Digest transcript(const crypto::Sha384Digest& transcript_prefix, ByteView initiator) {
  Encoder out(256);
  out.label(labels::kHandshake).raw(transcript_prefix).raw(initiator);
  return crypto::sha384(out.view());
}

crypto::PseudorandomKey handshake_secret(const crypto::KemSecret& kem,
                                         const crypto::EcdhSecret& signed_prekey,
                                         const crypto::EcdhSecret* one_time) {
  const auto salt = crypto::sha384(Info<24>(labels::kHandshakeSalt).view());
  if (one_time == nullptr) return crypto::hkdf_extract(salt, kem, signed_prekey);
  return crypto::hkdf_extract(salt, kem, signed_prekey, *one_time);
}

HandshakeKey identity_key(const crypto::PseudorandomKey& prk0,
                          const crypto::Sha384Digest& transcript_prefix) {
  Info<80> info(labels::kHandshakeIdentity);
  info.raw(transcript_prefix);
  return crypto::hkdf_expand<HandshakeKey>(prk0, info.view());
}

SealingKeys identity_sealing_keys(const HandshakeKey& key) {
  auto [enc, iv, mac] = crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, MacKey>(
      key, Info<16>(labels::kHandshakeMessage).view());
  return {std::move(enc), std::move(iv), std::move(mac)};
}

HandshakeKeys handshake_keys(const crypto::PseudorandomKey& prk0, const crypto::Sha384Digest& transcript) {
  Info<80> info(labels::kHandshakeKeys);
  info.raw(transcript);
  auto [root, chain, seed, tk_a2b, tk_b2a, session] =
      crypto::hkdf_expand<RootKey, EcChainKey, PqSeedKey, TransportKey, TransportKey, ByteArray<16>>(
          prk0, info.view());
  crypto::declassify(session);  // stands in every header
  return {std::move(root),   std::move(chain),  std::move(seed),
          std::move(tk_a2b), std::move(tk_b2a), SessionId(session)};
}

PqEpochKeys pq_start(const PqSeedKey& seed, const SessionId& session) {
  Info<40> info(labels::kPqStart);
  info.raw(session.view());
  auto [root, a2b, b2a] = crypto::hkdf_expand<PqRootKey, PqChainKey, PqChainKey>(seed, info.view());
  return {std::move(root), std::move(a2b), std::move(b2a)};
}

PqEpoch pq_epoch(const PqRootKey& previous, const crypto::KemSecret& secret, const SessionId& session,
                 const PqStepHashes& step) {
  const auto prk = crypto::hkdf_extract(previous, secret);
  Info<136> info(labels::kPqEpoch);
  info.raw(session.view()).u32(step.epoch).raw(step.ek).raw(step.ct);
  auto [root, a2b, b2a, tk_a2b, tk_b2a] =
      crypto::hkdf_expand<PqRootKey, PqChainKey, PqChainKey, TransportKey, TransportKey>(prk, info.view());
  return {{std::move(root), std::move(a2b), std::move(b2a)}, std::move(tk_a2b), std::move(tk_b2a)};
}

EcStepKeys ec_step(const RootKey& root, const crypto::EcdhSecret& secret, const SessionId& session,
                   const RatchetKeyOctets& new_key, const RatchetKeyOctets& peer_key) {
  const auto prk = crypto::hkdf_extract(root, secret);
  Info<112> info(labels::kEcRoot);
  info.raw(session.view()).raw(new_key).raw(peer_key);
  auto [next_root, chain] = crypto::hkdf_expand<RootKey, EcChainKey>(prk, info.view());
  return {std::move(next_root), std::move(chain)};
}

std::pair<EcMessageKey, EcChainKey> EcChainKind::advance(const EcChainKey& chain) {
  return crypto::hkdf_expand_pair<EcMessageKey, EcChainKey>(chain, Info<16>(labels::kEcMessageKey).view(),
                                                            Info<16>(labels::kEcChainKey).view());
}
std::pair<PqMessageKey, PqChainKey> PqChainKind::advance(const PqChainKey& chain) {
  return crypto::hkdf_expand_pair<PqMessageKey, PqChainKey>(chain, Info<16>(labels::kPqMessageKey).view(),
                                                            Info<16>(labels::kPqChainKey).view());
}

SealingKeys message_keys(const EcMessageKey& ec, const PqMessageKey& pq, const SessionId& session,
                         const MessagePosition& position) {
  const auto prk = crypto::hkdf_extract(pq, ec);
  Info<64> info(labels::kMessage);
  info.raw(session.view()).u8(static_cast<std::uint8_t>(position.direction));
  info.u32(position.n).u32(position.pq_epoch).u32(position.pq_n).raw(position.salt);
  auto [enc, iv, mac] = crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, MacKey>(prk, info.view());
  return {std::move(enc), std::move(iv), std::move(mac)};
}

Tag message_tag(const MacKey& key, ByteView associated, ByteView ciphertext) {
  Info<16> start(labels::kTag);
  start.u32(static_cast<std::uint32_t>(associated.size()));
  ByteArray<8> length{};
  for (std::size_t i = 0; i < 8; ++i) {
    length[i] = static_cast<std::uint8_t>(std::uint64_t{ciphertext.size()} >> (56 - 8 * i));
  }
  const auto full = crypto::hmac_sha384(key, {start.view(), associated, length, ciphertext});
  return to_array<32>(ByteView(full).first(32));
}

Bytes handshake_signature_message(const crypto::Sha384Digest& transcript, ByteView claim) {
  Encoder out(112);
  out.label(labels::kHandshakeSignature).raw(transcript).raw(crypto::sha384(claim));
  return std::move(out).take();
}

Bytes ratchet_signature_message(const crypto::Sha384Digest& transcript, Direction sender,
                                const RatchetKeyOctets& new_key, const RatchetKeyOctets& peer_key) {
  Encoder out(128);
  out.label(labels::kRatchetSignature).raw(transcript).u8(static_cast<std::uint8_t>(sender));
  out.raw(new_key).raw(peer_key);
  return std::move(out).take();
}

Bytes pq_signature_message(const crypto::Sha384Digest& transcript, Direction sender,
                           const PqStepHashes& step) {
  Encoder out(168);
  out.label(labels::kPqStepSignature).raw(transcript).u8(static_cast<std::uint8_t>(sender)).u32(step.epoch);
  out.raw(step.ek).raw(step.ct);
  return std::move(out).take();
}

}  // namespace sotto::session
