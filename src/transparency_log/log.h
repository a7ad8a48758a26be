// The server's transparency log: turns what the directory changes into epochs, and answers with proofs.
// docs/specs/transparency.md 8.
//
// Synchronous and for one thread: its owner hands in submissions, the store's completions and ticks. Not its
// concern: who may change or look up what, rate limits, frames.
//
// How the directory calls it: it checks a request as before, then instead of committing its batches hands
// them in as the effects of a submission, beside the changes that the log is to show:
//
//   register          changes {"h:" || handle -> account}, {"a:" || account -> binding, version 1}
//                     effects the handle's claim, the account
//   publish manifest  changes {"a:" || account -> binding, version of the manifest}
//                     effects the account
//   add handle        changes {"h:" || handle -> account}
//                     effects the handle's claim, the account
//   remove handle     changes {"h:" || handle -> nothing}
//                     effects the account, the handle's hold
//   turn account off  changes {"a:" || account -> nothing, last version + 1}, {"h:" || handle -> nothing} of
//   each
//                     effects the account, the holds, what other modules keep about it
//
// Changes and effects become durable together or not at all. The reply comes when the effects are written, so
// whoever holds the account's lane until then sees its own writes. Everybody else sees them from the moment
// that the log shows the changes, through read(). Effects are plain writes without an expected version, and
// writing them twice must be harmless (after a crash they are written again). Until ready(), which recovery
// needs, nobody may read or write what effects may touch.
//
// How the server calls it: look_up() for LookUp, the readers for auditors; tick() when due() says so.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "crypto/hybrid_signature.h"
#include "crypto/random.h"
#include "crypto/vrf.h"
#include "storage/store.h"
#include "transparency/lookup.h"
#include "transparency_log/disk_map.h"
#include "transparency_log/error.h"
#include "transparency_log/limits.h"
#include "transparency_log/record.h"
#include "transparency_log/wave_writer.h"

namespace sotto::transparency_log {

using transparency::Hash;
using transparency::Label;

/// What the log is to say about a label from the next epoch on.
struct Change {
  Label label;
  Bytes value;                           ///< at most kMaxValue octets
  std::optional<std::uint64_t> version;  ///< the version this has to become; none: whichever comes next
};

/// Changes and writes that happen together.
struct Submission {
  std::vector<Change> changes;          ///< 1 to kMaxChanges, of different labels
  std::vector<storage::Batch> effects;  ///< at most kMaxEffects, of partitions that are not the log's
};

struct Options {
  DurationMs epoch_interval = seconds(1);
  /// An epoch is computed at once: 4096 changes take the thread about 40 ms at 10^6 labels.
  std::size_t max_mutations = 4096;
  /// Witnesses whose cosignatures are taken.
  std::vector<crypto::HybridPublicKey> witnesses;
};

class Log {
 public:
  /// Called once with the epoch that holds the changes, or why there is none. Errors: wrong_version,
  /// storage_unavailable, corrupt. Never called if the log dies before.
  using Reply = std::move_only_function<void(LogResult<std::uint64_t>)>;

  /// Reads the state and begins to write what recovery or a first epoch needs. Store,
  /// keys and random must outlive the log; nobody else may write its partitions ("ktlog", "ktm", "ktv").
  /// Tickets of its commits count from 1: a store that is shared needs someone between who tells completions
  /// apart. Errors: storage_unavailable, corrupt, wrong_keys.
  static LogResult<std::unique_ptr<Log>> open(storage::Store& store, const crypto::HybridPrivateKey& identity,
                                              const crypto::VrfPrivateKey& vrf, crypto::RandomSource& random,
                                              Options options, UnixMs now);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  /// Recovery is over and there is an epoch: the directory may work.
  [[nodiscard]] bool ready() const;

  /// An epoch is on its way: completions are to come.
  [[nodiscard]] bool busy() const { return phase_ != Phase::idle; }

  /// Takes a submission for one of the next epochs. An error here is given to the reply as well, at once.
  /// Errors: those of Reply, malformed, overloaded. Computes a VRF for each label that is new (0.2 ms).
  void submit(Submission submission, Reply reply);

  /// What the store holds under a key, or will hold when the newest epoch is wholly written: so nobody is
  /// shown less than the log shows. Only of keys that nothing but effects writes. Errors: those of
  /// Store::get.
  storage::StorageResult<std::optional<Bytes>> read(const storage::Partition& partition, ByteView key);
  /// Effects of the newest epoch on the partition are on their way to the store.
  [[nodiscard]] bool writes(const storage::Partition& partition) const;

  /// When tick() has something to do at the earliest; none while nothing waits but completions.
  [[nodiscard]] std::optional<UnixMs> due() const;
  /// Closes an epoch, repeats failed writes, signs the head anew.
  void tick(UnixMs now);
  /// From now on what waits gets an epoch at once: the server is about to stop.
  void hurry() { options_.epoch_interval = {}; }
  /// One completion of a commit that the log made; others are ignored.
  void on_completion(const storage::Completion& completion, UnixMs now);

  [[nodiscard]] const transparency::LogKeys& keys() const { return keys_; }
  /// Errors: not_ready.
  [[nodiscard]] LogResult<transparency::SignedTreeHead> head() const;
  /// The newest head that at least one witness cosigned. Errors: not_ready (there is none).
  [[nodiscard]] LogResult<transparency::SignedTreeHead> cosigned_head() const;
  /// Errors: bad_cosignature.
  LogResult<void> add_cosignature(const transparency::TreeHead& head,
                                  const transparency::Cosignature& cosignature);

