// Handles: the names by which people find an account, in one normal form before anything is compared, stored
// or hashed (docs/specs/identity.md 4). An account's identity never depends on them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "result/result.h"

namespace sotto::identity {

/// What is wrong with what somebody typed.
enum class HandleError : std::uint8_t {
  empty,
  too_long,
  too_short,  ///< a username of one character, a phone number under 8 digits
  not_utf8,
  forbidden_character,  ///< outside the set of its kind after NFKC and lower-casing
  bad_start,            ///< a username that does not start with a letter or digit
  bad_shape,            ///< an address without one @, with an empty or over-long label, dots in a row
  no_country_code,      ///< a phone number that does not start with + and 1-9
  reads_as_account,     ///< a username of 32 hexadecimal digits: it would be taken for an account's number
};

std::string_view describe(HandleError error);

enum class HandleKind : std::uint8_t { username = 1, email = 2, phone = 3 };

/// A normalised handle. The kinds cannot collide: an address has an @, a phone number starts with +, a
/// username has neither.
class Handle {
 public:
  /// [a-z0-9][a-z0-9._-]{1,31} after NFKC and lower-casing, but for what an account is written as.
  static Result<Handle, HandleError> username(std::string_view typed);
  /// local@domain, dot-atoms of ASCII after NFKC and lower-casing, at most 254 octets.
  static Result<Handle, HandleError> email(std::string_view typed);
  /// E.164: + and 8 to 15 digits; blanks, hyphens, dots, parentheses, a leading 00 and a (0) after the
  /// country code are understood.
  static Result<Handle, HandleError> phone(std::string_view typed);
  /// Chooses the kind: an @ inside makes an address, a leading + a phone number, all else a username.
  static Result<Handle, HandleError> parse(std::string_view typed);

  [[nodiscard]] HandleKind kind() const { return kind_; }
  [[nodiscard]] const std::string& text() const { return text_; }

  friend auto operator<=>(const Handle&, const Handle&) = default;

 private:
  Handle(HandleKind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

  HandleKind kind_;
  std::string text_;
};

}  // namespace sotto::identity
