// The relay: a mailbox for each device. Takes envelopes, makes them durable, says so, pushes them to the
// connected device in order until it acknowledges them. docs/specs/relay.md.
//
// Synchronous and for one thread: its owner hands in calls, the store's completions, ticks and the end of
// each turn, and gets effects through Output. Not its concern: who may submit, rate limits, who is in an
// account (the caller brings the current manifest), frames, what an envelope says.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <unordered_map>
#include <variant>
#include <vector>

#include "relay/mailbox_cache.h"
#include "relay/types.h"
#include "storage/store.h"

namespace sotto::relay {

/// What the relay wants done. Called from inside the relay's functions; must not call back into it.
class Output {
 public:
  virtual ~Output() = default;
  /// Comes once for each submission: at once if nothing had to be written, otherwise with the last
  /// completion.
  virtual void submitted(SubmissionId id, std::vector<TargetResult> results) = 0;
  /// For an attached device, in order. The span is valid during the call.
  virtual void deliver(const DeviceAddress& device, std::span<const Envelope> envelopes) = 0;
};

class Relay {
 public:
  /// `store` and `output` must outlive the relay. Tickets of its commits count from 1: a store that is shared
  /// needs someone between who tells completions apart.
  Relay(storage::Store& store, const Limits& limits, Output& output);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Accepts for each device a prefix of its envelopes. Accepted is durable when the result says so. Lists of
  /// other devices are not held up by one that is refused.
  void submit(SubmissionId id, std::span<const Target> targets, UnixMs now);

  /// The device is connected: everything that is not acknowledged will be pushed, from the first. A device
  /// that is attached already starts anew. The status is what waits for it.
  RelayResult<MailboxStatus> attach(const DeviceAddress& device, UnixMs now);
  /// The device is no longer connected. Without effect if it is not attached.
  void detach(const DeviceAddress& device);
  /// Everything up to `sequence` may be deleted. Larger than anything ever stored counts as everything
  /// stored. Without effect if the device is not attached.
  void acknowledge(const DeviceAddress& device, Sequence sequence);
  /// The device left its account: detaches it and deletes what waits for it.
  RelayResult<void> remove(const DeviceAddress& device);
  RelayResult<MailboxStatus> status(const DeviceAddress& device);

  /// One completion of a commit that the relay made.
  void on_completion(const storage::Completion& completion);
  /// Pushes what is due. True when more is due than one turn may read: call again soon.
  bool turn_end();
  /// About once a second: makes acknowledgements durable, expires old envelopes, retries what failed.
  void tick(UnixMs now);
  /// Commits all acknowledgements that are not durable yet, as far as the store takes them: before a
  /// shutdown.
  void flush();

  [[nodiscard]] RelayCounts counts() const;
  /// Submissions that are not answered.
  [[nodiscard]] std::size_t pending_submissions() const { return submissions_.size(); }

 private:
  struct Submission {
    SubmissionId id;
    std::vector<TargetResult> results;
    std::size_t outstanding = 0;
  };
  struct AppendInFlight {
    Box* box;
    Point end;
    std::vector<Stored> kept;  ///< for the push, when the device is connected and caught up
    Submission* submission;
    std::size_t target;
    std::size_t device;
    std::uint32_t accepted;
  };
  struct TrimInFlight {
    Box* box;
  };
  struct IndexInFlight {
    Box* box;  ///< null: an entry was erased
  };
  using InFlight = std::variant<AppendInFlight, TrimInFlight, IndexInFlight>;

  void submit_target(Submission& submission, const Target& target, UnixMs now);
  DeviceResult submit_device(Submission& submission, const Target& target, std::size_t device, UnixMs now);
  DeviceResult append(PinnedBox box, Submission& submission, const Target& target, std::size_t device,
                      UnixMs now);
  void finish_if_done(Submission& submission);
  DeviceResult refusal(std::uint32_t accepted, Refusal reason);

  /// If the store takes the batch, the caller pins the box in `what` until the completion.
  storage::StorageResult<void> commit(storage::Batch batch, InFlight what);
  void complete(AppendInFlight& append, bool durable);
  void complete(TrimInFlight& trim, bool durable);
  void complete(IndexInFlight& index, bool durable);

  void advance(Box& box, const Point& point);
  void index_day(Box& box, UnixMs now);
  /// True when something was dropped, and more may be to drop.
  RelayResult<bool> expire(Box& box, UnixMs now);
  void sweep_expired(UnixMs now);
  void schedule_delivery(Box& box);
  void schedule_trim(Box& box);
  bool commit_trim(Box& box);
  void commit_trims(std::size_t max);
  std::size_t deliver(Box& box, std::size_t max_pages);
  RelayResult<MailboxStatus> status_of(const Box& box);

  storage::Store& store_;
  Limits limits_;
  Output& output_;
  MailboxCache mailboxes_;
  std::unordered_map<std::uint64_t, InFlight> in_flight_;  ///< by ticket
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<Submission*, std::unique_ptr<Submission>> submissions_;
  std::vector<Box*> delivery_due_;  ///< pinned
  std::deque<Box*> trim_due_;       ///< pinned
  Bytes sweep_cursor_;              ///< the expiry index is swept from here on
  std::size_t attached_ = 0;
  RelayCounts counts_;
};

}  // namespace sotto::relay
