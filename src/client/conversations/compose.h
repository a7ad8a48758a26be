// What the user writes: durable at once, signed as soon as the recipient's account is known. Composing needs
// no connection and no keys, so any process of the profile may do it.
#pragma once

#include <string_view>

#include "client/core/work.h"
#include "result/result.h"
#include "session/content_signature.h"

namespace sotto::client {

/// Longer text travels as an attachment (docs/specs/session-protocol.md 8).
inline constexpr std::size_t kMaxText = 16 * 1024;

enum class ComposeError : std::uint8_t {
  not_registered,
  bad_handle,
  empty,
  too_long,
  not_utf8,
};
std::string_view describe(ComposeError error);

/// Queues a message to a handle as typed.
Result<session::MessageId, ComposeError> compose_text(Work& work, std::string_view handle,
                                                      std::string_view text);

/// Signs every queued message whose recipient is known and puts it into the outbox.
void sign_queued_messages(Work& work);

}  // namespace sotto::client
