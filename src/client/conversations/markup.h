// Markup as people type it, and as a terminal shows it: *bold*, _italic_, ~struck~, `monospace`, ||spoiler||,
// @name. What travels is plain text and spans (docs/specs/content.md 2), never this.
#pragma once

#include <string>
#include <string_view>

#include "client/core/work.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// The text without its marks, and spans in their place. A mark counts if it has a partner and both hug the
/// words they enclose; a backslash keeps the next character from being a mark. A mention carries the name as
/// it was typed, to be replaced by resolve_mentions().
v1::Text parse_markup(std::string_view typed);
/// Turns the names of mentions into accounts; a name that nobody known has stays plain text.
void resolve_mentions(Work& work, v1::Text& text);

/// The text with its marks, for a terminal.
std::string with_marks(const std::string& body, const google::protobuf::RepeatedPtrField<v1::Span>& spans);

}  // namespace sotto::client
