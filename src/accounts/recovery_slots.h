// What opens an account when no device is left: sealed slots, given to whoever names their access.
// docs/specs/recovery.md 6.
//
// Synchronous and for one thread. Not its concern: what is sealed, who asks, rates by network address, and
// telling the account's devices.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "accounts/daily_counts.h"
#include "accounts/error.h"
#include "accounts/recovery_record.h"
#include "sotto/v1/sign_in.pb.h"
#include "storage/commits.h"
#include "storage/store.h"

namespace sotto::accounts {

/// The key's and the contacts', and as many again for whatever comes.
inline constexpr std::size_t kMaxRecoverySlots = 4;
/// Sixteen devices that each store what changed, several times a day.
inline constexpr std::uint32_t kMaxRecoveryStoresPerDay = 100;

class RecoverySlots {
 public:
  /// `store` must outlive it; no other writer may use the partitions "rec". Tickets of its commits count from
  /// 1.
  explicit RecoverySlots(storage::Store& store) : store_(store), commits_(store) {}

  /// Replaces all slots of the account; none at all erases them. Errors: recovery_malformed,
  /// recovery_too_large, too_many_stores, overloaded (also while another replacement is being written),
  /// storage_unavailable, corrupt.
  void replace(const identity::AccountId& account, const v1::StoreRecovery& request, UnixMs now,
               Reply<void> reply);
  /// Without what is sealed. Errors: storage_unavailable, corrupt.
  AccountsResult<v1::RecoverySlots> list(const identity::AccountId& account);
  /// Compares in constant time. Errors: no_such_recovery_slot (also for a wrong access), storage_unavailable,
  /// corrupt.
  AccountsResult<v1::RecoverySlot> fetch(const identity::AccountId& account, ByteView slot, ByteView access);

  /// Takes back everything that is kept about the account, which was turned off. `erasure` is what does it,
  /// for a caller that has more to do in the same moment. Errors: storage_unavailable, corrupt.
  AccountsResult<storage::Batch> erasure(const identity::AccountId& account);
  void forget(const identity::AccountId& account);

  /// One completion of a commit that this object made; others are ignored.
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }
  void tick(UnixMs now) { stores_.tick(now); }
  [[nodiscard]] std::size_t in_flight() const { return commits_.in_flight(); }

 private:
  struct Stored {
    RecoverySlotId slot;
    RecoverySlotRecord record;
  };
  AccountsResult<std::vector<Stored>> read(const identity::AccountId& account);

  storage::Store& store_;
  storage::Commits commits_;
  DailyCounts stores_{kMaxRecoveryStoresPerDay};
  std::set<identity::AccountId> replacing_;  ///< bounded by the store's queue
};

}  // namespace sotto::accounts
