// How a mailbox lies in the store: names, keys and values. docs/specs/relay.md 2 has the octets.
#pragma once

#include <optional>
#include <utility>

#include "relay/types.h"
#include "storage/partition.h"

namespace sotto::relay {

/// Running sums over everything a mailbox ever took.
struct Totals {
  std::uint64_t envelopes = 0;
  std::uint64_t octets = 0;

  friend bool operator==(const Totals&, const Totals&) = default;
};

/// A place in a mailbox together with the sums up to and including it: the difference of two is what lies
/// between them, so nothing needs counting.
struct Point {
  Sequence sequence;
  Totals totals;

  friend bool operator==(const Point&, const Point&) = default;
};

/// What is known of a mailbox without reading its envelopes.
struct Checkpoint {
  Point acknowledged;             ///< everything up to here is gone
  Point last;                     ///< envelopes beyond it exist only if they were added later
  std::uint32_t indexed_day = 0;  ///< the last day that the expiry index names this mailbox for

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// An envelope's value in the store.
struct EnvelopeRecord {
  UnixMs received;
  Totals totals;  ///< up to and including this one
  ByteView payload;
  ByteView shared_body;
  Origin origin = Origin::device;

  [[nodiscard]] std::uint64_t octets() const { return payload.size() + shared_body.size(); }
  /// The point before this envelope.
  [[nodiscard]] Point before(Sequence sequence) const {
    return {{sequence.value - 1}, {totals.envelopes - 1, totals.octets - octets()}};
  }
};

storage::Partition mailbox_partition(const DeviceAddress& device);
Bytes envelope_key(Sequence sequence);
Bytes checkpoint_key();
/// nullopt unless it is an envelope's key.
std::optional<Sequence> parse_envelope_key(ByteView key);

Bytes encode(const EnvelopeRecord& record);
Bytes encode(const Checkpoint& checkpoint);
/// The record's views point into `value`. Fails with corrupt.
RelayResult<EnvelopeRecord> decode_envelope(ByteView value);
RelayResult<Checkpoint> decode_checkpoint(ByteView value);

/// Days since 1970, the unit of the expiry index.
std::uint32_t day_of(UnixMs time);
/// The one partition that lists, by day, which mailboxes took envelopes.
storage::Partition expiry_partition();
Bytes expiry_key(std::uint32_t day, const DeviceAddress& device);
/// Every key of days before `day` is below this one.
Bytes expiry_bound(std::uint32_t day);
std::optional<std::pair<std::uint32_t, DeviceAddress>> parse_expiry_key(ByteView key);

}  // namespace sotto::relay
