// One device's mailbox: where it begins and ends, what it may still take, and the batches that change it.
// Owns the arithmetic of sequences, totals and checkpoints. Not its concern: when batches are committed, who
// is connected, what was pushed (delivery.h).
//
// What is assigned runs ahead of what is durable while batches are in flight; both are behind nothing that
// was acknowledged. The owner MUST commit the batches in the order they were planned and report each
// completion.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "relay/limits.h"
#include "relay/record.h"
#include "storage/store.h"

namespace sotto::relay {

/// An envelope with its totals, as it lies in the mailbox.
struct Stored {
  Envelope envelope;
  Totals totals;

  [[nodiscard]] Point point() const { return {envelope.sequence, totals}; }
  [[nodiscard]] std::size_t octets() const { return envelope.payload.size() + envelope.shared_body.size(); }
};

/// Some envelopes of a mailbox, in order.
struct StoredPage {
  std::vector<Stored> envelopes;
  bool more = false;
};

class Mailbox {
 public:
  /// Reads the checkpoint and what was added after it; not the backlog.
  static RelayResult<Mailbox> load(storage::Store& store, const DeviceAddress& address);

  /// A batch that adds envelopes, ready to commit.
  struct Append {
    storage::Batch batch;
    Point end;                        ///< of the last envelope in it
    bool checkpoint = false;          ///< the batch also writes a checkpoint
    std::uint32_t accepted = 0;       ///< how many of the list are in it; 0: do not commit
    Refusal refusal = Refusal::none;  ///< why the next one is not
  };
  /// What is to be added.
  struct Content {
    std::span<const ByteView> envelopes;
    ByteView shared_body;
    Origin origin = Origin::device;
  };
  [[nodiscard]] Append plan_append(const Content& content, UnixMs now, const Limits& limits) const;
  /// The store took the batch.
  void append_queued(const Append& append);
  /// The batch is durable, or failed. Completions arrive in the order of the batches.
  void append_done(Point end, bool durable);

  /// Everything up to the point is no longer wanted.
  void advance_to(const Point& point);
  /// Everything ever assigned is no longer wanted: the device is gone.
  void empty() { advance_to(assigned_); }
  /// Makes advances durable and frees their space; nullopt when nothing is to be done.
  [[nodiscard]] std::optional<storage::Batch> plan_trim() const;
  /// The store took the batch of plan_trim().
  void trim_queued() { trimmed_ = acknowledged_; }
  /// The batch of plan_trim() failed: it will be planned again.
  void trim_failed() { trimmed_ = {}; }
  [[nodiscard]] bool trim_wanted() const { return trimmed_.sequence < acknowledged_.sequence; }
  /// What advanced and is not yet in a trim.
  [[nodiscard]] Totals untrimmed() const;

  /// Durable envelopes after a point, at least one if there are any.
  RelayResult<StoredPage> read_after(storage::Store& store, Sequence after, storage::ScanLimits limits) const;
  /// The point of the last envelope at or below `sequence`, which must not exceed durable().
  RelayResult<Point> point_at(storage::Store& store, Sequence sequence) const;
  /// Advances over envelopes received at or before `horizon`, looking at kMaxExpiryScan at most.
  RelayResult<void> expire(storage::Store& store, UnixMs horizon);

  [[nodiscard]] const DeviceAddress& address() const { return address_; }
  [[nodiscard]] const Point& acknowledged() const { return acknowledged_; }
  [[nodiscard]] const Point& durable() const { return durable_; }
  /// Held now, batches in flight included.
  [[nodiscard]] Totals held() const;
  [[nodiscard]] std::uint32_t indexed_day() const { return indexed_day_; }
  void set_indexed_day(std::uint32_t day);

 private:
  explicit Mailbox(const DeviceAddress& address) : address_(address) {}
  void add_checkpoint(storage::Batch& batch, const Point& last) const;

  DeviceAddress address_;
  Point acknowledged_;
  Point durable_;
  Point assigned_;
  Point checkpointed_;
  Point trimmed_;
  std::uint32_t appends_in_flight_ = 0;
  std::uint32_t indexed_day_ = 0;
  bool checkpoint_wanted_ = false;
};

}  // namespace sotto::relay
