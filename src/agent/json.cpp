#include "agent/json.h"

#include <algorithm>
#include <array>
#include <optional>

#include "client/conversations/text_rules.h"

namespace sotto::agent {
namespace {

bool is_blank(char letter) { return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r'; }

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

int hex_value(char letter) {
  if (is_digit(letter)) return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

/// Walks over a text from front to back.
class Walk {
 public:
  explicit Walk(std::string_view text) : rest_(text) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char letter) {
    if (rest_.empty() || rest_.front() != letter) return false;
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] bool at(char letter) const { return !rest_.empty() && rest_.front() == letter; }

  Result<void, JsonError> value(int depth) {
    if (depth > kMaxDepth) return err(JsonError::too_deep);
    skip_blanks();
    if (at('{')) return object(depth);
    if (at('[')) return array(depth);
    if (at('"')) return string();
    if (word("true") || word("false") || word("null")) return {};
    return number();
  }

 private:
  bool word(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  Result<void, JsonError> object(int depth) {
    take('{');
    skip_blanks();
    if (take('}')) return {};
    for (;;) {
      skip_blanks();
      SOTTO_CHECK_OK(string());
      skip_blanks();
      if (!take(':')) return err(JsonError::malformed);
      SOTTO_CHECK_OK(value(depth + 1));
      skip_blanks();
      if (take('}')) return {};
      if (!take(',')) return err(JsonError::malformed);
    }
  }
  Result<void, JsonError> array(int depth) {
    take('[');
    skip_blanks();
    if (take(']')) return {};
    for (;;) {
      SOTTO_CHECK_OK(value(depth + 1));
      skip_blanks();
      if (take(']')) return {};
      if (!take(',')) return err(JsonError::malformed);
    }
  }
  Result<void, JsonError> string() {
    if (!take('"')) return err(JsonError::malformed);
    while (!rest_.empty()) {
      const char letter = rest_.front();
      rest_.remove_prefix(1);
      if (letter == '"') return {};
      if (static_cast<unsigned char>(letter) < 0x20) break;
      if (letter == '\\' && !escape()) break;
    }
    return err(JsonError::malformed);
  }
  /// What follows a backslash.
  bool escape() {
    if (rest_.empty()) return false;
    const char kind = rest_.front();
    rest_.remove_prefix(1);
    if (kind != 'u') return std::string_view(R"("\/bfnrt)").find(kind) != std::string_view::npos;
    const bool sound = rest_.size() >= 4 && std::ranges::all_of(rest_.substr(0, 4), [](char letter) {
                         return hex_value(letter) >= 0;
                       });
    if (sound) rest_.remove_prefix(4);
    return sound;
  }
  bool digits() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() < before;
  }
  Result<void, JsonError> number() {
    take('-');
    if (!take('0') && !digits()) return err(JsonError::malformed);
    if (take('.') && !digits()) return err(JsonError::malformed);
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return err(JsonError::malformed);
    }
    return {};
  }

  std::string_view rest_;
};

/// The value at the front, without blanks; the walk stands behind it.
std::string_view next_value(Walk& walk) {
  walk.skip_blanks();
  const std::string_view before = walk.rest();
  // It was checked as a whole, so this reaches its end.
  if (!walk.value(0)) return {};
  return before.substr(0, before.size() - walk.rest().size());
}

void append_code_point(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t octet) {
    out += static_cast<char>(static_cast<unsigned char>(octet));
  };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

/// Four hexadecimal digits behind "\u".
std::optional<std::uint32_t> unit_at(std::string_view rest) {
  if (rest.size() < 6 || !rest.starts_with("\\u")) return std::nullopt;
  std::uint32_t unit = 0;
  for (const char letter : rest.substr(2, 4))
    unit = unit << 4 | static_cast<std::uint32_t>(hex_value(letter));
  return unit;
}

constexpr std::uint32_t kReplacement = 0xfffd;

/// Reads one or two units of UTF-16; returns how many characters of the text they took.
std::size_t append_units(std::string& out, std::string_view rest) {
  const std::uint32_t first = unit_at(rest).value_or(kReplacement);
  if (first < 0xd800 || first > 0xdfff) {
    append_code_point(out, first);
    return 6;
  }
  const auto second = unit_at(rest.substr(6));
  if (first > 0xdbff || !second || *second < 0xdc00 || *second > 0xdfff) {
    append_code_point(out, kReplacement);
    return 6;
  }
  append_code_point(out, 0x10000 + ((first - 0xd800) << 10) + (*second - 0xdc00));
  return 12;
}

char meant_by(char letter) {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;
  }
}

/// Octets of the well-formed UTF-8 character at the front; 0: there is none.
std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return size <= text.size() && client::is_utf8(text.substr(0, size)) ? size : 0;
}

