// The floor of SP/1: the cryptographic primitives that one operation cannot do without, called one after
// another through the crypto module, and nothing else: no parsing, no protobuf, no state, no copies. The
// distance between a session figure and its floor is what the session layer adds. Counted from
// docs/specs/session-protocol.md 4-7.
#pragma once

#include <cstddef>
#include <memory>

#include "bytes/bytes.h"

namespace sotto::bench {

class Floor {
 public:
  /// `body_size`: octets of the padded inner payload (what AES-CTR runs over). `content_size`: what is
  /// signed.
  Floor(std::size_t body_size, std::size_t content_size);
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;
  ~Floor();

  /// Encrypt and decrypt: both sides step both chains (4 HMACs each), derive the message keys (3 HMACs each),
  /// run AES-CTR and HMAC over the message and note H(wire); the sender draws the salt.
  void message();
  /// The sender's half of message().
  void seal();
  /// The sender's part of a content signature: H(content) and ECDSA.
  void sign();
  /// message() and one content signature, made and verified.
  void signed_message();
  /// message() and one turn of the EC ratchet: the sender makes a key, both do ECDH and three HMACs; the
  /// sender signs the key, the receiver decodes it and verifies.
  void ratchet_message();
  /// What one PQ epoch adds to the messages that carry it: key generation, encapsulation, decapsulation,
  /// the key schedule of both sides, an ECDSA signature and verification for either step.
  void pq_epoch();
  /// One ML-DSA signature, made and verified: the first answer carries one, a later epoch in sixteen two.
  void ml_dsa();
  /// Bundle verification, INIT and its acceptance from stored private halves, with a one-time pair and hybrid
  /// signatures, and the embedded first message.
  void establishment();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sotto::bench
