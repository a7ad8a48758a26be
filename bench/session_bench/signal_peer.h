// libsignal-protocol-c as a yardstick: two parties in one process, their stores in memory, its crypto
// callbacks over our OpenSSL (Curve25519 is its own code). Its API loads and stores the session record in
// every call, so that work is part of every figure.
#pragma once

#include <cstddef>
#include <memory>

#include "bytes/bytes.h"
#include "session_bench/signal_crypto.h"

namespace sotto::bench {

class SignalPeer {
 public:
  /// Two parties in an established session in which both sides were heard. Aborts when the library fails.
  explicit SignalPeer(SignalAdapter adapter);
  SignalPeer(const SignalPeer&) = delete;
  SignalPeer& operator=(const SignalPeer&) = delete;
  ~SignalPeer();

  /// Alice encrypts and Bob decrypts; no ratchet turn.
  void one_way(ByteView payload);
  /// One message whose sender is the receiver of the one before, so that every message turns the ratchet.
  void alternate(ByteView payload);

  /// Fresh one-time prekeys of Bob with their bundles, for that many calls of establish().
  void prepare_establishments(std::size_t count);
  /// A verifies a bundle and starts a session with a first message; B accepts it.
  void establish(ByteView payload);

  /// Wire octets of one message with this payload in the heard session.
  std::size_t wire_size(ByteView payload);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sotto::bench
