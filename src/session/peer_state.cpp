#include "session/peer_state.h"

#include <algorithm>

#include "session/handshake.h"
#include "session/limits.h"
#include "session/peer_record.h"
#include "session/session.h"

namespace sotto::session {

PeerState::PeerState(const DeviceIdentity& peer) : peer_(peer) {}
PeerState::PeerState(PeerState&&) noexcept = default;
PeerState& PeerState::operator=(PeerState&&) noexcept = default;
PeerState::~PeerState() = default;

const Session* PeerState::find(const SessionId& id) const {
  const auto found = std::ranges::find(sessions_, id, &Session::id);
  return found == sessions_.end() ? nullptr : &*found;
}

Session* PeerState::find(const SessionId& id) {
  const auto found = std::ranges::find(sessions_, id, &Session::id);
  return found == sessions_.end() ? nullptr : &*found;
}

std::vector<SessionId> PeerState::sessions() const {
  std::vector<SessionId> out = retired_;
  for (const Session& session : sessions_) out.push_back(session.id());
  return out;
}

/// The smallest id among heard, live sessions; if none, the newest own INIT (section 9).
const Session* PeerState::sending_session(UnixMs now, const SessionId* except) const {
  const Session* heard = nullptr;
  for (const Session& session : sessions_) {
    if (!session.heard() || session.dead() || session.exhausted()) continue;
    if (except != nullptr && session.id() == *except) continue;
    if (heard == nullptr || session.id() < heard->id()) heard = &session;
  }
  return heard != nullptr ? heard : newest_init(now, except);
}

/// The newest own INIT that the peer may still answer.
const Session* PeerState::newest_init(UnixMs now, const SessionId* except) const {
  const Session* init = nullptr;
  for (const Session& session : sessions_) {
    if (session.heard() || session.dead() || session.exhausted()) continue;
    if (except != nullptr && session.id() == *except) continue;
    if (elapsed(session.created(), now) > kUnheardInitLifetime) continue;
    if (init == nullptr || session.created() >= init->created()) init = &session;
  }
  return init;
}

bool PeerState::replacement_pending() const {
  return std::ranges::any_of(replacements_, [](const Replacement& each) { return !each.carrier; });
}

SessionResult<SessionId> PeerState::choose(const Outgoing& outgoing, UnixMs now) const {
  // An error about a session cannot travel in it: its sender may have lost exactly the keys that would read
  // it.
  const SessionId* except = outgoing.error ? &outgoing.error->session : nullptr;
  if (forced_ && (except == nullptr || *forced_ != *except)) {
    const Session* session = find(*forced_);
    if (session != nullptr && !session->dead() && !session->exhausted()) return *forced_;
  }
  const Session* session = sending_session(now, except);
  if (replacement_pending()) {
    if (resets_.allows(now)) return err(SessionError::need_bundle);
    if (session == nullptr) return err(SessionError::back_off);
  }
  // One of the two lost something, so no session that both had is sure to be held by both: an INIT is read by
  // whoever holds the prekeys.
  if (outgoing.error) {
    if (const Session* init = newest_init(now, except)) return init->id();
    if (error_inits_.allows(now)) return err(SessionError::need_bundle);
  }
  if (session == nullptr) return err(SessionError::need_bundle);
  return session->id();
}

void PeerState::touch(const Session& session) {
  if (std::ranges::find(touched_, session.id()) == touched_.end()) touched_.push_back(session.id());
}

void PeerState::remove(const SessionId& id) {
  const auto found = std::ranges::find(sessions_, id, &Session::id);
  if (found == sessions_.end()) return;
  PeerRecord::append_removal(*found, removed_);
  if (!found->heard()) release_carrier(id);
  if (forced_ == id) forced_.reset();
  std::erase(touched_, id);
  sessions_.erase(found);
  if (retired_.size() >= kMaxRetiredSessions) retired_.erase(retired_.begin());
  retired_.push_back(id);
  summary_changed_ = true;
}

void PeerState::kill(Session& session, Event::Kind kind, std::vector<Event>& events) {
  if (session.dead()) return;
  session.set_dead();
  if (forced_ == session.id()) forced_.reset();
  summary_changed_ = true;
  touch(session);
  events.push_back({.kind = kind, .session = session.id()});
}

void PeerState::replace_later(const SessionId& dead) {
  if (std::ranges::find(replacements_, dead, &Replacement::dead) != replacements_.end()) return;
  if (replacements_.size() >= kMaxReplaces) replacements_.erase(replacements_.begin());
  replacements_.push_back({dead, std::nullopt});
  summary_changed_ = true;
}

void PeerState::release_carrier(const SessionId& carrier) {
  for (Replacement& each : replacements_) {
    if (each.carrier == carrier) each.carrier.reset();
  }
}

/// Keeps the number of sessions within the limit: dead ones go first, then the longest unused.
void PeerState::make_room(const SessionId& newest, UnixMs now) {
  while (sessions_.size() > kMaxReceiveOnlySessions + 1) {
    const Session* sending = sending_session(now, nullptr);
    const Session* victim = nullptr;
    for (const Session& session : sessions_) {
      if (session.id() == newest || &session == sending) continue;
      const auto rank = [](const Session& each) { return std::pair(!each.dead(), each.last_used()); };
      if (victim == nullptr || rank(session) < rank(*victim)) victim = &session;
    }
    remove(victim->id());
  }
}

SessionResult<SessionId> PeerState::start_session(const LocalDevice& local, const PeerDevice& peer,
                                                  VerifiedBundle bundle, const Gossip& claim, UnixMs now,
                                                  crypto::RandomSource& random) {
  if (peer.identity() != peer_ || bundle.owner != peer_) return err(SessionError::peer_changed);
  std::vector<SessionId> replaces;
  for (const Replacement& each : replacements_) {
    if (!each.carrier) replaces.push_back(each.dead);
  }
  if (!replaces.empty() && !resets_.allows(now)) return err(SessionError::back_off);
  SOTTO_TRY(Session session, initiate(local, bundle, claim, replaces, now, random));
  const SessionId id = session.id();
  if (!replaces.empty()) {
    resets_.use(now);
    for (Replacement& each : replacements_) {
      if (!each.carrier) each.carrier = id;
    }
  }
  if (std::exchange(error_init_due_, false)) error_inits_.use(now);
  if (!sessions_.empty()) forced_ = id;
  sessions_.push_back(std::move(session));
  touch(sessions_.back());
  make_room(id, now);
  summary_changed_ = true;
  return id;
}

bool PeerState::rekey() {
  bool any = false;
  for (Session& session : sessions_) {
    if (!session.heard() || session.dead() || session.exhausted()) continue;
    session.steps().ask_for_epoch();
    touch(session);
    any = true;
  }
  return any;
}

std::vector<Event> PeerState::expire(UnixMs now) {
  std::vector<Event> events;
  std::vector<SessionId> gone;
  for (Session& session : sessions_) {
    const bool unheard = !session.heard() && elapsed(session.created(), now) > kUnheardInitLifetime;
    if (elapsed(session.last_used(), now) > kSessionLifetime || (unheard && session.dead())) {
      kill(session, Event::Kind::session_dead, events);
      gone.push_back(session.id());
      continue;
    }
    if (unheard) {
      // Nothing is sent in it any more, but the peer may have accepted it and be about to speak in it. Said
      // again each time: what was sent in it has gone elsewhere since the first.
      if (forced_ == session.id()) forced_.reset();
      release_carrier(session.id());
      summary_changed_ = true;
      events.push_back({.kind = Event::Kind::session_dead, .session = session.id()});
    }
    const std::size_t before = session.ec().skipped().size() + session.pq().skipped().size();
    session.ec().skipped().expire(now);
    session.pq().skipped().expire(now);
    if (before != session.ec().skipped().size() + session.pq().skipped().size()) touch(session);
  }
  for (const SessionId& id : gone) remove(id);
  return events;
}

SecurityState PeerState::security(UnixMs now) const {
  SecurityState out;
  const Session* session = sending_session(now, nullptr);
  if (session == nullptr || !session->heard()) return out;
  out.established = true;
  out.pq_epoch = session->pq().sending_epoch();
  out.pq_level = out.pq_epoch >= 1 ? 3 : 2;
  out.last_rekey = session->steps().installed_at();
  out.last_resort_start = session->last_resort_start();
  return out;
}

std::size_t PeerState::skipped_keys() const {
  std::size_t count = 0;
  for (const Session& session : sessions_)
    count += session.ec().skipped().size() + session.pq().skipped().size();
  return count;
}

void PeerState::drop_oldest_skipped(std::size_t count) {
  std::vector<Session*> by_age;
  for (Session& session : sessions_) by_age.push_back(&session);
  std::ranges::sort(by_age, {}, [](const Session* session) { return session->last_used(); });
  for (Session* session : by_age) {
    if (count == 0) return;
    const std::size_t dropped = session->ec().skipped().drop_oldest(count);
    const std::size_t left = count - std::min(count, dropped);
    count = left - std::min(left, session->pq().skipped().drop_oldest(left));
    touch(*session);
  }
}

}  // namespace sotto::session
