// What happened to an account without any of its devices, kept for all of them. docs/specs/sign-in.md 4.
//
// Synchronous and for one thread. Not its concern: who is connected, and what a notice means.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "accounts/error.h"
#include "accounts/sign_in_record.h"
#include "storage/commits.h"
#include "storage/store.h"

namespace sotto::accounts {

class Notices {
 public:
  /// `store` must outlive it; no other writer may use the partitions "ntc". Tickets of its commits count from
  /// 1.
  explicit Notices(storage::Store& store) : store_(store), commits_(store) {}

  /// Gives the notice, with its number, once it is durable. Errors: overloaded, storage_unavailable, corrupt.
  void add(const identity::AccountId& account, v1::AccountNotice::Kind kind, std::string_view address,
           UnixMs now, Reply<v1::AccountNotice> reply);
  /// What is kept, in ascending order of the numbers. Errors: storage_unavailable, corrupt.
  AccountsResult<std::vector<v1::AccountNotice>> all(const identity::AccountId& account, UnixMs now);

  /// Takes back everything that is kept about the account, which was turned off. `erasure` is what does it,
  /// for a caller that has more to do in the same moment. Errors: storage_unavailable, corrupt.
  AccountsResult<storage::Batch> erasure(const identity::AccountId& account);
  void forget(const identity::AccountId& account);

  /// One completion of a commit that this object made; others are ignored.
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }
  [[nodiscard]] std::size_t in_flight() const { return commits_.in_flight(); }

 private:
  struct Numbered {
    std::uint64_t number;
    NoticeRecord record;
  };
  /// The highest number given out while the store may not have it.
  struct Unsaved {
    std::uint64_t last = 0;
    std::uint32_t commits = 0;
  };

  AccountsResult<std::vector<Numbered>> read(const identity::AccountId& account);
  AccountsResult<std::uint64_t> last_number(const identity::AccountId& account);
  /// Erases what is too old, and what is too much for one more.
  static void make_room(const std::vector<Numbered>& kept, UnixMs now, storage::Batch& batch);

  storage::Store& store_;
  storage::Commits commits_;
  std::unordered_map<identity::AccountId, Unsaved> unsaved_;
};

}  // namespace sotto::accounts
