// Six-digit codes with which people prove that an e-mail address or a telephone number is theirs.
// docs/specs/directory.md 6.
//
// Synchronous, for one thread, and in memory alone: a restart costs a new code. Not its concern: how a code
// reaches its reader, and what a proven handle is good for.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "accounts/error.h"
#include "crypto/digits.h"
#include "crypto/random.h"
#include "identity/ids.h"

namespace sotto::accounts {

inline constexpr DurationMs kCodeLifetime = minutes(15);
/// Guesses at a code: five in a million.
inline constexpr std::uint32_t kMaxCodeTries = 5;
/// Codes for one account, and for one handle whoever asks: nobody's mailbox is flooded through us.
inline constexpr std::uint32_t kMaxCodesPerHour = 5;
/// Codes and counters remembered at once, some 10 MB each; beyond it nobody gets a code until some expire.
inline constexpr std::size_t kMaxCodesRemembered = 65'536;

class HandleProofs {
 public:
  /// `random` must outlive it.
  explicit HandleProofs(crypto::RandomSource& random) : random_(random) {}

  /// A new code with which `account` can prove `handle` (normal form); an older one for the two stops
  /// counting. Errors: too_many_codes, overloaded.
  AccountsResult<std::string> issue(const identity::AccountId& account, std::string_view handle, UnixMs now);
  /// The code did not leave the server: it stops counting.
  void withdraw(const identity::AccountId& account, std::string_view handle);
  /// Takes the code; what was typed may have blanks and hyphens in it. Success uses the code up. Errors:
  /// code_unknown (none was issued, it expired or was guessed at too often), code_wrong.
  AccountsResult<void> redeem(const identity::AccountId& account, std::string_view handle,
                              std::string_view typed, UnixMs now);
  /// At any interval: forgets what is over, once a minute.
  void tick(UnixMs now);

 private:
  struct Pending {
    crypto::CodeDigits code;
    UnixMs expires;
    std::uint32_t tries_left = kMaxCodeTries;
  };
  struct Count {
    UnixMs until;
    std::uint32_t codes = 0;
  };

  [[nodiscard]] bool exhausted(const std::string& who, UnixMs now) const;
  void count(const std::string& who, UnixMs now);

  crypto::RandomSource& random_;
  std::unordered_map<std::string, Pending> pending_;  ///< by account and handle
  std::unordered_map<std::string, Count> counts_;     ///< by account, and by handle
  UnixMs next_sweep_;
};

}  // namespace sotto::accounts
