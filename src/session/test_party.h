// A device with a store, an outbox and a wire to one other device: what a client does around PeerState, in
// small. Only what a transaction wrote survives a crash.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "session/peer_state.h"
#include "session/secret_codec.h"
#include "session/sequence_set.h"
#include "session/test_devices.h"

namespace sotto::session::testing {

/// What a transaction writes.
struct Store {
  std::map<Bytes, crypto::SecretBytes> records;
  crypto::SecretBytes ring;
  SequenceSet seen;
  std::multiset<std::string> inbox;
  struct Outgoing {
    SignedContent content;
    bool sent = false;
    std::set<WireHash> hashes;
    SessionId session;
  };
  std::map<std::uint64_t, Outgoing> outbox;  ///< by sender_seq
  std::uint64_t last_seq = 0;
  std::deque<ErrorReport> reports;
  std::map<WireHash, ErrorReport> sent_reports;
  std::deque<Bytes> wires;  ///< sealed, to be handed to the relay

  [[nodiscard]] Store clone() const {
    Store out{.records = {},
              .ring = ring.clone(),
              .seen = seen,
              .inbox = inbox,
              .outbox = outbox,
              .last_seq = last_seq,
              .reports = reports,
              .sent_reports = sent_reports,
              .wires = wires};
    for (const auto& [key, value] : records) out.records.emplace(key, value.clone());
    return out;
  }
};

/// Where a test may let the process die: before or after a transaction.
using CrashPoint = std::function<bool()>;

class Party {
 public:
  Party(TestDevice& self, TestDevice& peer, crypto::RandomSource& random)
      : self_(self), peer_(peer), random_(random), state_(peer.peer().identity()) {
    store_.ring = self.ring.encode();
  }

  [[nodiscard]] const Store& store() const { return store_; }
  [[nodiscard]] PeerState& state() { return state_; }
  [[nodiscard]] TestDevice& device() { return self_; }
  /// The process dies and starts again from `store` (an older copy: a rollback).
  void restart_from(Store store) {
    store_ = std::move(store);
    store_.last_seq = first_of_run(store_.last_seq, now) - 1;
    std::vector<StoredRecord> records;
    for (const auto& [key, value] : store_.records) records.push_back({key, value.clone()});
    if (records.empty()) {
      state_ = PeerState(peer_.peer().identity());
    } else {
      auto loaded = PeerState::load(records);
      ASSERT_TRUE(loaded);
      state_ = *std::move(loaded);
    }
    auto ring = PrekeyRing::decode(store_.ring);
    ASSERT_TRUE(ring);
    self_.ring = *std::move(ring);
  }
  void restart() { restart_from(store_.clone()); }

  void write(const std::string& text) { add(as_bytes(text), store_.last_seq + 1); }

  /// Seals everything unsent. Each message is a transaction of its own: state and wire octets together.
  void flush(const CrashPoint& crash = [] { return false; }) {
    while (!store_.reports.empty()) {
      if (!seal_one({.error = store_.reports.front()}, nullptr, crash)) break;
      if (crashed_) return;
    }
    for (auto& [seq, entry] : store_.outbox) {
      if (entry.sent) continue;
      if (!seal_one({.content = &entry.content}, &entry, crash) || crashed_) return;
    }
  }
  [[nodiscard]] bool take_crashed() { return std::exchange(crashed_, false); }

  /// Takes what the relay may transport now.
  std::deque<Bytes> take_wires() { return std::exchange(store_.wires, {}); }

  /// One envelope from the relay. False: not acknowledged, to be delivered again.
  bool deliver(ByteView wire, const CrashPoint& crash = [] { return false; }) {
    const auto peeked = peek(wire);
    if (!peeked) return outcome(peeked.error());
    const auto known = state_.sessions();
    if (std::ranges::find(known, peeked->session) != known.end()) {
      return finish(state_.receive(self_.local(), peer_.peer(), wire, now, random_), crash);
    }
    if (peeked->type == WireType::message) return unreadable(SessionError::unknown_session, wire);
    auto opened = open_init(self_.local(), self_.ring, wire);
    if (!opened) return unreadable(opened.error(), wire);
    auto accepted = state_.accept_init(self_.local(), peer_.peer(), *opened, now, random_);
    if (!accepted) return finish(err(std::move(accepted).error()), crash);
    self_.ring.consume(accepted->use);
    return finish(std::move(accepted->received), crash);
  }

  UnixMs now = kStart;
  std::map<SessionError, int> refusals;
  std::vector<Event> events;
  std::vector<std::size_t> wire_sizes;

 private:
  void commit() {
    for (auto& change : state_.take_changes()) {
      if (change.value) {
        store_.records.insert_or_assign(change.key, *std::move(change.value));
      } else {
        store_.records.erase(change.key);
      }
    }
    store_.ring = self_.ring.encode();
  }

