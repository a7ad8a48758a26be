// Follows one log over a connection to its server: what to ask next, what to keep, when to cosign, when to
// raise the alarm (docs/specs/transparency.md 7). Synchronous: events in, effects out. Sockets, files and
// clocks are its owner's.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "audit/history_tree.h"
#include "audit/limits.h"
#include "audit/pinned_log.h"
#include "crypto/random.h"
#include "transparency/auditor.h"

namespace sotto::v1 {
class ClientFrame;
class ConsistencyAnswer;
class EntriesAnswer;
class Error;
class MutationsAnswer;
class ServerFrame;
class TreeHeadAnswer;
}  // namespace sotto::v1

namespace sotto::audit {

struct FollowerOptions {
  DurationMs poll_interval = kPollInterval;
  /// Signs heads that were found right; null: they are only checked. Must outlive the follower.
  const crypto::HybridPrivateKey* witness = nullptr;
};

/// Where a follower starts: all empty at the first contact, else what was restored (restore.h).
struct FollowerStart {
  std::optional<PinnedLog> pinned;
  std::optional<transparency::Auditor> auditor;       ///< with `pinned`
  std::optional<transparency::SignedTreeHead> known;  ///< the newest head found right
};

/// What the owner has to do, in this order. What is kept has to be durable before anything after it is done:
/// so no signature leaves for a head that a crash could make us forget. If something cannot be kept, the
/// owner stops; a new start goes on from what was kept.
struct Effects {
  std::optional<PinnedLog> pin;                      ///< keep it
  Bytes history;                                     ///< append it
  std::optional<Bytes> snapshot;                     ///< replace the last one
  std::optional<transparency::SignedTreeHead> head;  ///< replace the last one; then it may be served
  std::optional<Finding> finding;                    ///< keep it, raise the alarm; the follower is finished
  std::vector<Bytes> frames;                         ///< send them
  std::vector<std::string> notices;                  ///< for whoever runs the auditor; may quote the server
  std::optional<AuditError> disconnect;              ///< end the connection for this reason
};

/// For metrics and for people.
struct FollowerStatus {
  bool greeted = false;        ///< connected, and the server is the right one
  bool caught_up = false;      ///< on this connection a head was found right and nothing is left to do
  std::uint64_t followed = 0;  ///< entries
  std::uint64_t leaves = 0;    ///< keys of the map
  std::uint64_t target = 0;    ///< entries of the head that is being followed to; 0: none
  std::uint64_t heads = 0;     ///< found right since the start
  std::uint64_t cosignatures_taken = 0;  ///< by the server
  std::uint64_t cosignatures_refused = 0;
};

class Follower {
 public:
  /// `leaves` reads the history that the effects told to keep; called only for heads smaller than what was
  /// followed.
  Follower(FollowerStart start, FollowerOptions options, LeafReader leaves, crypto::RandomSource& random);

  /// A connection is open; `tls_key`: what its server showed, none without TLS.
  Effects connected(const std::optional<identity::SpkiHash>& tls_key, UnixMs now);
  Effects receive(ByteView message, UnixMs now);
  void disconnected();
  Effects tick(UnixMs now);
  /// When tick() has something to do at the earliest.
  [[nodiscard]] std::optional<UnixMs> next_tick() const;

  /// For an orderly end. Empty before the first contact and after a finding.
  [[nodiscard]] std::optional<Bytes> snapshot();
  [[nodiscard]] FollowerStatus status() const;
  [[nodiscard]] const std::optional<PinnedLog>& pinned() const { return pinned_; }
  [[nodiscard]] const std::optional<transparency::SignedTreeHead>& known() const { return known_; }
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  enum class Phase : std::uint8_t { offline, greeting, watching };
  enum class Kind : std::uint8_t { hello, head, path, entries, mutations, cosignature };
  struct Request {
    Kind kind;
    std::uint64_t epoch = 0;  ///< of a list
  };
  /// An entry of which the list is not complete yet.
  struct Pending {
    transparency::Entry entry;
    std::vector<transparency::Mutation> mutations;
    std::uint32_t page = 0;  ///< to be asked for next
    bool asked = false;
    bool complete = false;
  };

  void send(Kind kind, v1::ClientFrame frame, Effects& effects, UnixMs now, std::uint64_t epoch = 0);
  void fail(AuditError error, Effects& effects);
  void answer(const Request& request, const v1::ServerFrame& frame, Effects& effects, UnixMs now);
  void on_welcome(const v1::ServerFrame& frame, Effects& effects, UnixMs now);
  void on_head(const v1::TreeHeadAnswer& answer, Effects& effects, UnixMs now);
  void on_path(const v1::ConsistencyAnswer& answer, Effects& effects, UnixMs now);
  void on_entries(const v1::EntriesAnswer& answer, Effects& effects, UnixMs now);
  void on_mutations(std::uint64_t epoch, const v1::MutationsAnswer& answer, Effects& effects, UnixMs now);
  void pause(DurationMs length, UnixMs now);
  void on_error(const Request& request, const v1::Error& error, Effects& effects, UnixMs now);
  /// Everything that can be done with what is there; then asks for what is missing.
  void advance(Effects& effects, UnixMs now);
  bool follow_next(Effects& effects, UnixMs now);
  bool keeps_promise(Effects& effects, UnixMs now);
  void admit_target(Effects& effects, UnixMs now);
  void ask(Effects& effects, UnixMs now);
  void ask_for_lists(Effects& effects, UnixMs now);
  [[nodiscard]] bool is_asking(Kind kind) const;
  void take_snapshot(Effects& effects);
  Finding found(FindingKind kind, transparency::TransparencyError rule, UnixMs now) const;
  void finish(Finding finding, Effects& effects);

  FollowerOptions options_;
  LeafReader leaves_;
  crypto::RandomSource& random_;
  std::optional<PinnedLog> pinned_;
  std::optional<transparency::Auditor> auditor_;
  std::optional<transparency::SignedTreeHead> known_;
  bool finished_ = false;

  // of one connection
  Phase phase_ = Phase::offline;
  std::optional<identity::SpkiHash> tls_key_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Request> in_flight_;
  UnixMs heard_;   ///< or asked, when nothing was in flight
  UnixMs paused_;  ///< when, and for how long from then
  DurationMs pause_;
  std::optional<UnixMs> polled_;
  std::optional<transparency::SignedTreeHead> target_;  ///< verified; followed to
  std::optional<crypto::MerklePath> doubtful_;  ///< from known_ to target_: fails and proves nothing yet
  std::deque<Pending> queue_;                   ///< entries from auditor_->size() on
  std::optional<transparency::SignedTreeHead> to_submit_;
  bool submitting_ = true;    ///< until the server refuses
  bool resubmitted_ = false;  ///< the cosignature made on an earlier connection
  bool found_right_ = false;  ///< a head, on this connection

  std::size_t history_since_snapshot_ = 0;
  std::size_t snapshot_octets_ = 0;
  FollowerStatus counts_;
};

}  // namespace sotto::audit
