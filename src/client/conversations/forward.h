// Passing a message on to another conversation (docs/specs/content.md 9).
#pragma once

#include <string_view>

#include "client/conversations/commands.h"

namespace sotto::client {

/// Says in `to` what the message says, marked as forwarded, with its files, which are not sent anew where the
/// server has them. Errors: those of open_message and send_entry, not_accepted (it came with a request),
/// not_forwardable, file_not_ready, file_unsafe.
Result<session::MessageId, ComposeError> forward_message(Work& work, std::string_view conversation,
                                                         std::string_view which, std::string_view to,
                                                         const EntryOptions& options);

}  // namespace sotto::client
