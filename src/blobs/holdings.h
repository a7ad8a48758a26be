// What accounts keep, and how much that is. The sums of accounts that did something lately are in memory; a
// sum counts what is being written, and what is being given up until that is durable: never too little.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "blobs/error.h"
#include "blobs/limits.h"
#include "blobs/record.h"
#include "storage/commits.h"
#include "storage/store.h"

namespace sotto::blobs {

struct Sum {
  std::uint64_t octets = 0;
  std::uint64_t blobs = 0;
};

class Holdings {
 public:
  Holdings(storage::Store& store, storage::Commits& commits, const Limits& limits)
      : store_(store), commits_(commits), limits_(limits) {}

  /// Errors: storage_unavailable, corrupt.
  BlobResult<Sum> sum(const AccountId& account);
  /// Takes room for a blob. Errors: over_quota and those of sum().
  BlobResult<void> reserve(const AccountId& account, std::uint64_t size);
  /// Gives room back that was reserved and not used.
  void unreserve(const AccountId& account, std::uint64_t size);
  /// Writes down what was reserved; when that fails the room is given back.
  void add(const AccountId& account, const BlobName& name, std::uint64_t size, Reply<void> reply);
  /// Nothing happens if the account does not keep it.
  void remove(const AccountId& account, const BlobName& name, Reply<void> reply);
  /// Errors: as sum().
  BlobResult<bool> contains(const AccountId& account, const BlobName& name);
  /// All of the account. Errors: as sum().
  BlobResult<std::vector<BlobName>> list(const AccountId& account);

 private:
  struct Remembered {
    Sum sum;
    std::size_t in_flight = 0;  ///< what is being written; the sum is not forgotten meanwhile
  };
  BlobResult<Remembered*> remembered(const AccountId& account);
  void make_room();
  template <typename Visit>
  BlobResult<void> for_each(const AccountId& account, Visit visit);

  storage::Store& store_;
  storage::Commits& commits_;
  const Limits& limits_;
  std::unordered_map<AccountId, Remembered> sums_;
};

}  // namespace sotto::blobs
