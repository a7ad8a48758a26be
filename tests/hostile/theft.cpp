#include "theft.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "session/header.h"
#include "session/incoming.h"
#include "session/peer_record.h"

namespace sotto::hostile {
namespace {

using session::SessionId;

std::map<Bytes, crypto::SecretBytes> records(client::store::Database& store,
                                             const identity::DeviceAddress& peer) {
  std::map<Bytes, crypto::SecretBytes> out;
  auto rows = store.query("SELECT key, value FROM peer_record WHERE account = ?1 AND device = ?2",
                          peer.account, peer.device);
  while (rows.next()) out.emplace(rows.octets(0), rows.secret(1));
  return out;
}

session::Session decode(const std::map<Bytes, crypto::SecretBytes>& all, const SessionId& id) {
  const auto part = [&](char kind) {
    const auto found = all.find(session::PeerRecord::session_key(kind, id));
    return found == all.end() ? nullptr : &found->second;
  };
  auto decoded = session::SessionRecord::decode(
      {.core = part('s'), .prefix = part('i'), .steps = part('q'), .ec_runs = {}, .pq_runs = {}});
  EXPECT_TRUE(decoded);
  return *std::move(decoded);
}

}  // namespace

bool has_peer(client::store::Database& store, const identity::DeviceAddress& peer) {
  return !records(store, peer).empty();
}

session::PeerState steal_peer(client::store::Database& store, const identity::DeviceAddress& peer) {
  std::vector<session::StoredRecord> loaded;
  for (auto& [key, value] : records(store, peer)) loaded.push_back({key, value.clone()});
  auto state = session::PeerState::load(loaded);
  EXPECT_TRUE(state);
  return *std::move(state);
}

session::Session steal_session(client::store::Database& store, const identity::DeviceAddress& peer) {
  const auto all = records(store, peer);
  std::vector<session::Session> sessions;
  for (const auto& [key, value] : all) {
    if (key.front() == 's') sessions.push_back(decode(all, *SessionId::from(ByteView(key).subspan(1))));
  }
  const auto newest = std::ranges::max_element(sessions, {}, &session::Session::last_used);
  EXPECT_NE(newest, sessions.end());
  return std::move(*newest);
}

session::PrekeyRing steal_ring(client::store::Database& store) {
  auto rows = store.query("SELECT state FROM prekey_ring");
  EXPECT_TRUE(rows.next());
  return session::PrekeyRing::decode(rows.secret(0)).value();
}

std::optional<session::SessionError> read(session::Session& stolen, ByteView envelope, UnixMs now) {
  const auto peeked = session::peek(envelope);
  if (!peeked) return peeked.error();
  const ByteView octets =
      peeked->type == session::WireType::init ? session::parse_init(envelope)->message : envelope;
  const auto message = session::parse_message(octets);
  if (!message) return message.error();
  auto opened = stolen.open(*message, now);
  if (!opened) return opened.error();
  stolen.commit(*std::move(opened), now);
  return std::nullopt;
}

}  // namespace sotto::hostile
