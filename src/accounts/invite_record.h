// How invites lie in the store. docs/specs/directory.md 5 has the octets.
#pragma once

#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "identity/ids.h"
#include "storage/partition.h"

namespace sotto::accounts {

struct InviteRecord {
  UnixMs expires;
  std::string handle;  ///< the only one it serves for; empty: any
  std::optional<identity::AccountId> redeemed_by;

  friend bool operator==(const InviteRecord&, const InviteRecord&) = default;
};

storage::Partition invite_partition();
/// The store holds a hash: whoever reads it cannot redeem.
Bytes invite_key(ByteView token);

Bytes encode(const InviteRecord& record);
/// Empty when the octets are not what encode makes.
std::optional<InviteRecord> decode_invite(ByteView octets);

}  // namespace sotto::accounts
