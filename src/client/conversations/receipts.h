// Delivery receipts: owed for every text, sent in batches, never receipted themselves.
#pragma once

#include "client/core/work.h"
#include "session/content_signature.h"

namespace sotto::client {

void owe_receipt(Work& work, const identity::AccountId& account, const session::MessageId& message_id,
                 ByteView content_hash);
/// Queues what is owed: at once when the inbox is drained, in full batches before that.
void send_receipts(Work& work);

}  // namespace sotto::client
