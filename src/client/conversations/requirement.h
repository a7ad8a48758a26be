// What a sender may demand of one message (`send --require`): that it leaves under at least so much
// protection, or not at all. Checked when it is written, and again for each device before it is encrypted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/conversations/conversation.h"
#include "client/conversations/error.h"
#include "client/core/work.h"
#include "client/outbox/queue.h"
#include "result/result.h"
#include "session/peer_state.h"

namespace sotto::client {

struct Requirement {
  /// In PQ3's terms: 2 post-quantum keys at the start of the session, 3 renewed since; 0: not demanded.
  std::uint8_t pq_level = 0;
  bool verified = false;  ///< the contact, by QR code or digits, under its present key

  [[nodiscard]] bool any() const { return pq_level > 0 || verified; }
};

/// "pq>=3,verified"; empty for anything else.
std::optional<Requirement> parse_requirement(std::string_view text);

/// Whether a message of this conversation would meet it now. Errors: requirement_insecure (no encryption at
/// all), requirement_pq, requirement_verified, requirement_guests (somebody would get it in clear too),
/// requirement_direct. Of a group every member has to meet it. `to_guests`: it is not withheld from guests.
Result<void, ComposeError> check_requirement(Work& work, const ConversationRecord& conversation,
                                             const Requirement& requirement, bool to_guests);
void save_requirement(Work& work, std::int64_t message, const Requirement& requirement);

/// What an item's message demands of the session that it is about to be encrypted in; empty: it is met.
/// Copies for own devices are measured when it is written.
std::string_view shortfall(Work& work, OutboxItemId item, const identity::AccountId& account,
                           const session::SecurityState& security);

}  // namespace sotto::client
