// The photo of a group: a file beside the line of its conversation that tells of it, and named by the
// operation that made it the group's (docs/specs/groups.md 10).
#pragma once

#include <optional>

#include "attachments/descriptor.h"
#include "client/attachments/records.h"
#include "client/conversations/conversation.h"
#include "client/core/work.h"
#include "client/groups/error.h"
#include "groups/history.h"

namespace sotto::client {

/// What the photo of a history describes; empty if it describes no file, or one that no group can have.
std::optional<attachments::Descriptor> photo_of(ByteView descriptor);
/// The file of this id that is, or was, the photo of the conversation's group.
std::optional<FileKey> photo_line(store::Database& database, ConversationRow conversation,
                                  const attachments::FileId& file);
/// The file of a photo that somebody's operation brought; fetched by the same policy as every other.
void take_photo(Work& work, std::int64_t line, ConversationRow conversation,
                const attachments::Descriptor& photo, bool from_self);

/// Everybody has it, and it is shown small.
inline constexpr std::uint64_t kMaxGroupPhoto = std::uint64_t{1} << 20;

/// Shows the photo once it is at the server, and everybody hears of it. Errors: those of group_called,
/// bad_photo, refused.
GroupOutcome<void> set_group_photo(Work& work, std::string_view group, const NewFile& photo);
GroupOutcome<void> remove_group_photo(Work& work, std::string_view group);
/// After a file was sent: signs the operation if it is a photo that waits for that.
void release_photo(Work& work, std::int64_t line);
/// The photo that the group has, as a file of its line; empty if it has none, or nothing of it is here.
std::optional<v1::AttachedFile> photo_record(store::Database& database, const Self& self,
                                             const groups::History& history);
/// Keeps the photos of groups that this account administers from being forgotten by the server.
void renew_photos(Work& work);

}  // namespace sotto::client
