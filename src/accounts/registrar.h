// Who may create an account: the registration policy and its invites. docs/specs/directory.md 5.
//
// Synchronous and for one thread, like the directory: the server asks here first, then the directory. Not its
// concern: what an account is, rates by network address.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "accounts/error.h"
#include "accounts/invite_record.h"
#include "crypto/random.h"
#include "identity/ids.h"
#include "storage/commits.h"
#include "storage/store.h"

namespace sotto::accounts {

enum class RegistrationPolicy : std::uint8_t {
  open,      ///< anybody
  invite,    ///< whoever has an invite
  by_admin,  ///< whoever has an invite in which an administrator named the handle
};

/// Long enough for any campaign; what an invite says stays in the store for so long.
inline constexpr DurationMs kMaxInviteLifetime = days(365);
inline constexpr DurationMs kInviteLifetime = days(14);
/// After its expiry an invite is kept for as long as a client may still repeat its registration.
inline constexpr DurationMs kExpiredInviteKept = days(7);

struct NewInvite {
  std::optional<std::string> handle;  ///< the only one it may be used for, any spelling
  DurationMs lifetime = kInviteLifetime;
};

class Registrar {
 public:
  /// `store` and `random` must outlive it; no other writer may use the partition "invites". Tickets of its
  /// commits count from 1.
  Registrar(storage::Store& store, crypto::RandomSource& random, RegistrationPolicy policy);

  /// May `account` be registered under `handle` (normalised)? Redeems the invite if the policy wants one: it
  /// is then this account's for good, so asking again for the same account succeeds again, also with another
  /// handle if the invite names none. Errors: registration_closed, invite_unknown, invite_expired,
  /// invite_used, invite_for_another, overloaded, storage_unavailable, corrupt.
  void authorise(const identity::AccountId& account, std::string_view handle, std::string_view invite,
                 UnixMs now, Reply<void> reply);

  /// Gives the token, 32 hexadecimal digits; it is not stored and cannot be had again. Errors:
  /// lifetime_too_long, handle_invalid, overloaded, storage_unavailable.
  void create_invite(const NewInvite& invite, UnixMs now, Reply<std::string> reply);
  /// An account that was created with it stays. Errors: invite_unknown, overloaded, storage_unavailable.
  void revoke_invite(std::string_view token, Reply<void> reply);

  /// One completion of a commit that this object made; others are ignored.
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }
  /// About once a minute: deletes some of the invites that expired long ago.
  void tick(UnixMs now);
  [[nodiscard]] std::size_t in_flight() const { return commits_.in_flight(); }

 private:
  AccountsResult<InviteRecord> read(ByteView key);
  AccountsResult<void> admits(const InviteRecord& invite, const identity::AccountId& account,
                              std::string_view handle, UnixMs now) const;

  storage::Store& store_;
  crypto::RandomSource& random_;
  RegistrationPolicy policy_;
  storage::Commits commits_;
  /// Invites whose redemption is being written, by key. Bounded by the store's queue.
  std::unordered_map<std::string, identity::AccountId> redeeming_;
  Bytes sweep_from_;
};

}  // namespace sotto::accounts
