#include "session_bench/sp1_pair.h"

#include <utility>

#include "result/check.h"

namespace sotto::bench {
namespace {

template <typename T, typename E>
T must(Result<T, E> result) {
  SOTTO_CHECK(result.has_value());
  return std::move(*result);
}

crypto::Fingerprint random_fingerprint(crypto::RandomSource& random) {
  return crypto::Fingerprint::from_octets(random.array<crypto::Fingerprint::kSize>());
}

}  // namespace

Sp1Device::Sp1Device(crypto::RandomSource& random)
    : account_(random.array<session::AccountId::kSize>()),
      device_(random.array<session::DeviceId::kSize>()),
      key_(crypto::HybridPrivateKey::generate(random)),
      account_key_(random_fingerprint(random)) {}

Sp1Pair::Sp1Pair(const Sp1Device& alice, const Sp1Device& bob, crypto::RandomSource& random)
    : random_(random),
      alice_{.device = alice, .peer = bob.as_peer(), .state = session::PeerState(bob.as_peer().identity())},
      bob_{.device = bob, .peer = alice.as_peer(), .state = session::PeerState(alice.as_peer().identity())} {
  constexpr std::string_view kFirst = "first";
  const auto content = sign_for_bob(as_bytes(kFirst));
  prepare_establishments(1);
  establish(content);
  // One-time starts reach their first PQ epoch within some 20 messages; 100 would be a defect.
  for (int i = 0; i < 100 && (pq_epochs() == 0 || !bob_is_next_); ++i) alternate(content);
  SOTTO_CHECK(pq_epochs() == 1);
  for (int i = 0; i < 2; ++i) alternate(content);
}

session::SignedContent Sp1Pair::sign_for_bob(ByteView content) {
  const auto local = alice_.device.local();
  const session::ContentFacts facts = {.conversation = bob_.device.account(),
                                       .message_id = random_.array<16>(),
                                       .sender_seq = ++sender_seq_,
                                       .sent = UnixMs{now_ms_}};
  return session::sign_content(local, session::direct_conversation(local.account, bob_.device.account()),
                               facts, content);
}

std::size_t Sp1Pair::one_way(const session::SignedContent& content) { return deliver(alice_, bob_, content); }

void Sp1Pair::one_way_signed(ByteView content) {
  const session::Sealed sealed = seal(alice_, sign_for_bob(content));
  session::Received received = receive(bob_, sealed.wire);
  SOTTO_CHECK(received.content.has_value());
  const auto verified = must(std::move(*received.content).verify_direct(bob_.device.account()));
  SOTTO_CHECK(verified.content.size() == content.size());
}

void Sp1Pair::seal_only(const session::SignedContent& content) { (void)seal(alice_, content); }

std::size_t Sp1Pair::alternate(const session::SignedContent& content) {
  const std::size_t size = bob_is_next_ ? deliver(bob_, alice_, content) : deliver(alice_, bob_, content);
  bob_is_next_ = !bob_is_next_;
  return size;
}

std::size_t Sp1Pair::deliver(Side& from, Side& to, const session::SignedContent& content) {
  const session::Sealed sealed = seal(from, content);
  const session::Received received = receive(to, sealed.wire);
  SOTTO_CHECK(received.content.has_value());
  return sealed.wire.size();
}

session::Sealed Sp1Pair::seal(Side& from, const session::SignedContent& content) {
  const session::Outgoing outgoing = {.content = &content, .gossip = {}, .error = {}};
  auto sealed = must(from.state.seal(from.device.local(), from.peer, outgoing, now(), random_));
  persist(from);
  count(sealed.events);
  return sealed;
}

session::Received Sp1Pair::receive(Side& to, ByteView wire) {
  must(session::peek(wire));
  auto received = to.state.receive(to.device.local(), to.peer, wire, now(), random_);
  SOTTO_CHECK(received.has_value());
  persist(to);
  count(received->events);
  return std::move(*received);
}

void Sp1Pair::persist(Side& side) {
  if (take_records_) (void)side.state.take_changes();
}

void Sp1Pair::count(const std::vector<session::Event>& events) {
  for (const session::Event& event : events) {
    if (event.kind == session::Event::Kind::pq_epoch) ++pq_epoch_events_;
  }
}

void Sp1Pair::prepare_establishments(std::size_t count) {
  ring_ = session::PrekeyRing();
  upload_ = ring_.generate(bob_.device.local(), now(), random_, static_cast<std::uint32_t>(count));
  std::vector<crypto::MerkleHash> leaves;
  for (std::uint32_t i = 0; i < upload_.pairs.size(); ++i) {
    leaves.push_back(session::pair_leaf(i, {.ec = upload_.pairs[i].ec, .kem = upload_.pairs[i].kem}));
  }
  paths_.clear();
  for (std::uint32_t i = 0; i < leaves.size(); ++i) paths_.push_back(crypto::merkle_path(leaves, i));
  next_pair_ = 0;
}

session::VerifiedBundle Sp1Pair::verify_bundle(std::uint32_t index) {
  session::OneTimePart part = {
      .index = index, .ec = upload_.pairs[index].ec, .kem = upload_.pairs[index].kem, .path = {}};
  for (const crypto::MerkleHash& node : paths_[index]) part.path.emplace_back(node);
  const auto batch = must(session::verify_batch(upload_.m, upload_.signature, upload_.last_resort_kem,
                                                alice_.peer, std::nullopt, now()));
  return must(batch.with_one_time(part, now()));
}

std::size_t Sp1Pair::establish(const session::SignedContent& content) {
  SOTTO_CHECK(next_pair_ < upload_.pairs.size());
  alice_.state = session::PeerState(alice_.peer.identity());
  bob_.state = session::PeerState(bob_.peer.identity());
  must(alice_.state.start_session(alice_.device.local(), alice_.peer, verify_bundle(next_pair_++),
                                  session::Gossip{}, now(), random_));
  const session::Sealed first = seal(alice_, content);
  must(session::peek(first.wire));
  const auto opened = must(session::open_init(bob_.device.local(), ring_, first.wire));
  auto accepted = bob_.state.accept_init(bob_.device.local(), bob_.peer, opened, now(), random_);
  SOTTO_CHECK(accepted.has_value() && accepted->received.content.has_value());
  persist(bob_);
  count(accepted->received.events);
  ring_.consume(accepted->use);
  (void)ring_.encode();
  bob_is_next_ = true;
  return first.wire.size();
}

}  // namespace sotto::bench
