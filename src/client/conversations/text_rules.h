// What a text, a piece of markup and a reaction may look like (docs/specs/content.md 2).
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Longer text travels as an attachment (docs/specs/session-protocol.md 8).
inline constexpr std::size_t kMaxText = 16 * 1024;
/// A text with more markup is a document.
inline constexpr int kMaxSpans = 200;
/// The longest emoji sequences in use have 41 octets.
inline constexpr std::size_t kMaxEmoji = 64;
/// People type it.
inline constexpr std::size_t kMaxAppName = 32;
/// Names, titles, poll options and everything else of one line.
inline constexpr std::size_t kMaxLine = 256;

/// The code point at `at`, which moves behind it; empty, and `at` stays, where there is none.
/// Precondition: at < text.size().
std::optional<std::uint32_t> next_point(std::string_view text, std::size_t& at);
/// In UTF-8. Precondition: a code point, no surrogate.
void append_point(std::string& out, std::uint32_t point);

/// Well-formed UTF-8 without surrogates or overlong forms (RFC 3629).
bool is_utf8(std::string_view text);
/// Not empty, at most `limit` octets of UTF-8, without control characters.
bool is_line(std::string_view text, std::size_t limit = kMaxLine);
/// One emoji as UTS #51 ED-15a has it: a flag, or emoji characters with their modifiers, joined by ZWJ.
bool is_emoji(std::string_view text);

/// Inside the text, on code points, and with an account where it is a mention.
bool is_span(const v1::Span& span, std::string_view text);
/// The spans of a received text that make sense, kMaxSpans at most; the rest is as if it were not there.
void keep_sound_spans(v1::Text& text);

/// What may stand behind the "/" of a message for an app: 1 to 32 of a-z, 0-9 and -, a letter first.
bool is_app_name(std::string_view text);

/// At most `limit` octets of a text, cut between code points.
std::string_view excerpt(std::string_view text, std::size_t limit);

}  // namespace sotto::client
