// Our side of the comparison: two devices and an SP/1 session between them, driven through the session
// module's public interface exactly as its contract asks: after every call the changed records are taken
// (serialised for the store); what would be written goes nowhere.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/random.h"
#include "session/content_signature.h"
#include "session/peer_state.h"
#include "session/prekey_batch.h"
#include "session/prekey_ring.h"

namespace sotto::bench {

/// A device with its keys.
class Sp1Device {
 public:
  explicit Sp1Device(crypto::RandomSource& random);

  [[nodiscard]] session::LocalDevice local() const { return {account_, device_, account_key_, key_}; }
  [[nodiscard]] session::PeerDevice as_peer() const {
    return {account_, device_, account_key_, key_.public_key()};
  }
  [[nodiscard]] const session::AccountId& account() const { return account_; }

 private:
  session::AccountId account_;
  session::DeviceId device_;
  crypto::HybridPrivateKey key_;
  crypto::Fingerprint account_key_;
};

class Sp1Pair {
 public:
  /// A session from alice to bob in which both were heard and a PQ epoch was confirmed, so that Alice's next
  /// messages carry no PQ step until Bob proposes one. Borrows the devices. Aborts on any error.
  Sp1Pair(const Sp1Device& alice, const Sp1Device& bob, crypto::RandomSource& random);

  /// Content of Alice to Bob with its signature, to be sent as often as wanted.
  [[nodiscard]] session::SignedContent sign_for_bob(ByteView content);

  /// Alice seals and Bob receives; nobody signs or verifies content. Wire octets.
  std::size_t one_way(const session::SignedContent& content);
  /// The same with the signature made before and verified after.
  void one_way_signed(ByteView content);
  /// Alice seals; Bob never sees it.
  void seal_only(const session::SignedContent& content);
  /// One message whose sender is the receiver of the one before. Wire octets.
  std::size_t alternate(const session::SignedContent& content);
  /// Whether changed records are serialised after every call, as the contract asks (at first: yes).
  void take_records(bool taken) { take_records_ = taken; }

  /// PQ epochs that Alice and Bob began to send under, since the start; each is counted once.
  [[nodiscard]] std::size_t pq_epochs() const { return pq_epoch_events_ / 2; }

  /// Fresh one-time pairs of Bob for that many calls of establish(). Precondition: count <= kMaxOneTimePairs.
  void prepare_establishments(std::size_t count);
  /// Alice verifies a bundle and starts a session with a first message; Bob opens and accepts it, and
  /// destroys the one-time pair. Replaces the session of this pair. Wire octets of the first message.
  std::size_t establish(const session::SignedContent& content);

 private:
  struct Side {
    const Sp1Device& device;
    session::PeerDevice peer;
    session::PeerState state;
  };

  session::Sealed seal(Side& from, const session::SignedContent& content);
  session::Received receive(Side& to, ByteView wire);
  std::size_t deliver(Side& from, Side& to, const session::SignedContent& content);
  session::VerifiedBundle verify_bundle(std::uint32_t index);
  void persist(Side& side);
  void count(const std::vector<session::Event>& events);
  UnixMs now() { return UnixMs{++now_ms_}; }

  crypto::RandomSource& random_;
  std::uint64_t now_ms_ = 1'700'000'000'000;
  Side alice_;
  Side bob_;
  session::PrekeyRing ring_;
  session::PrekeyUpload upload_;
  std::vector<std::vector<crypto::MerkleHash>> paths_;
  std::uint32_t next_pair_ = 0;
  bool bob_is_next_ = true;
  std::uint64_t sender_seq_ = 0;
  std::size_t pq_epoch_events_ = 0;
  bool take_records_ = true;
};

}  // namespace sotto::bench
