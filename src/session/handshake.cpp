#include "session/handshake.h"

#include <algorithm>

#include "crypto/cipher.h"
#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "session/limits.h"
#include "session/wire_form.h"

namespace sotto::session {
namespace {

/// What the responder's bundle and the initiator's values fix before anyone is named.
struct Agreement {
  HandshakePrefix prefix;
  crypto::PseudorandomKey prk0;
};

/// idC: u32 len(claim) || claim || SIG_A || zeros, encrypted and authenticated with everything before it.
Bytes seal_identity(const SealingKeys& keys, Bytes start, ByteView claim,
                    const crypto::HybridSignature& signature, std::size_t size) {
  Encoder plain(size);
  plain.var(claim).raw(signature);
  Bytes padded = std::move(plain).take();
  padded.resize(size, 0);
  crypto::aes256_ctr(keys.enc, keys.iv, padded);
  const Tag tag = message_tag(keys.mac, start, padded);
  start.insert(start.end(), padded.begin(), padded.end());
  start.insert(start.end(), tag.begin(), tag.end());
  crypto::declassify(start);  // goes to the relay
  return start;
}

struct IdentityPart {
  Bytes claim;
  Bytes signature;
};

/// Errors: bad_handshake.
SessionResult<IdentityPart> open_identity(const SealingKeys& keys, const ParsedInit& init) {
  const Tag tag = message_tag(keys.mac, init.associated, init.identity_ciphertext);
  if (!crypto::constant_time_equal(tag, init.identity_tag)) return err(SessionError::bad_handshake);
  Bytes plain(init.identity_ciphertext.size());
  crypto::aes256_ctr(keys.enc, keys.iv, init.identity_ciphertext, plain);
  crypto::declassify(plain);  // authentic, and the claim in it is parsed
  Decoder in(plain);
  const ByteView claim = in.var(kMaxClaim);
  const ByteView signature = in.raw(crypto::kHybridSignatureSize);
  const ByteView zeros = in.rest();
  if (in.failed() || plain.size() != padded_size(claim.size() + signature.size()) ||
      !std::ranges::all_of(zeros, [](std::uint8_t octet) { return octet == 0; })) {
    return err(SessionError::bad_handshake);
  }
  return IdentityPart{to_bytes(claim), to_bytes(signature)};
}

/// Errors: crypto_failure.
SessionResult<crypto::PseudorandomKey> initiator_secret(const crypto::P256PrivateKey& ephemeral,
                                                        const crypto::KemSecret& kem,
                                                        const VerifiedBundle& bundle) {
  const auto dh1 = ephemeral.ecdh(bundle.signed_prekey);
  if (!dh1) return err(SessionError::crypto_failure);
  if (!bundle.one_time) return handshake_secret(kem, *dh1, nullptr);
  const auto dh2 = ephemeral.ecdh(bundle.one_time->ec);
  if (!dh2) return err(SessionError::crypto_failure);
  return handshake_secret(kem, *dh1, &*dh2);
}

/// B's half of the agreement. Errors: bad_handshake (values that cannot be honest).
SessionResult<Agreement> responder_agreement(const LocalDevice& local,
                                             const PrekeyRing::PrivateHalves& halves, const ParsedInit& init,
                                             const crypto::P256PublicKey& initiator_key) {
  const auto spk = crypto::P256PrivateKey::from_scalar(halves.signed_prekey->clone());
  const auto kem = crypto::MlKem1024DecapsulationKey::from_seed(halves.kem->clone());
  if (!spk) return err(SessionError::crypto_failure);
  const auto secret = kem.decapsulate(init.kem_ciphertext);
  const auto dh1 = spk->ecdh(initiator_key);
  if (!secret || !dh1) return err(SessionError::bad_handshake);
  HandshakePrefix prefix{.responder = encode(local.identity()),
                         .signed_prekey = spk->public_key().encoded(),
                         .one_time_prekey = std::nullopt,
                         .kem_key_hash = crypto::sha384(kem.encapsulation_key()),
                         .initiator_key = init.initiator_key,
                         .ciphertext_hash = crypto::sha384(init.kem_ciphertext),
                         .bundle = init.bundle};
  if (halves.one_time_ec == nullptr) return Agreement{prefix, handshake_secret(*secret, *dh1, nullptr)};
  const auto opk = crypto::P256PrivateKey::from_scalar(halves.one_time_ec->clone());
  if (!opk) return err(SessionError::crypto_failure);
  const auto dh2 = opk->ecdh(initiator_key);
  if (!dh2) return err(SessionError::bad_handshake);
  prefix.one_time_prekey = opk->public_key().encoded();
  return Agreement{prefix, handshake_secret(*secret, *dh1, &*dh2)};
}

}  // namespace

SessionResult<Session> initiate(const LocalDevice& local, const VerifiedBundle& bundle, const Gossip& gossip,
                                std::span<const SessionId> replaces, UnixMs now,
                                crypto::RandomSource& random) {
  auto ephemeral = crypto::P256PrivateKey::generate(random);
  const auto kem = bundle.kem.encapsulate(random);
  if (!kem) return err(SessionError::crypto_failure);
  SOTTO_TRY(const auto prk0, initiator_secret(ephemeral, kem->secret, bundle));
  HandshakePrefix prefix{.responder = encode(bundle.owner),
                         .signed_prekey = bundle.signed_prekey.encoded(),
                         .one_time_prekey = std::nullopt,
                         .kem_key_hash = crypto::sha384(bundle.kem.encoded()),
                         .initiator_key = ephemeral.public_key().encoded(),
                         .ciphertext_hash = crypto::sha384(kem->ciphertext),
                         .bundle = bundle.hash};
  if (bundle.one_time) prefix.one_time_prekey = bundle.one_time->ec.encoded();
  const auto th_pre = transcript_prefix(prefix);
  const auto th0 = transcript(th_pre, encode(local.identity()));
  auto keys = handshake_keys(prk0, th0);

  PqSteps steps(now, std::nullopt);
  const auto ek1_hash = steps.propose_first(crypto::MlKem768DecapsulationKey::generate(random));
  steps.sign_first({keys.session, th0, Direction::a_to_b}, local, random);
  const Bytes claim =
      encode(IdClaim{local.account, local.device, gossip, ek1_hash, {replaces.begin(), replaces.end()}});
  const auto signature = local.key.sign(handshake_signature_message(th0, claim), random);
  const std::size_t size = padded_size(claim.size() + signature.size());
  Bytes start = encode_init_start(bundle.hash, bundle.one_time ? bundle.one_time->index : kNoOneTime,
                                  prefix.initiator_key, kem->ciphertext, size);
  Bytes init = seal_identity(identity_sealing_keys(identity_key(prk0, th_pre)), std::move(start), claim,
                             signature, size);
  SessionStart session{std::move(keys), th0, crypto::sha384(init), now, !bundle.one_time.has_value()};
  return Session::initiator(std::move(session), std::move(ephemeral), std::move(steps), std::move(init));
}

SessionResult<OpenedInit> open_init(const LocalDevice& local, const PrekeyRing& ring, ByteView wire) {
  SOTTO_TRY(const ParsedInit init, parse_init(wire));
  SOTTO_TRY(const ParsedMessage message, parse_message(init.message));
  if (ring.replayed(message.header.session)) return err(SessionError::replayed);
  auto initiator_key = crypto::P256PublicKey::decode(init.initiator_key);
  if (!initiator_key) return err(SessionError::malformed);
  SOTTO_TRY(const auto halves, ring.find(init.bundle, init.one_time));
  SOTTO_TRY(auto agreement, responder_agreement(local, halves, init, *initiator_key));
  const auto th_pre = transcript_prefix(agreement.prefix);
  SOTTO_TRY(auto identity, open_identity(identity_sealing_keys(identity_key(agreement.prk0, th_pre)), init));
  SOTTO_TRY(auto claim, decode_claim(identity.claim));
  return OpenedInit{.claim = std::move(claim),
                    .session = message.header.session,
                    .use = {init.bundle, init.one_time, message.header.session},
                    .claim_octets = std::move(identity.claim),
                    .signature = std::move(identity.signature),
                    .transcript = th_pre,
                    .prk0 = std::move(agreement.prk0),
                    .initiator_key = *std::move(initiator_key),
                    .init_hash = crypto::sha384(init.prefix),
                    .wire = to_bytes(wire),
                    .message_offset = init.prefix.size()};
}

SessionResult<Session> respond(const PeerDevice& peer, const OpenedInit& opened, UnixMs now) {
  if (opened.claim.account != peer.account || opened.claim.device != peer.device)
    return err(SessionError::bad_claim);
  const auto th0 = transcript(opened.transcript, encode(peer.identity()));
  if (!peer.key.verify(handshake_signature_message(th0, opened.claim_octets), opened.signature)) {
    return err(SessionError::bad_signature);
  }
  auto keys = handshake_keys(opened.prk0, th0);
  if (keys.session != opened.session) return err(SessionError::bad_handshake);
  SessionStart start{std::move(keys), th0, opened.init_hash, now, opened.use.one_time == kNoOneTime};
  return Session::responder(std::move(start), opened.initiator_key, PqSteps(now, opened.claim.ek1_hash));
}

}  // namespace sotto::session
