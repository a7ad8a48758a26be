// One change of a group: its shape and its octets (docs/specs/groups.md 2). Whether its author may do this is
// the history's concern (history.h), who signed it is signed_operation.h's.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "groups/error.h"
#include "groups/limits.h"
#include "identity/ids.h"

namespace sotto::groups {

using identity::AccountId;

/// SHA-256(LBL("grp-id") || o) of the operation that began the group.
using GroupId = ByteArray<32>;
/// H(o): by which operations name each other.
using OperationHash = crypto::Sha384Digest;
/// In an invite link and in the operation that made it; so all members know it.
using LinkSecret = ByteArray<32>;

enum class Role : std::uint8_t { member = 1, admin = 2, owner = 3 };

/// An account together with its key, so that nobody can put another in its place.
struct MemberName {
  AccountId account;
  crypto::Fingerprint key = crypto::Fingerprint::from_octets({});  ///< fp(AIK)

  friend auto operator<=>(const MemberName&, const MemberName&) = default;
};

/// The device that says it.
struct Author {
  AccountId account;
  crypto::Fingerprint account_key = crypto::Fingerprint::from_octets({});  ///< fp(AIK)
  crypto::Fingerprint device_key = crypto::Fingerprint::from_octets({});   ///< fp(DIK)
  std::uint64_t manifest_version = 1;  ///< of a manifest of the account that lists the device

  [[nodiscard]] MemberName member() const { return {account, account_key}; }
  friend bool operator==(const Author&, const Author&) = default;
};

enum class Setting : std::uint8_t {
  timer = 1,   ///< milliseconds after which messages disappear; 0: they stay
  guests = 2,  ///< 1: people outside may take part through a gateway
};

// What an operation does. The comments say who may.
struct Create {  ///< anybody; its author is the owner
  Bytes name;
  std::vector<MemberName> members;  ///< without the author

  friend bool operator==(const Create&, const Create&) = default;
};
struct Add {  ///< admin
  std::vector<MemberName> members;

  friend bool operator==(const Add&, const Add&) = default;
};
struct Remove {  ///< admin, of lower roles
  std::vector<AccountId> members;

  friend bool operator==(const Remove&, const Remove&) = default;
};
struct SetRole {  ///< owner: of anybody who is not owner, and of itself
  AccountId member;
  Role role = Role::member;

  friend bool operator==(const SetRole&, const SetRole&) = default;
};
struct Rename {  ///< admin. Octets: what can be shown of them is the reader's concern
  Bytes name;

  friend bool operator==(const Rename&, const Rename&) = default;
};
struct SetPhoto {  ///< admin; empty: none
  Bytes descriptor;

  friend bool operator==(const SetPhoto&, const SetPhoto&) = default;
};
struct SetLink {  ///< admin: a new link in place of the old one, or none
  std::optional<LinkSecret> secret;

  friend bool operator==(const SetLink&, const SetLink&) = default;
};
struct Approve {  ///< admin: somebody who asked by a link comes in
  MemberName member;
  OperationHash link{};  ///< the operation that made the link

  friend bool operator==(const Approve&, const Approve&) = default;
};
struct Refuse {  ///< admin: somebody who asked by this link stays out
  AccountId account;
  OperationHash link{};

  friend bool operator==(const Refuse&, const Refuse&) = default;
};
struct Leave {  ///< member
  friend bool operator==(const Leave&, const Leave&) = default;
};
struct Set {  ///< admin
  Setting setting = Setting::timer;
  std::uint64_t value = 0;

  friend bool operator==(const Set&, const Set&) = default;
};
struct DevicesLeft {  ///< member: these devices are not in its account any more
  std::vector<crypto::Fingerprint> devices;

  friend bool operator==(const DevicesLeft&, const DevicesLeft&) = default;
};
/// Somebody without an account, reached by text messages that the author's account sends: nothing of that is
/// encrypted.
struct AddGuest {  ///< member, where the group lets guests in
  Bytes number;    ///< E.164
  Bytes name;      ///< octets, as of a group

  friend bool operator==(const AddGuest&, const AddGuest&) = default;
};
struct RemoveGuest {  ///< admin, or the account that sends to them
  Bytes number;

  friend bool operator==(const RemoveGuest&, const RemoveGuest&) = default;
};
struct Merge {  ///< member: brings ends of the history together, no more
  friend bool operator==(const Merge&, const Merge&) = default;
};

/// In the order of their numbers on the wire, from 1.
using Act = std::variant<Create, Add, Remove, SetRole, Rename, SetPhoto, SetLink, Approve, Refuse, Leave, Set,
                         DevicesLeft, Merge, AddGuest, RemoveGuest>;

struct Operation {
  GroupId group{};  ///< of a Create: 32 random octets
  Author author;
  UnixMs time;                         ///< by the author's clock
  std::vector<OperationHash> parents;  ///< ascending; none of a Create, else at least one
  Act act;

  friend bool operator==(const Operation&, const Operation&) = default;
};

/// o. Precondition: what parse_operation checks.
Bytes encode(const Operation& operation);
/// Accepts exactly what encode makes. Errors: malformed.
GroupResult<Operation> parse_operation(ByteView o);

inline OperationHash hash_of(ByteView o) { return crypto::sha384(o); }
GroupId group_id(ByteView create);

}  // namespace sotto::groups
