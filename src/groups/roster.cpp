#include "groups/roster.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "groups/labels.h"

namespace sotto::groups {

const Member* Roster::find(const AccountId& account) const {
  const auto at = std::ranges::lower_bound(members, account, {},
                                           [](const Member& member) { return member.name.account; });
  return at != members.end() && at->name.account == account ? &*at : nullptr;
}

crypto::Sha384Digest hash_of(const Roster& roster) {
  Encoder out(64 + roster.members.size() * 49);
  out.label(label::kRoster).raw(roster.group).u32(static_cast<std::uint32_t>(roster.members.size()));
  for (const Member& member : roster.members) {
    out.raw(member.name.account.view()).raw(member.name.key.octets());
    out.u8(static_cast<std::uint8_t>(member.role));
  }
  return crypto::sha384(out.view());
}

}  // namespace sotto::groups
