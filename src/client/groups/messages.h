// What is said in a group: encrypted once for all members, bound to the roster that its author holds, held by
// readers who do not have that roster yet (docs/specs/groups.md 6, 10).
#pragma once

#include "client/conversations/conversation.h"
#include "client/core/work.h"
#include "groups/history.h"
#include "session/content_signature.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Something composed, to be signed.
struct GroupMessage {
  std::optional<std::int64_t> row;  ///< of the entry; absent: there is none
  session::MessageId id{};
  UnixMs sent;
  v1::Content content;
};

/// Whether this account may say something in the group now. Joins ends of the history that are too many to
/// name.
bool may_speak(Work& work, const groups::GroupId& group);
/// Signs it and queues it for own devices and all members. Precondition: may_speak.
void send_to_group(Work& work, const groups::GroupId& group, GroupMessage message);

/// The roster that the content is bound to is here, its author is in it and still in the group, and the
/// signature holds. Empty: held until the roster is here, or dropped.
std::optional<session::VerifiedContent> verify_in_group(Work& work, session::UnverifiedContent unverified,
                                                        ByteView shared_body);
/// What waited for operations that are here now.
void process_held_in_group(Work& work, const groups::GroupId& group);

}  // namespace sotto::client
