// From an envelope to verified content: which session, which device, decrypt (docs/specs/session-protocol.md
// 4, 7).
#pragma once

#include "client/core/work.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::client {

/// An envelope: views of what brought it.
struct Arrived {
  ByteView payload;
  ByteView shared_body;  ///< what many devices got beside theirs; empty: nothing
};

/// Whether an envelope may wait for a manifest to be fetched.
enum class Resolution : std::uint8_t {
  may_hold,
  final,  ///< the newest manifest was just fetched: what it does not explain is dropped
};

/// A push of the server: everything in it is taken in, and acknowledged after the commit.
void on_deliver(Work& work, const v1::Deliver& deliver);

/// Hourly: tells who may have sent them of envelopes that could not be read, as far as limits forbade it
/// before.
void report_again(Work& work);

void receive_envelope(Work& work, const Arrived& arrived, Resolution resolution);

}  // namespace sotto::client