void append_escaped(std::string& out, char letter) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto octet = static_cast<unsigned char>(letter);
  if (letter == '"' || letter == '\\') {
    out += '\\';
    out += letter;
  } else if (letter == '\n') {
    out += "\\n";
  } else if (octet < 0x20 || octet == 0x7f) {
    out += "\\u00";
    out += kDigits[octet >> 4];
    out += kDigits[octet & 0xf];
  } else {
    out += letter;
  }
}

}  // namespace

std::string_view describe(JsonError error) {
  switch (error) {
    case JsonError::malformed: return "this is not JSON";
    case JsonError::too_deep: return "this JSON is nested more than 32 deep";
    case JsonError::not_utf8: return "this is not UTF-8";
  }
  return "unknown error";
}

Result<void, JsonError> check_json(std::string_view text) {
  if (!client::is_utf8(text)) return err(JsonError::not_utf8);
  Walk walk(text);
  SOTTO_CHECK_OK(walk.value(0));
  walk.skip_blanks();
  if (!walk.rest().empty()) return err(JsonError::malformed);
  return {};
}

JsonKind kind_of(std::string_view value) {
  Walk walk(value);
  walk.skip_blanks();
  switch (walk.rest().empty() ? '\0' : walk.rest().front()) {
    case '{': return JsonKind::object;
    case '[': return JsonKind::array;
    case '"': return JsonKind::string;
    case 't':
    case 'f': return JsonKind::boolean;
    case 'n': return JsonKind::null;
    default: return JsonKind::number;
  }
}

std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view object) {
  std::vector<std::pair<std::string, std::string_view>> out;
  Walk walk(object);
  walk.skip_blanks();
  walk.take('{');
  for (;;) {
    walk.skip_blanks();
    if (!walk.at('"')) return out;
    std::string name = text_of(next_value(walk));
    walk.skip_blanks();
    walk.take(':');
    out.emplace_back(std::move(name), next_value(walk));
    walk.skip_blanks();
    if (!walk.take(',')) return out;
  }
}

std::vector<std::string_view> elements_of(std::string_view array) {
  std::vector<std::string_view> out;
  Walk walk(array);
  walk.skip_blanks();
  walk.take('[');
  walk.skip_blanks();
  while (!walk.rest().empty() && !walk.at(']')) {
    out.push_back(next_value(walk));
    walk.skip_blanks();
    if (!walk.take(',')) return out;
  }
  return out;
}

std::string text_of(std::string_view value) {
  std::string out;
  value = value.substr(1, value.size() - 2);
  for (std::size_t at = 0; at < value.size();) {
    if (value[at] != '\\') {
      out += value[at++];
    } else if (value[at + 1] == 'u') {
      at += append_units(out, value.substr(at));
    } else {
      out += meant_by(value[at + 1]);
      at += 2;
    }
  }
  return out;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 1) {
      append_escaped(out, text.front());
    } else if (size == 0) {
      append_code_point(out, kReplacement);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out + '"';
}

}  // namespace sotto::agent
