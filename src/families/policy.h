// What a guardian allows a child: with whom it may write, and when. The shape, its octets, and what follows
// from it; who signed it is signed_policy.h's concern, keeping to it the client's (docs/specs/families.md).
#pragma once

#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/hybrid_signature.h"
#include "families/error.h"
#include "families/limits.h"
#include "identity/ids.h"

namespace sotto::families {

/// An account together with its key, so that nobody can put another in its place.
struct Person {
  identity::AccountId account;
  crypto::Fingerprint key = crypto::Fingerprint::from_octets({});  ///< fp(AIK)

  friend auto operator<=>(const Person&, const Person&) = default;
};

/// A part of a day of the week, by the child's clock: from `from_min` on, before `until_min`.
struct Window {
  std::uint8_t day = 0;  ///< 0: Monday
  std::uint16_t from_min = 0;
  std::uint16_t until_min = 0;

  friend auto operator<=>(const Window&, const Window&) = default;
};

struct Policy {
  Person child;
  Person guardian;
  crypto::Fingerprint device =
      crypto::Fingerprint::from_octets({});  ///< fp(DIK) of the guardian's that signs
  std::uint64_t version = 1;                 ///< the highest counts
  UnixMs time;                               ///< by the guardian's clock
  bool ended = false;                        ///< there is no guardian any more, and no other rule
  bool blur_pictures = false;                ///< those that a classifier marks, whatever the child's settings
  bool blur_all_pictures = false;            ///< everybody's, also without a classifier
  bool hold_strangers = false;  ///< what others say waits until the guardian allows them; else it is dropped
  bool limited_hours = false;   ///< without it any hour will do
  int utc_offset_min = 0;       ///< of the child's clock
  std::vector<Window> hours;    ///< ascending, none into another; none unless limited_hours
  std::vector<Person> allowed;  ///< ascending by account

  friend bool operator==(const Policy&, const Policy&) = default;
};

/// p. Precondition: what parse_policy checks.
Bytes encode(const Policy& policy);
/// Accepts exactly what encode makes. Errors: malformed.
PolicyResult<Policy> parse_policy(ByteView p);

/// Whether the child may write with them at all; the guardian always.
bool allows(const Policy& policy, const Person& person);
/// Whether this is an hour at which the child may write with those who are allowed. With the guardian at any.
bool is_open(const Policy& policy, UnixMs now);

}  // namespace sotto::families
