// Opaque octets that are too many for a message: opened by an account, written piece by piece, read by
// whoever knows the capability, kept for as long as any account keeps them (docs/specs/blobs.md). Synchronous
// and single-threaded, like every core. Not its concern: HTTP, who an account is, what the octets are.
//
// Every access names a blob by its capability, 32 random octets, and writes show the upload token besides.
// What an account does concerns its own keeping alone.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "blobs/error.h"
#include "blobs/holdings.h"
#include "blobs/limits.h"
#include "blobs/record.h"
#include "crypto/random.h"
#include "storage/commits.h"

namespace sotto::blobs {

using Capability = ByteArray<32>;
using UploadToken = ByteArray<32>;

struct Created {
  Capability capability{};
  UploadToken token{};
  UnixMs expires;
};

struct Progress {
  std::uint64_t received = 0;  ///< durable, from the first octet
  std::uint64_t size = 0;
};

/// What a sweep found, or would do.
struct SweepReport {
  std::uint64_t blobs = 0;           ///< looked at
  std::uint64_t octets = 0;          ///< of those, durable
  std::uint64_t expired = 0;         ///< blobs that nobody keeps any more
  std::uint64_t expired_octets = 0;  ///< of those, durable
  std::uint64_t damaged = 0;         ///< records that do not decode; they are left alone
};

struct BlobCounts {
  std::uint64_t created = 0;
  std::uint64_t completed = 0;
  std::uint64_t erased = 0;
  std::uint64_t octets_written = 0;
  std::uint64_t octets_read = 0;
  std::uint64_t not_found = 0;  ///< asked for by a capability or token that opens nothing
  std::uint64_t refused_quota = 0;
  std::uint64_t refused_space = 0;  ///< writes that the full disk refused
  SweepReport last_round;           ///< of the last walk over all blobs
};

class Blobs {
 public:
  /// `store` and `random` must outlive it; no other writer may use the partitions "blob" and "blobs". Tickets
  /// of its commits count from 1.
  Blobs(storage::Store& store, crypto::RandomSource& random, const Limits& limits);

  /// `keep` of zero or more than the limit counts as the limit. Errors: empty, too_large, over_quota,
  /// overloaded, no_space, storage_unavailable, corrupt.
  void create(const AccountId& account, std::uint64_t size, DurationMs keep, UnixMs now,
              Reply<Created> reply);
  /// The next octets, which are durable when the reply says so. Errors: no_such_blob, empty, too_large,
  /// wrong_offset, past_end, not_whole_pieces, busy, overloaded, no_space, storage_unavailable, corrupt.
  void write(ByteView capability, ByteView token, std::uint64_t offset, ByteView octets, UnixMs now,
             Reply<Progress> reply);
  /// How far the upload is, for who writes it. Errors: no_such_blob, storage_unavailable, corrupt.
  BlobResult<Progress> progress(ByteView capability, ByteView token, UnixMs now);
  /// The size of a complete blob. Errors: no_such_blob, storage_unavailable, corrupt.
  BlobResult<std::uint64_t> size(ByteView capability, UnixMs now);
  /// Octets from `offset`, at least one and at most `length` and kMaxReadOctets. Errors: past_end and those
  /// of size().
  BlobResult<Bytes> read(ByteView capability, std::uint64_t offset, std::uint64_t length, UnixMs now);
  /// The account keeps a complete blob from now on, or keeps it for longer; until when. Errors: no_such_blob,
  /// over_quota, too_many_keepers, busy, overloaded, no_space, storage_unavailable, corrupt.
  void keep(const AccountId& account, ByteView capability, DurationMs keep, UnixMs now, Reply<UnixMs> reply);
  /// The account keeps it no longer; who opened it may release it also before it is complete. Errors:
  /// no_such_blob, busy, overloaded, no_space, storage_unavailable, corrupt.
  void release(const AccountId& account, ByteView capability, UnixMs now, Reply<void> reply);

  /// What the account keeps. Errors: storage_unavailable, corrupt.
  BlobResult<Sum> sum(const AccountId& account) { return holdings_.sum(account); }
  /// The account was turned off: what it keeps is released, a few blobs at a time. What a crash interrupts
  /// expires.
  void forget(const AccountId& account);

  /// Walks over all blobs once and takes away what nobody keeps, or only says what it would. Errors: busy
  /// (one at a time), storage_unavailable, corrupt.
  void sweep(bool dry_run, Reply<SweepReport> reply);
  /// One step of the sweep that somebody waits for. True: call again soon.
  bool turn_end(UnixMs now);
  /// One step of the walk that never ends.
  void tick(UnixMs now);

  /// One completion of a commit that this object made; others are ignored.
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }
  [[nodiscard]] std::size_t in_flight() const { return commits_.in_flight(); }
  [[nodiscard]] const BlobCounts& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t max_octets() const { return limits_.blob_octets; }

 private:
  struct Found {
    BlobName name;
    BlobRecord record;
  };
  struct Walk {
    unsigned shard = 0;
    Bytes from;
    SweepReport report;
  };
  struct AskedSweep {
    Walk walk;
    bool dry_run = false;
    Reply<SweepReport> reply;
  };

  // blobs.cpp
  BlobResult<std::optional<BlobRecord>> load(const BlobName& name);
  /// Any blob that is there at all and not expired. Errors: no_such_blob, storage_unavailable, corrupt.
  BlobResult<Found> find(ByteView capability, UnixMs now);
  BlobResult<Found> find_complete(ByteView capability, UnixMs now);
  BlobResult<Found> find_upload(ByteView capability, ByteView token, UnixMs now);
  [[nodiscard]] UnixMs expiry(DurationMs keep, UnixMs now) const;
  std::unexpected<BlobError> missing();
  void put(const BlobName& name, const BlobRecord& record, Reply<void> reply);

  // sweep.cpp
  /// Takes the keepers that `gone` names off the blob, and the blob away if none is left.
  void drop_keepers(const BlobName& name, std::vector<AccountId> gone, Reply<void> reply);
  void drop_next(const BlobName& name, std::vector<AccountId> gone, std::size_t next, Reply<void> reply);
  void drop_from_record(const BlobName& name, const std::vector<AccountId>& gone, Reply<void> reply);
  void erase_pieces(const BlobName& name, std::uint32_t from, std::uint32_t count, Reply<void> reply);
  /// False when the walk is over.
  BlobResult<bool> step(Walk& walk, bool dry_run, UnixMs now);
  void look_at(const BlobName& name, const BlobRecord& record, Walk& walk, bool dry_run, UnixMs now);
  void reap(const BlobName& name, std::vector<AccountId> gone);
  void release_queued();

  storage::Store& store_;
  storage::Commits commits_;
  crypto::RandomSource& random_;
  Limits limits_;
  Holdings holdings_;
  std::set<BlobName> busy_;  ///< being written or changed; bounded by the store's queue
  std::size_t reaping_ = 0;
  std::deque<std::pair<AccountId, BlobName>> releases_;
  Walk walk_;
  std::optional<AskedSweep> asked_;
  BlobCounts counts_;
};

}  // namespace sotto::blobs
