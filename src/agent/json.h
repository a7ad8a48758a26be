// JSON (RFC 8259) as strangers to this program send it: checked in full before anything is made of it, and
// cut into pieces that stay text. What a piece means is for records.h and rpc.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "result/result.h"

namespace sotto::agent {

/// Our own records nest five deep.
inline constexpr int kMaxDepth = 32;

enum class JsonError : std::uint8_t {
  malformed,
  too_deep,
  not_utf8,
};
std::string_view describe(JsonError error);

/// One value and nothing after it but blanks. In time linear in the text, in stack bounded by kMaxDepth.
Result<void, JsonError> check_json(std::string_view text);

// Of a text that check_json() let pass.
enum class JsonKind : std::uint8_t { object, array, string, number, boolean, null };
JsonKind kind_of(std::string_view value);
/// Names as they were meant, values as they stand. Of a name that comes twice both. Precondition: an object.
std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view object);
/// Precondition: an array.
std::vector<std::string_view> elements_of(std::string_view array);
/// Precondition: a string. A surrogate without its partner becomes U+FFFD.
std::string text_of(std::string_view value);

/// A JSON string of UTF-8; octets that are none become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace sotto::agent
