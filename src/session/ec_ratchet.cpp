#include "session/ec_ratchet.h"

namespace sotto::session {

EcRatchet EcRatchet::initiator(RootKey root, EcChainKey chain, crypto::P256PrivateKey ephemeral) {
  EcRatchet out(std::move(root));
  out.own_ = std::move(ephemeral);
  out.sending_ = SendingChain<EcChainKind>{std::move(chain), 0};
  return out;
}

EcRatchet EcRatchet::responder(RootKey root, EcChainKey chain, crypto::P256PublicKey ephemeral) {
  EcRatchet out(std::move(root));
  out.peer_ = std::move(ephemeral);
  out.receiving_ = ReceivingChain<EcChainKind>{std::move(chain), 0};
  return out;
}

SessionResult<void> EcRatchet::step(const SessionId& session, crypto::P256PrivateKey fresh) {
  SOTTO_CHECK(step_due() && peer_);
  const auto secret = fresh.ecdh(*peer_);
  if (!secret) return err(SessionError::crypto_failure);
  auto keys = ec_step(root_, *secret, session, fresh.public_key().encoded(), peer_->encoded());
  root_ = std::move(keys.root);
  sending_ = SendingChain<EcChainKind>{std::move(keys.chain), 0};
  own_ = std::move(fresh);
  return {};
}

EcMessageKey EcRatchet::take_sending_key(Header& header) {
  SOTTO_CHECK(sending_ && own_);
  header.ratchet_key = own_->public_key().encoded();
  header.pn = pn_;
  header.n = sending_->next;
  return sending_->take();
}

SessionResult<EcRatchet::Staged> EcRatchet::open(const SessionId& session, const Header& header,
                                                 std::uint32_t max_jump) const {
  if (own_ && header.ratchet_key == own_->public_key().encoded()) return err(SessionError::own_ratchet_key);
  if (peer_ && header.ratchet_key == peer_->encoded()) {
    if (header.n < receiving_->next) {
      SOTTO_TRY(auto key, stage_stored(skipped_, header.ratchet_key, header.n));
      return Staged{std::move(key), std::nullopt, std::nullopt};
    }
    SOTTO_TRY(auto key, stage_advance(*receiving_, header.ratchet_key, header.n, max_jump));
    return Staged{std::move(key), std::nullopt, std::nullopt};
  }
  if (skipped_.knows(header.ratchet_key)) {
    SOTTO_TRY(auto key, stage_stored(skipped_, header.ratchet_key, header.n));
    return Staged{std::move(key), std::nullopt, std::nullopt};
  }
  // A new ratchet key answers one of ours; without one there is nothing to answer.
  if (!own_) return err(SessionError::bad_mac);
  const std::uint32_t received = receiving_ ? receiving_->next : 0;
  if (header.pn >= kMaxCounter || (header.pn > received && header.pn - received > max_jump)) {
    return err(SessionError::limit_exceeded);
  }
  auto peer = crypto::P256PublicKey::decode(header.ratchet_key);
  if (!peer) return err(SessionError::malformed);
  const auto secret = own_->ecdh(*peer);
  if (!secret) return err(SessionError::crypto_failure);
  auto keys = ec_step(root_, *secret, session, header.ratchet_key, own_->public_key().encoded());
  const ReceivingChain<EcChainKind> fresh{std::move(keys.chain), 0};
  SOTTO_TRY(auto key, stage_advance(fresh, header.ratchet_key, header.n, max_jump));
  key.source = StagedKey<EcChainKind>::Source::new_chain;
  if (receiving_) {
    auto older = receiving_->clone();
    key.closing = derive_until(older, header.pn);
  }
  return Staged{std::move(key), *std::move(peer), std::move(keys.root)};
}

void EcRatchet::commit(Staged staged, UnixMs now) {
  using Source = StagedKey<EcChainKind>::Source;
  if (staged.key.source == Source::stored) {
    skipped_.erase(staged.key.chain, staged.key.n);
    return;
  }
  if (staged.key.source == Source::new_chain) {
    if (peer_) skipped_.store(peer_->encoded(), std::move(staged.key.closing), now);
    peer_ = std::move(staged.new_peer);
    root_ = *std::move(staged.new_root);
    if (sending_) pn_ = sending_->next;
    sending_.reset();
  }
  skipped_.store(staged.key.chain, std::move(staged.key.skipped), now);
  receiving_ = std::move(staged.key.advanced);
}

}  // namespace sotto::session
