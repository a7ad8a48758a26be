// What a server that does not keep to the protocol does to envelopes on their way to devices: everything that
// TLS rules out on the way, it does not rule out at its end.
#pragma once

#include <deque>

#include "bytes/bytes.h"
#include "dice.h"

namespace sotto::simulation {

class HostileRelay {
 public:
  explicit HostileRelay(Dice dice) : dice_(std::move(dice)) {}

  /// A ServerFrame as it leaves. Of pushed envelopes some are withheld for ever, flipped, cut short,
  /// repeated, exchanged with their neighbour, or joined by an old one, of this mailbox or another.
  Bytes pass(ByteView frame);
  /// What is read of a blob: some are flipped somewhere.
  void alter_body(std::string& body);

 private:
  void alter(std::string& payload);

  Dice dice_;
  std::deque<std::string> seen_;
};

}  // namespace sotto::simulation
