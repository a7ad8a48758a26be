#include "session/limits.h"
#include "session/padding.h"
#include "session/peer_state.h"
#include "session/session.h"
#include "session/wire_form.h"
#include "sotto/v1/session.pb.h"
#include "wire/decode.h"

namespace sotto::session {

/// The Inner of the message that is about to be sent; moves the PQ step machine on.
SessionResult<Bytes> PeerState::compose(Session& session, const LocalDevice& local, const Outgoing& outgoing,
                                        UnixMs now, crypto::RandomSource& random) {
  SOTTO_CHECK_OK(session.step_if_due(random));
  session.steps().before_send(session.binding(), session.pq(), local, now, random);
  v1::Inner inner;
  if (outgoing.content != nullptr) {
    inner.set_content(wire::field(outgoing.content->content));
    to_wire(*outgoing.content, *inner.mutable_proof());
  }
  if (const auto* auth = session.ratchet_auth(local)) inner.set_ratchet_auth(wire::field(*auth));
  v1::PqStep step;
  if (session.steps().on_send(session.pq(), step)) *inner.mutable_pq_step() = std::move(step);
  if (outgoing.gossip) to_wire(*outgoing.gossip, *inner.mutable_gossip());
  if (outgoing.error) to_wire(*outgoing.error, *inner.mutable_error());
  for (Session& other : sessions_) {
    if (&other == &session || other.dead()) continue;
    if (const auto* key = other.take_unacknowledged_peer_key()) {
      inner.mutable_ack()->set_ratchet_key(wire::field(key->encoded()));
      touch(other);
      break;
    }
  }
  return wire::encode(inner);
}

SessionResult<Sealed> PeerState::seal(const LocalDevice& local, const PeerDevice& peer,
                                      const Outgoing& outgoing, UnixMs now, crypto::RandomSource& random) {
  if (peer.identity() != peer_) return err(SessionError::peer_changed);
  const auto chosen = choose(outgoing, now);
  if (!chosen) {
    if (outgoing.error && chosen.error() == SessionError::need_bundle) {
      error_init_due_ = true;
      summary_changed_ = true;
    }
    return err(chosen.error());
  }
  const SessionId id = *chosen;
  Session& session = *find(id);
  const std::size_t content = outgoing.content == nullptr ? 0 : outgoing.content->content.size();
  const std::size_t largest =
      session.prefix().size() + kHeaderSize + padded_size(content + kMaxInnerOverhead) + kTagSize;
  if (largest > kMaxEnvelope) return err(SessionError::too_large);
  const bool want_pq = session.steps().want_pq(session.binding(), session.pq(), now);
  SOTTO_TRY(const Bytes inner, compose(session, local, outgoing, now, random));
  Sealed out{.wire = session.encrypt(inner, want_pq, now, random), .hash = {}, .session = id, .events = {}};
  out.hash = wire_hash(out.wire);
  sent_.add({.hash = out.hash, .session = id, .sent = now, .named = false});
  if (forced_ == id) {
    forced_.reset();
    summary_changed_ = true;
  }
  if (session.steps().take_stall(now)) out.events.push_back({.kind = Event::Kind::pq_stalled, .session = id});
  touch(session);
  return out;
}

}  // namespace sotto::session