  bool seal_one(const session::Outgoing& outgoing, Store::Outgoing* entry, const CrashPoint& crash) {
    auto sealed = state_.seal(self_.local(), peer_.peer(), outgoing, now, random_);
    if (!sealed && sealed.error() == SessionError::need_bundle) {
      auto started = state_.start_session(self_.local(), peer_.peer(), peer_.bundle(now), {}, now, random_);
      if (!started) return false;
      sealed = state_.seal(self_.local(), peer_.peer(), outgoing, now, random_);
    }
    if (!sealed) return false;
    if (crash()) return crashed_ = true;
    if (entry != nullptr) {
      entry->sent = true;
      entry->hashes.insert(sealed->hash);
      entry->session = sealed->session;
    } else {
      store_.sent_reports.emplace(sealed->hash, store_.reports.front());
      store_.reports.pop_front();
    }
    wire_sizes.push_back(sealed->wire.size());
    note(sealed->events);
    store_.wires.push_back(std::move(sealed->wire));
    commit();
    if (crash()) crashed_ = true;
    return true;
  }

  void note(const std::vector<Event>& fresh) {
    for (const Event& event : fresh) {
      events.push_back(event);
      if (event.kind != Event::Kind::resend) continue;
      resend(event);
    }
  }

  void resend(const Event& event) {
    if (const auto report = store_.sent_reports.extract(event.message))
      store_.reports.push_back(report.mapped());
    const auto found = std::ranges::find_if(
        store_.outbox, [&](const auto& each) { return each.second.hashes.contains(event.message); });
    if (found == store_.outbox.end()) return;
    found->second.sent = false;
  }

  void add(ByteView content, std::uint64_t seq) {
    ContentFacts facts{
        .conversation = peer_.account, .message_id = random_.array<16>(), .sender_seq = seq, .sent = now};
    const auto conversation = direct_conversation(self_.account, peer_.account);
    store_.outbox[seq] = {sign_content(self_.local(), conversation, facts, content), false, {}, {}};
    store_.last_seq = seq;
  }

  bool outcome(SessionError error) {
    ++refusals[error];
    return error != SessionError::rate_limited;
  }

  bool unreadable(SessionError error, ByteView wire) {
    tell(report_of(error, wire));
    commit();
    return outcome(error);
  }

  void tell(const std::optional<ErrorReport>& unread) {
    const auto report = unread ? state_.report(*unread, now) : std::nullopt;
    if (report) store_.reports.push_back(*report);
  }

  bool finish(Result<Received, Refused> result, const CrashPoint& crash) {
    if (crash()) {
      crashed_ = true;
      return false;
    }
    if (!result) {
      tell(result.error().report);
      commit();
      return outcome(result.error().error);
    }
    if (result->content) {
      auto verified = std::move(*result->content).verify_direct(self_.account);
      EXPECT_TRUE(verified);
      if (verified && store_.seen.insert(verified->facts.sender_seq)) {
        store_.inbox.insert(std::string(as_chars(verified->content)));
      }
    }
    note(result->events);
    commit();
    if (!crash()) return true;
    crashed_ = true;
    return false;
  }

  TestDevice& self_;
  TestDevice& peer_;
  crypto::RandomSource& random_;
  PeerState state_;
  Store store_;
  bool crashed_ = false;
};

/// Two devices and the prekeys both have published. Random: a source made from a seed.
template <typename Random>
struct TwoPartiesOf {
  explicit TwoPartiesOf(std::uint64_t seed, std::uint32_t pairs = 4)
      : random(seed), alice_device(1, random), bob_device(2, random) {
    alice_device.publish(kStart, random, pairs);
    bob_device.publish(kStart, random, pairs);
    alice.emplace(alice_device, bob_device, random);
    bob.emplace(bob_device, alice_device, random);
  }
  void at(UnixMs now) { alice->now = bob->now = now; }
  /// Carries everything both ways, in order and without loss, until nothing moves.
  void settle() {
    for (int round = 0; round < 50; ++round) {
      alice->flush();
      bob->flush();
      auto to_bob = alice->take_wires();
      auto to_alice = bob->take_wires();
      if (to_bob.empty() && to_alice.empty()) return;
      for (const Bytes& wire : to_bob) bob->deliver(wire);
      for (const Bytes& wire : to_alice) alice->deliver(wire);
    }
    ADD_FAILURE() << "the two never come to rest";
  }
  /// `count` messages each way, alternating.
  void chat(int count) {
    for (int i = 0; i < count; ++i) {
      alice->write("a");
      settle();
      bob->write("b");
      settle();
    }
  }

  Random random;
  TestDevice alice_device;
  TestDevice bob_device;
  std::optional<Party> alice;
  std::optional<Party> bob;
};

using TwoParties = TwoPartiesOf<crypto::DeterministicRandom>;

}  // namespace sotto::session::testing