  /// "h:" of a handle in normal form and, if somebody has it, "a:" of the account. `known_size`: what the
  /// asker named. Errors of all: not_ready, storage_unavailable, corrupt.
  LogResult<transparency::LookupAnswer> look_up_handle(std::string_view handle, std::uint64_t known_size);
  LogResult<transparency::LookupAnswer> look_up_account(const transparency::AccountId& account,
                                                        std::uint64_t known_size);

  /// Empty for equal sizes. Errors: out_of_range, storage_unavailable, corrupt.
  LogResult<crypto::MerklePath> consistency(std::uint64_t first_size, std::uint64_t second_size);
  /// Up to kMaxEntriesPage entries. Errors: out_of_range (beyond the newest), storage_unavailable, corrupt.
  LogResult<std::vector<transparency::Entry>> entries(std::uint64_t first_epoch);
  struct MutationPage {
    std::vector<transparency::Mutation> mutations;
    bool more = false;
  };
  /// Errors: as entries().
  LogResult<MutationPage> mutations(std::uint64_t epoch, std::uint32_t page);

  /// Epochs in the log.
  [[nodiscard]] std::uint64_t size() const { return peaks_.size(); }
  /// Changes that wait for an epoch.
  [[nodiscard]] std::size_t waiting() const { return waiting_changes_; }
  /// Why writing failed last, while it has not succeeded since: for the operator.
  [[nodiscard]] std::optional<storage::StorageError> stalled() const { return writer_.failure(); }

 private:
  /// A label on its way into an epoch.
  struct PreparedChange {
    LabelHash label{};
    crypto::VrfProof vrf{};
    transparency::MapKey key{};
    Bytes value;
    std::optional<std::uint64_t> wanted_version;
    std::optional<std::uint64_t> newest_version;  ///< none: has to be read when the epoch is closed
  };
  struct Waiting {
    std::vector<PreparedChange> changes;
    std::vector<storage::Batch> effects;
    std::size_t octets = 0;
    Reply reply;
  };
  /// An epoch between its computation and the end of its writing.
  struct Epoch {
    transparency::Entry entry;
    std::vector<transparency::Mutation> mutations;
    MapDelta map;
    Redo redo;
    std::map<storage::Partition, std::vector<const storage::Batch*>>
        effects;  ///< those of redo, once applying
    std::unordered_map<LabelHash, LabelRecord, OctetsHash> labels;
    crypto::MerklePeaks peaks;
    std::vector<std::pair<crypto::SubtreeId, Hash>> nodes;
    std::vector<Waiting> submissions;
    bool recovered = false;  ///< committed before a crash, written again after it
  };
  enum class Phase : std::uint8_t {
    idle,
    committing,  ///< before the commit point: the epoch is not visible
    applying,    ///< after it: visible, and what is derived from it is being written
  };

  Log(storage::Store& store, const crypto::HybridPrivateKey& identity, const crypto::VrfPrivateKey& vrf,
      crypto::RandomSource& random, Options options);

  // opening (recovery.cpp)
  LogResult<void> recover(const StateRecord& state, UnixMs now);
  LogResult<Redo> read_redo(const StateRecord& state);
  LogResult<crypto::MerklePeaks> read_peaks(std::uint64_t size);

  // epochs (epoch.cpp)
  LogResult<PreparedChange> prepare(Change change);
  std::vector<Waiting> take_waiting();
  void release(const Waiting& submission);
  void close_epoch(UnixMs now);
  LogResult<void> add_to_epoch(Waiting& submission);
  LogResult<std::vector<transparency::Mutation>> plan_epoch();
  LogResult<void> finish_epoch(UnixMs now);
  void begin_commit();
  void abandon(LogError error);
  void committed(UnixMs now);
  void show_epoch();
  void begin_apply();
  void applied();
  void advance(UnixMs now);
  void sign_head(UnixMs now);

  // answers (lookups.cpp)
  LogResult<std::optional<LabelRecord>> read_label(const LabelHash& label);
  LogResult<transparency::LabelProof> prove(const Label& label);
  LogResult<transparency::LookupAnswer> begin_answer(std::uint64_t known_size);
  LogResult<Hash> read_node(const crypto::SubtreeId& id);
  LogResult<transparency::Entry> read_entry(std::uint64_t epoch);

  storage::Store& store_;
  crypto::RandomSource& random_;
  const crypto::HybridPrivateKey& identity_;
  const crypto::VrfPrivateKey& vrf_;
  transparency::LogKeys keys_;
  transparency::LogId id_;
  Options options_;

  DiskMap map_;
  WaveWriter writer_;
  Phase phase_ = Phase::idle;
  std::unique_ptr<Epoch> epoch_;  ///< unless idle
  std::optional<transparency::Entry> last_;
  crypto::MerklePeaks peaks_;
  crypto::MerklePath last_path_;
  std::optional<storage::PartitionVersion> version_;  ///< of the log's partition; none: to be read

  std::deque<Waiting> waiting_;
  std::size_t waiting_changes_ = 0;
  std::size_t waiting_octets_ = 0;
  std::unordered_multiset<LabelHash, OctetsHash> busy_labels_;  ///< waiting or in epoch_
  std::optional<UnixMs> last_close_;
  std::optional<UnixMs> failed_at_;  ///< since then nothing is written; tried again a second later

  std::optional<transparency::SignedTreeHead> head_;
  std::optional<transparency::SignedTreeHead> cosigned_;
  std::deque<transparency::SignedTreeHead> recent_heads_;  ///< newest last, at most kRecentHeads
};

}  // namespace sotto::transparency_log
