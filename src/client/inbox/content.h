// What verified content means: texts, receipts, sync events.
#pragma once

#include "client/core/work.h"
#include "session/content_signature.h"
#include "session/peer_state.h"

namespace sotto::client {

/// Verifies authorship, place and numbering, then applies the content. `shared_body`: what came beside the
/// message. True when an answer to its sender is due anyway, so that no other is needed.
bool take_content(Work& work, session::UnverifiedContent content, const session::SecurityState& security,
                  ByteView shared_body);

}  // namespace sotto::client
