#include <algorithm>

#include "crypto/hash.h"
#include "session/handshake.h"
#include "session/limits.h"
#include "session/peer_state.h"
#include "session/session.h"
#include "session/wire_form.h"
#include "sotto/v1/session.pb.h"
#include "wire/decode.h"

namespace sotto::session {

/// One envelope on its way through.
struct PeerState::Incoming {
  const LocalDevice& local;
  const PeerDevice& peer;
  ByteView wire;     ///< the whole envelope
  ByteView message;  ///< the MSG in it
  UnixMs now;
  crypto::RandomSource& random;
  v1::Inner inner = {};
  std::optional<ErrorReport> error = std::nullopt;
};

namespace {

/// The parts of an authenticated payload. Errors: bad_payload.
SessionResult<void> read_inner(ByteView payload, const PeerDevice& peer, v1::Inner& inner, Received& out,
                               std::optional<ErrorReport>& error) {
  if (!wire::decode(payload, kMaxEnvelope, inner)) return err(SessionError::bad_payload);
  if (inner.has_proof() == inner.content().empty()) return err(SessionError::bad_payload);
  if (inner.has_proof()) {
    SOTTO_TRY(auto content, from_wire(inner.proof(), wire::octets(inner.content())));
    out.content.emplace(peer, std::move(content));
  }
  if (inner.has_gossip()) {
    SOTTO_TRY(out.gossip, from_wire(inner.gossip()));
  }
  if (inner.has_error()) {
    SOTTO_TRY(error, from_wire(inner.error()));
  }
  return {};
}

/// A key that neither is nor was the peer's: a message under it may be genuine, from a sender that was rolled
/// back.
bool unknown_key(const Session& session, const ParsedMessage& message) {
  const auto* known = session.ec().peer_key();
  const RatchetKeyOctets& key = message.header.ratchet_key;
  return (known == nullptr || known->encoded() != key) && !session.ec().skipped().knows(key);
}

}  // namespace

Result<Received, Refused> PeerState::receive(const LocalDevice& local, const PeerDevice& peer, ByteView wire,
                                             UnixMs now, crypto::RandomSource& random) {
  if (peer.identity() != peer_) return err(Refused{SessionError::peer_changed, std::nullopt});
  const auto peeked = peek(wire);
  if (!peeked) return err(Refused{peeked.error(), std::nullopt});
  Incoming incoming{
      .local = local, .peer = peer, .wire = wire, .message = wire, .now = now, .random = random};
  Session* session = find(peeked->session);
  if (peeked->type == WireType::init) {
    const ParsedInit init = *parse_init(wire);
    incoming.message = init.message;
    if (session != nullptr && crypto::sha384(init.prefix) != session->init_hash()) {
      return err(Refused{SessionError::init_mismatch, std::nullopt});
    }
  }
  if (session == nullptr) {
    const WireHash hash = wire_hash(incoming.message);
    const bool known = accepted_.find([&](const AcceptedHash& each) { return each.hash == hash; }) != nullptr;
    const auto error = known ? SessionError::duplicate : SessionError::unknown_session;
    return err(Refused{error, report_of(error, wire)});
  }
  return receive_in(*session, incoming);
}

Result<Received, Refused> PeerState::receive_in(Session& session, Incoming& incoming) {
  const auto message = parse_message(incoming.message);
  if (!message) return err(Refused{message.error(), std::nullopt});
  const WireHash hash = wire_hash(incoming.message);
  auto opened = session.open(*message, incoming.now);
  if (!opened) {
    if (accepted_.find([&](const AcceptedHash& each) { return each.hash == hash; }) != nullptr) {
      return err(Refused{SessionError::duplicate, std::nullopt});
    }
    Refused refused{opened.error(), report_of(opened.error(), incoming.wire)};
    if (opened.error() == SessionError::bad_mac && unknown_key(session, *message)) {
      refused.report = ErrorReport{ReportCode::undecryptable, wire_hash(incoming.wire), session.id()};
    }
    return err(std::move(refused));
  }
  Received received{.session = session.id(), .content = std::nullopt, .gossip = std::nullopt, .events = {}};
  const auto read = read_inner(opened->payload(), incoming.peer, incoming.inner, received, incoming.error);
  if (!read) return err(Refused{read.error(), std::nullopt});
  if (opened->new_ratchet_key()) {
    const auto auth =
        session.verify_ratchet_auth(*opened, wire::octets(incoming.inner.ratchet_auth()), incoming.peer);
    if (!auth) return err(Refused{auth.error(), std::nullopt});
  }
  const std::uint32_t epoch = opened->header.pq_epoch;
  const bool peer_wants = opened->header.want_pq;
  const bool first = !session.heard();
  session.commit(*std::move(opened), incoming.now);
  accepted_.add({hash});
  if (first && session.own_init()) {
    received.events.push_back({.kind = Event::Kind::session_heard, .session = session.id()});
    std::erase_if(replacements_, [&](const Replacement& each) { return each.carrier == session.id(); });
    summary_changed_ = true;
  }
  if (session.steps().on_message(session.pq(), epoch, peer_wants)) {
    received.events.push_back({.kind = Event::Kind::pq_epoch, .session = session.id(), .epoch = epoch});
  }
  // The peer, who was told or said itself that this session is dead, must have gone back to before.
  if (session.dead()) replace_later(session.id());
  process(session, incoming, received);
  received.owes_step = !session.dead() && session.steps().owes_step(session.binding(), session.pq());
  touch(session);
  return received;
}

/// The protocol parts of a committed message.
void PeerState::process(Session& session, Incoming& incoming, Received& received) {
  const v1::Inner& inner = incoming.inner;
  auto& events = received.events;
  if (inner.has_pq_step() && !session.dead()) {
    switch (session.steps().on_step(session.binding(), session.pq(), inner.pq_step(), incoming.local,
                                    incoming.peer, incoming.now, incoming.random)) {
      case PqSteps::Outcome::ignored:
      case PqSteps::Outcome::answered: break;
      case PqSteps::Outcome::unauthenticated:
        events.push_back({.kind = Event::Kind::pq_step_ignored, .session = session.id()});
        break;
      case PqSteps::Outcome::installed:
        events.push_back(
            {.kind = Event::Kind::pq_epoch, .session = session.id(), .epoch = session.pq().sending_epoch()});
        break;
      case PqSteps::Outcome::violation:
        kill(session, Event::Kind::session_reset, events);
        replace_later(session.id());
        break;
    }
  }
  if (inner.has_ack()) {
    for (Session& each : sessions_) {
      if (each.acknowledge_ratchet_key(wire::octets(inner.ack().ratchet_key()))) touch(each);
    }
  }
  if (incoming.error) heed(*incoming.error, session.id(), incoming.now, events);
  if (!session.dead() && session.steps().take_stall(incoming.now)) {
    events.push_back({.kind = Event::Kind::pq_stalled, .session = session.id()});
  }
}

/// An authenticated error of the peer: counts only for something that really was sent to it.
void PeerState::heed(const ErrorReport& report, const SessionId& carrier, UnixMs now,
                     std::vector<Event>& events) {
  const SentHash* sent = sent_.find([&](const SentHash& each) { return each.hash == report.message; });
  if (sent == nullptr || elapsed(sent->sent, now) > kSentHashLifetime || sent->named) return;
  const SentHash found = *sent;
  sent_.update(sent, [](SentHash& each) { each.named = true; });
  if (report.code == ReportCode::unknown_prekey) {
    Session* session = find(found.session);
    // Only an INIT that was never answered can have met missing prekeys. It stays, dead, until expire().
    if (session == nullptr || session->heard()) return;
    release_carrier(found.session);
    kill(*session, Event::Kind::session_dead, events);
  } else {
    doubt_sessions(found, carrier, events);
  }
  events.push_back({.kind = Event::Kind::resend, .session = found.session, .message = found.hash});
}

/// Whoever lost the keys of one session went back to before it, and lost every session since then or the
/// newest keys in it. One error ends them all: each would cost another message, another error and another
/// repetition.
void PeerState::doubt_sessions(const SentHash& unread, const SessionId& carrier, std::vector<Event>& events) {
  for (Session& each : sessions_) {
    const bool as_old = each.heard() && each.created() <= unread.sent && each.id() != carrier;
    if (each.dead() || (each.id() != unread.session && !as_old)) continue;
    kill(each, Event::Kind::session_dead, events);
    replace_later(each.id());
  }
}

Result<Accepted, Refused> PeerState::accept_init(const LocalDevice& local, const PeerDevice& peer,
                                                 const OpenedInit& opened, UnixMs now,
                                                 crypto::RandomSource& random) {
  const auto refused = [](SessionError error) { return err(Refused{error, std::nullopt}); };
  if (peer.identity() != peer_) return refused(SessionError::peer_changed);
  if (find(opened.session) != nullptr) {
    auto received = receive(local, peer, opened.wire, now, random);
    if (!received) return err(std::move(received).error());
    return Accepted{*std::move(received), opened.use};
  }
  const auto recent = [&](UnixMs time) { return !has_passed(hours(1), time, now); };
  if (static_cast<std::size_t>(std::ranges::count_if(new_sessions_, recent)) >= kMaxNewSessionsPerHour) {
    return refused(SessionError::rate_limited);
  }
  auto session = respond(peer, opened, now);
  if (!session) return refused(session.error());
  Incoming incoming{.local = local,
                    .peer = peer,
                    .wire = opened.wire,
                    .message = ByteView(opened.wire).subspan(opened.message_offset),
                    .now = now,
                    .random = random};
  auto received = receive_in(*session, incoming);
  if (!received) return err(std::move(received).error());
  auto& events = received->events;
  events.insert(events.begin(), Event{.kind = Event::Kind::session_started, .session = opened.session});
  for (const SessionId& dead : opened.claim.replaces) {
    if (Session* each = find(dead)) kill(*each, Event::Kind::session_dead, events);
    std::erase_if(replacements_, [&](const Replacement& each) { return each.dead == dead; });
  }
  sessions_.push_back(*std::move(session));
  make_room(opened.session, now);
  std::erase_if(new_sessions_, [&](UnixMs time) { return !recent(time); });
  new_sessions_.push_back(now);
  summary_changed_ = true;
  return Accepted{*std::move(received), opened.use};
}

std::optional<ErrorReport> report_of(SessionError error, ByteView wire) {
  const auto code = collapse(error);
  const auto peeked = peek(wire);
  if (!code || !peeked) return std::nullopt;
  return ErrorReport{*code, wire_hash(wire), peeked->session};
}

bool PeerState::said(const ErrorReport& unread) const {
  return std::ranges::find(reported_, unread.message, &Reported::message) != reported_.end();
}

std::optional<ErrorReport> PeerState::report(const ErrorReport& unread, UnixMs now) {
  if (said(unread)) return std::nullopt;
  if (has_passed(kResetInterval, error_window_, now)) {
    error_window_ = now;
    errors_in_window_ = 0;
  }
  const auto same_session = std::ranges::count_if(reported_, [&](const Reported& each) {
    return each.session == unread.session && !has_passed(kResetInterval, each.when, now);
  });
  if (errors_in_window_ >= kMaxErrorsPerInterval ||
      static_cast<std::size_t>(same_session) >= kMaxErrorsPerSession) {
    return std::nullopt;
  }
  if (sending_session(now, &unread.session) == nullptr && !error_inits_.allows(now)) return std::nullopt;
  ++errors_in_window_;
  if (reported_.size() >= kMaxReported) reported_.erase(reported_.begin());
  reported_.push_back({unread.message, unread.session, now});
  summary_changed_ = true;
  return unread;
}

}  // namespace sotto::session
