// How many accounts that it never wrote to an account begins to write to, without knowing whom: of each there
// is a keyed hash for a day, under a key of that day, which is forgotten after the next. Over the limit the
// asker waits. Durable, so that a crash forgives nobody. docs/specs/directory.md 8.
//
// Synchronous and for one thread. Not its concern: what a bundle is.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "crypto/random.h"
#include "directory/failure.h"
#include "directory/limits.h"
#include "directory/record.h"
#include "storage/commits.h"
#include "storage/store.h"

namespace sotto::directory {

/// Whoever shows it was counted before: made of both accounts under a key that stays.
using ContactPass = ByteArray<16>;

/// One account that another began to write to.
struct FirstContact {
  UnixMs time;
  std::uint64_t tag = 0;  ///< HMAC under the key of the day

  friend bool operator==(const FirstContact&, const FirstContact&) = default;
};

/// When one more may be begun with; zero: now. `begun`: ascending by time, of the last kFirstContactDay.
DurationMs first_contact_wait(const std::vector<FirstContact>& begun, const RateLimits& limits, UnixMs now);

storage::Partition first_contact_partition();
Bytes first_contact_key(const AccountId& asker);
Bytes encode(const std::vector<FirstContact>& begun);
/// Empty when the octets are not what encode makes.
std::optional<std::vector<FirstContact>> decode_first_contacts(ByteView octets);

class FirstContacts {
 public:
  /// All must outlive it; no other writer may use the partition "first-contacts".
  FirstContacts(storage::Store& store, storage::Commits& commits, crypto::RandomSource& random,
                const RateLimits& limits);

  /// Counts `target` among those that `asker` began to write to, unless it is by now or `pass` shows that it
  /// was. Gives the pass once that is durable. Errors: first_contact_limited, overloaded,
  /// storage_unavailable, corrupt.
  void admit(const AccountId& asker, const AccountId& target, ByteView pass, UnixMs now,
             Reply<ContactPass> reply);
  /// How many accounts the asker began to write to in the last day. Errors: storage_unavailable, corrupt.
  DirectoryResult<std::size_t> count(const AccountId& asker, UnixMs now);
  /// At any interval: forgets what is over, once a minute.
  void tick(UnixMs now);
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  /// Octets as the store has them: what they hide is counted for a day, and who has the one has the other.
  using Key = ByteArray<48>;
  struct DayKey {
    std::uint64_t day = 0;  ///< since 1970, in UTC
    Key key{};
  };
  struct Keys {
    Key pass{};
    std::vector<DayKey> days;   ///< ascending, two at most
    std::uint64_t changes = 0;  ///< since they were read
    std::uint64_t saved = 0;    ///< of these the store has
  };
  /// What the store does not have yet.
  struct Unsaved {
    std::vector<FirstContact> begun;
    std::uint32_t commits = 0;
  };

  /// Made where there are none, and brought up to the day: what is older than yesterday is gone.
  DirectoryResult<void> renew_keys(UnixMs now);
  [[nodiscard]] Bytes encoded_keys() const;
  /// Adds them to a batch where the store does not have them.
  void save_keys(storage::Batch& batch);
  static std::optional<Keys> decode_keys(ByteView octets);
  DirectoryResult<std::vector<FirstContact>> read(const AccountId& asker, UnixMs now);
  void write(const AccountId& asker, std::vector<FirstContact> begun, ContactPass pass,
             Reply<ContactPass> reply);
  void sweep(UnixMs now);

  storage::Store& store_;
  storage::Commits& commits_;
  crypto::RandomSource& random_;
  RateLimits limits_;
  std::optional<Keys> keys_;
  std::unordered_map<AccountId, Unsaved> unsaved_;
  UnixMs swept_;
  Bytes sweep_from_;
  std::uint64_t refused_ = 0;
};

}  // namespace sotto::directory
