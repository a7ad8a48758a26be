// What people say, as verified: entries of conversations and words about them.
#pragma once

#include "client/core/work.h"
#include "session/content_signature.h"
#include "session/peer_state.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// True when a receipt is owed, and with it an answer to the sender.
bool take_said(Work& work, const session::VerifiedContent& content, const v1::Content& parsed,
               const session::SecurityState& security);

/// The sender may have missed the first receipt for this. True when one is owed.
bool take_repetition(Work& work, const session::VerifiedContent& content, const v1::Content& parsed);

}  // namespace sotto::client
