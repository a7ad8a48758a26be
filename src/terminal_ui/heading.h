// What stands over a conversation: who it is with, and how safe it is, in words.
#pragma once

#include <string>

#include "sotto/v1/client_api.pb.h"
#include "terminal_ui/entry.h"

namespace sotto::terminal_ui {

/// "bob", "#Allotment", or what the user calls them.
std::string title_of(const v1::Conversation& conversation);
/// The most pressing first: a changed key, a log that lies, text messages; else what protects it.
Piece safety_of(const v1::Conversation& conversation);
/// "pinned", "muted", "text messages": what its line in the list says besides.
std::string marks_of(const v1::Conversation& conversation, std::uint64_t now_ms);

}  // namespace sotto::terminal_ui
