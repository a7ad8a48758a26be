#include "identity/handle.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "identity/ids.h"
#include "identity/limits.h"

namespace sotto::identity {
namespace {

constexpr std::size_t kMinUsername = 2;
constexpr std::size_t kMaxUsername = 32;
constexpr std::size_t kMaxLocalPart = 64;    // RFC 5321 4.5.3.1.1
constexpr std::size_t kMaxDomainLabel = 63;  // RFC 1035 2.3.4
constexpr std::size_t kMinPhoneDigits = 8;
constexpr std::size_t kMaxPhoneDigits = 15;  // E.164

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hexadecimal(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

/// NFKC, then ASCII letters in lower case. Other letters need no case mapping: no kind of handle allows them.
Result<std::string, HandleError> normalise(std::string_view typed) {
  if (typed.empty()) return err(HandleError::empty);
  if (typed.size() > kMaxHandleInput) return err(HandleError::too_long);
  constexpr auto kNfkc = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(typed.data()),
                                               static_cast<utf8proc_ssize_t>(typed.size()), &mapped, kNfkc);
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(mapped);
  if (length < 0) return err(HandleError::not_utf8);
  std::string out(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// RFC 5322 3.2.3 atext in lower case.
bool is_atext(char c) {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

/// Calls check(part) for the parts between dots; false as soon as one is.
template <typename Check>
bool all_parts(std::string_view text, const Check& check) {
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!check(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_domain(std::string_view domain) {
  return domain.find('.') != std::string_view::npos && all_parts(domain, [](std::string_view label) {
           return !label.empty() && label.size() <= kMaxDomainLabel && label.front() != '-' &&
                  label.back() != '-';
         });
}

void erase_all(std::string& text, std::string_view characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != std::string_view::npos; });
}

/// A leading 00 is what most countries dial for +.
std::string international(std::string digits) {
  erase_all(digits, "()");
  if (digits.starts_with("00")) digits.replace(0, 2, "+");
  return digits;
}

/// Removes the "(0)" of "+46 (0)70 ...": the trunk prefix, as people write it for callers inside the country,
/// is no part of the number. In Italy a leading zero is.
void drop_trunk_zero(std::string& digits) {
  constexpr std::string_view kTrunk = "(0)";
  constexpr std::size_t kMaxCountryCode = 3;
  const std::size_t at = digits.find(kTrunk);
  if (at == std::string::npos) return;
  const std::string code = international(digits.substr(0, at));
  if (code.size() < 2 || code.size() > 1 + kMaxCountryCode || code[0] != '+' || code == "+39") return;
  digits.erase(at, kTrunk.size());
}

}  // namespace

std::string_view describe(HandleError error) {
  switch (error) {
    case HandleError::empty: return "is empty";
    case HandleError::too_long: return "is too long";
    case HandleError::too_short: return "is too short";
    case HandleError::not_utf8: return "is not valid text";
    case HandleError::forbidden_character: return "contains a character that is not allowed";
    case HandleError::bad_start: return "must start with a letter or a digit";
    case HandleError::bad_shape: return "is not an e-mail address";
    case HandleError::no_country_code: return "must start with + and the country code";
    case HandleError::reads_as_account: return "reads like the number of an account";
  }
  return "unknown handle error";
}

Result<Handle, HandleError> Handle::username(std::string_view typed) {
  SOTTO_TRY(std::string text, normalise(typed));
  const auto allowed = [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  if (!std::ranges::all_of(text, allowed)) return err(HandleError::forbidden_character);
  if (text.size() < kMinUsername) return err(HandleError::too_short);
  if (text.size() > kMaxUsername) return err(HandleError::too_long);
  if (!is_alphanumeric(text.front())) return err(HandleError::bad_start);
  // Who has no name here yet is written so, and must not be somebody else's name.
  if (text.size() == 2 * AccountId::kSize && std::ranges::all_of(text, is_hexadecimal)) {
    return err(HandleError::reads_as_account);
  }
  return Handle(HandleKind::username, std::move(text));
}

Result<Handle, HandleError> Handle::email(std::string_view typed) {
  SOTTO_TRY(std::string text, normalise(typed));
  if (text.size() > kMaxHandle) return err(HandleError::too_long);
  const std::size_t at = text.find('@');
  if (at == std::string::npos) return err(HandleError::bad_shape);
  const std::string_view local = std::string_view(text).substr(0, at);
  const std::string_view domain = std::string_view(text).substr(at + 1);
  if (domain.find('@') != std::string_view::npos) return err(HandleError::bad_shape);
  const auto in_local = [](char c) { return is_atext(c) || c == '.'; };
  const auto in_domain = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; };
  if (!std::ranges::all_of(local, in_local) || !std::ranges::all_of(domain, in_domain)) {
    return err(HandleError::forbidden_character);
  }
  if (local.size() > kMaxLocalPart) return err(HandleError::too_long);
  const bool local_fits = all_parts(local, [](std::string_view atom) { return !atom.empty(); });
  if (!local_fits || !is_domain(domain)) return err(HandleError::bad_shape);
  return Handle(HandleKind::email, std::move(text));
}

Result<Handle, HandleError> Handle::phone(std::string_view typed) {
  SOTTO_TRY(std::string text, normalise(typed));
  erase_all(text, " -.");
  drop_trunk_zero(text);
  text = international(std::move(text));
  if (text.size() < 2 || text[0] != '+' || text[1] == '0') return err(HandleError::no_country_code);
  if (!std::ranges::all_of(text.substr(1), is_digit)) return err(HandleError::forbidden_character);
  if (text.size() - 1 < kMinPhoneDigits) return err(HandleError::too_short);
  if (text.size() - 1 > kMaxPhoneDigits) return err(HandleError::too_long);
  return Handle(HandleKind::phone, std::move(text));
}

Result<Handle, HandleError> Handle::parse(std::string_view typed) {
  SOTTO_TRY(const std::string text, normalise(typed));
  if (text.find('@') != std::string::npos) return email(text);
  if (text.starts_with('+')) return phone(text);
  return username(text);
}

}  // namespace sotto::identity
