#include "gateway/kannel.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "bytes/hex.h"
#include "crypto/hash.h"
#include "gateway/sms_limits.h"
#include "gateway/sms_parts.h"

namespace sotto::gateway {
namespace {

/// Delivered, not delivered, buffered, at the carrier, refused by the carrier.
constexpr int kAllReports = 1 + 2 + 4 + 8 + 16;
/// Of a query's parameter.
constexpr std::size_t kMaxParameter = 256;

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> url_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<char>(*high << 4 | *low));
    i += 2;
  }
  return out;
}

/// The first parameter of that name; empty when there is none that decodes.
std::string parameter(std::string_view target, std::string_view name) {
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return {};
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    auto value = url_decoded(pair.substr(equals + 1));
    return value && value->size() <= kMaxParameter ? *std::move(value) : "";
  }
  return {};
}

/// Digests of equal length: how long comparing takes says nothing about the secret.
bool is_secret(std::string_view given, std::string_view secret) {
  return crypto::sha256(as_bytes(given)) == crypto::sha256(as_bytes(secret));
}

bool contains_word(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return a == b || (a | 0x20) == b; };
  return !std::ranges::search(text, word, same).empty();
}

Result<std::string, CallbackError> words_of(const CallbackRequest& request) {
  if (!contains_word(request.content_type, "text/plain")) return err(CallbackError::not_text);
  if (contains_word(request.content_type, "utf-16be")) {
    auto text = utf8_from_utf16be(request.body);
    if (!text) return err(CallbackError::not_text);
    return *std::move(text);
  }
  if (!sms_length(request.body)) return err(CallbackError::not_text);
  return std::string(request.body);
}

Result<Callback, CallbackError> read_text(const CallbackRequest& request, const CallbackRules& rules) {
  if (!is_secret(parameter(request.target, "secret"), rules.secret)) return err(CallbackError::wrong_secret);
  IncomingSms text{.from = parameter(request.target, "from"),
                   .to = parameter(request.target, "to"),
                   .text = {},
                   .gateway_id = parameter(request.target, "id")};
  if (request.method != "POST" || text.from.empty() || text.to.empty()) return err(CallbackError::malformed);
  // Kannel writes a plus of a number as it is, which in a query is a blank.
  for (std::string* number : {&text.from, &text.to}) {
    if (number->starts_with(' ')) number->front() = '+';
  }
  SOTTO_TRY(text.text, words_of(request));
  return text;
}

Result<Callback, CallbackError> read_report(const CallbackRequest& request) {
  const auto octets = from_hex(parameter(request.target, "ref"));
  const auto ref = octets ? SmsRef::from(*octets) : std::nullopt;
  const std::string type = parameter(request.target, "type");
  if (!ref) return err(CallbackError::malformed);
  if (type == "1") return KannelReport{*ref, SmsState::delivered};
  if (type == "8") return KannelReport{*ref, SmsState::at_carrier};
  if (type == "2" || type == "16") return KannelReport{*ref, SmsState::failed};
  if (type == "4") return Nothing{};
  return err(CallbackError::malformed);
}

}  // namespace

KannelRequest kannel_request(const KannelServer& server, const OutgoingSms& text, bool reports) {
  const auto length = sms_length(text.text);
  const bool wide = length && length->alphabet == SmsAlphabet::ucs2;
  KannelRequest out;
  out.fields = {"Content-Type: text/plain; charset=UTF-8",
                "X-Kannel-Username: " + server.user,
                "X-Kannel-Password: " + server.password,
                "X-Kannel-From: " + text.from,
                "X-Kannel-To: " + text.to,
                fmt::format("X-Kannel-Coding: {}", wide ? 2 : 0)};
  if (reports) {
    out.fields.push_back(fmt::format("X-Kannel-DLR-Mask: {}", kAllReports));
    out.fields.push_back(fmt::format("X-Kannel-DLR-Url: {}/kannel/report?ref={}&type=%d", server.callbacks,
                                     to_hex(text.ref.view())));
  }
  out.body = text.text;
  return out;
}

HandOver kannel_result(long status) {
  if (status == 200 || status == 202) return HandOver::accepted;
  // What another try, after the operator put something right, would not be told again.
  return status == 400 ? HandOver::refused : HandOver::failed;
}

std::string_view describe(CallbackError error) {
  switch (error) {
    case CallbackError::wrong_source: return "this address may not call here";
    case CallbackError::wrong_secret: return "wrong secret";
    case CallbackError::no_such_path: return "see docs/operations.md for the addresses to call";
    case CallbackError::malformed: return "a parameter is missing or wrong";
    case CallbackError::not_text: return "not a text";
  }
  return "unknown error of a callback";
}

Result<Callback, CallbackError> read_callback(const CallbackRequest& request, const CallbackRules& rules) {
  if (std::ranges::find(rules.sources, request.source) == rules.sources.end()) {
    return err(CallbackError::wrong_source);
  }
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  if (path == "/kannel/text") return read_text(request, rules);
  if (path == "/kannel/report") return read_report(request);
  return err(CallbackError::no_such_path);
}

}  // namespace sotto::gateway
