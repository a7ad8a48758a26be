// Coming into a group by an invite link (docs/specs/groups.md 7): what the link says, and what whoever has it
// shows to the member that it names. That they talk over SP/1 is the client's concern.
#pragma once

#include <string>
#include <string_view>

#include "groups/state.h"

namespace sotto::groups {

struct LinkText {
  GroupId group{};
  LinkSecret secret{};
  MemberName approver;  ///< an admin, whom to ask
  std::string handle;   ///< the approver's, normalised: how to find it

  friend bool operator==(const LinkText&, const LinkText&) = default;
};

/// "SOTTO:GROUP/1/" and base32. Precondition: the handle is one.
std::string link_text(const LinkText& link);
/// Errors: malformed.
GroupResult<LinkText> parse_link_text(std::string_view text);

/// Proves to those who know the link that `requester` has it, without saying it.
using RequestTag = ByteArray<32>;
RequestTag request_tag(const LinkSecret& secret, const GroupId& group, const MemberName& requester);

/// Whether an admin may be asked to let `requester` in. Errors: wrong_link (of another link, or there is
/// none), already_member, not_allowed (was refused under this link).
GroupResult<void> check_request(const GroupState& state, const MemberName& requester, ByteView tag);

}  // namespace sotto::groups
