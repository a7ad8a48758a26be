// Account passwords: challenges, checking authenticators, counting failures. docs/specs/sign-in.md.
//
// Synchronous and for one thread. What an answer says never depends on whether an account exists. Not its
// concern: whose a handle is, connections, telling devices (notices.h).
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "accounts/error.h"
#include "accounts/sign_in_limits.h"
#include "accounts/sign_in_record.h"
#include "crypto/random.h"
#include "identity/account_password.h"
#include "storage/commits.h"
#include "storage/store.h"

namespace sotto::accounts {

/// Who wants to sign in, as the server sees it.
struct SignInAttempt {
  std::string_view handle;                     ///< normalised
  std::optional<identity::AccountId> account;  ///< whose handle it is, if anybody's
  std::string_view address;                    ///< of the asker, as far as it counts as one party
};

/// Why not.
struct SignInRefusal {
  AccountsError error;
  DurationMs retry_after{};
  /// A wrong authenticator for an account that has a password: its devices are to be told.
  std::optional<v1::AccountNotice::Kind> notice{};
};

class Passwords {
 public:
  /// `store` and `random` must outlive it; no other writer may use the partitions "sgn" and "sign-in".
  /// Tickets of its commits count from 1. Makes the server secret of a new store.
  Passwords(storage::Store& store, crypto::RandomSource& random);

  /// Replaces the account's password and forgets its failures; all fields empty removes it. Errors:
  /// password_malformed, overloaded, storage_unavailable.
  void set(const identity::AccountId& account, const v1::SetPassword& request, UnixMs now, Reply<void> reply);

  /// Salt and parameters, real or invented. Errors: storage_unavailable, corrupt.
  AccountsResult<v1::SignInChallenge> challenge(const SignInAttempt& attempt);
  /// Counts a wrong one before it returns. Errors: sign_in_failed, sign_in_locked, too_many_sign_ins (from
  /// this address), overloaded, storage_unavailable, corrupt.
  Result<identity::AccountId, SignInRefusal> check(const SignInAttempt& attempt, ByteView authenticator,
                                                   UnixMs now);

  /// For the operator. Errors: storage_unavailable, corrupt.
  struct Holdings {
    std::optional<UnixMs> password_set;
    Failures failures;
  };
  AccountsResult<Holdings> holdings(const identity::AccountId& account);

  /// Takes back everything that is kept about the account, which was turned off. `erasure` is what does it,
  /// for a caller that has more to do in the same moment. Errors: storage_unavailable, corrupt.
  AccountsResult<storage::Batch> erasure(const identity::AccountId& account);
  void forget(const identity::AccountId& account);

  /// One completion of a commit that this object made; others are ignored.
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }
  /// At any interval: forgets failures that are over, once a minute.
  void tick(UnixMs now);
  [[nodiscard]] std::size_t in_flight() const { return commits_.in_flight(); }

 private:
  using Secret = crypto::SecretArray<32, struct SignInSecretTag>;
  using Key = ByteArray<16>;
  /// The newest count of an account while the store may not have it.
  struct Unsaved {
    Failures failures;
    std::uint32_t commits = 0;
    bool failed = false;  ///< the newest commit did: kept until one succeeds
  };

  void load_secret();
  /// 16 octets that nobody without the secret can tell from random ones.
  [[nodiscard]] Key invented(std::string_view label, ByteView what) const;
  /// The account, or one that does not exist and is always the same for the handle.
  [[nodiscard]] identity::AccountId account_for(const SignInAttempt& attempt) const;
  AccountsResult<std::optional<PasswordRecord>> read_password(const identity::AccountId& account);
  AccountsResult<Failures> read_failures(const identity::AccountId& account);
  void save_failures(const identity::AccountId& account, const Failures& failures);
  AccountsResult<Failures> failures_of(const SignInAttempt& attempt, bool counted_in_store);
  /// False: too many wait for the disk.
  bool count_failure(const SignInAttempt& attempt, const Failures& before, bool counted_in_store, UnixMs now);

  storage::Store& store_;
  crypto::RandomSource& random_;
  std::optional<Secret> secret_;
  storage::Commits commits_;
  std::unordered_map<identity::AccountId, Unsaved> unsaved_;
  std::map<Key, Failures> handles_;  ///< without an account or a password
  std::map<Key, Failures> addresses_;
  UnixMs next_sweep_;
};

}  // namespace sotto::accounts
