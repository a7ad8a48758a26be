// Telephone numbers as conversations: texts to and from them stand in one of their own, never among what was
// encrypted. A person names it "sms:+46701112233", so that nothing goes there unsaid.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/conversations/conversation.h"
#include "client/core/work.h"

namespace sotto::client {

inline constexpr std::string_view kSmsPrefix = "sms:";

struct SmsPeer {
  std::string number;  ///< E.164
  ConversationRow conversation = 0;
};

/// What own devices call the conversation: SHA-256("sotto sms" || number). No account has 32 octets, and no
/// group's id is made like this.
ByteArray<32> sms_subject(std::string_view number);
/// Stands where messages have an account: the first 16 octets of the subject. Names nobody.
identity::AccountId sms_sender(std::string_view number);

/// The number in "sms:NUMBER", normalised; empty for anything else.
std::optional<std::string> sms_number(std::string_view typed);

SmsPeer ensure_sms_peer(store::Database& database, std::string_view number);
std::optional<SmsPeer> find_sms_peer(store::Database& database, std::string_view number);
std::optional<SmsPeer> sms_peer_of(store::Database& database, ConversationRow conversation);
std::optional<SmsPeer> sms_peer_by_subject(store::Database& database, ByteView subject);

/// The user said that texts may go there, on any own device.
bool sms_allowed(store::Database& database, std::string_view number);

}  // namespace sotto::client
