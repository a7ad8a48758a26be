// libolm as a yardstick: two parties in one process, sessions kept as objects (no pickling), messages in
// base64 as its API makes them.
#pragma once

#include <cstddef>
#include <memory>

#include "bytes/bytes.h"

namespace sotto::bench {

class OlmPeer {
 public:
  /// Two parties in an established session in which both sides were heard. Aborts when the library fails.
  OlmPeer();
  OlmPeer(const OlmPeer&) = delete;
  OlmPeer& operator=(const OlmPeer&) = delete;
  ~OlmPeer();

  /// Alice encrypts and Bob decrypts; no ratchet turn.
  void one_way(ByteView payload);
  /// One message whose sender is the receiver of the one before, so that every message turns the ratchet.
  void alternate(ByteView payload);

  /// libolm keeps at most 100 one-time keys per account and drops the oldest beyond that.
  static constexpr std::size_t kMaxPreparedEstablishments = 100;
  /// Fresh signed one-time keys of Bob, for that many calls of establish().
  /// Precondition: count <= kMaxPreparedEstablishments.
  void prepare_establishments(std::size_t count);
  /// A verifies the signature of a one-time key (as every Matrix client does) and starts a session with a
  /// first message; B accepts it.
  void establish(ByteView payload);

  /// Wire octets (base64) of one message with this payload in the heard session.
  std::size_t wire_size(ByteView payload);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sotto::bench
