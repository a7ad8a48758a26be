#include "client/links/find_links.h"

#include <algorithm>
#include <array>
#include <optional>

#include "bytes/hex.h"
#include "client/conversations/text_rules.h"
#include "client/links/look_alike.h"
#include "client/links/punycode.h"

namespace sotto::client {
namespace {

constexpr std::array<std::string_view, 3> kBeginnings = {"https://", "http://", "www."};
constexpr std::string_view kBare = "www.";
constexpr char32_t kReplacement = 0xfffd;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); }

bool begins_with(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() && std::ranges::equal(text.substr(0, beginning.size()), beginning,
                                                               [](char a, char b) { return lower(a) == b; });
}

/// The one that stands there; empty: none.
std::string_view beginning_at(std::string_view text, std::size_t at) {
  for (const std::string_view each : kBeginnings) {
    if (!begins_with(text.substr(at), each)) continue;
    if (each == kBare && at > 0 && is_word(text[at - 1])) continue;
    return each;
  }
  return {};
}

bool is_blank(char32_t point) {
  return point <= 0x20 || (point >= 0x7f && point <= 0xa0) || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 || point == 0x202f ||
         point == 0x205f || point == 0x3000;
}

bool ends_link(char32_t point) {
  return is_blank(point) || point == U'<' || point == U'>' || point == U'"' || point == U'`';
}

/// Of what begins at `at`: with the punctuation that stands at its end.
std::size_t rough_end(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    std::size_t next = at;
    const auto point = next_point(text, next);
    if (!point || ends_link(*point)) return at;
    at = next;
  }
  return at;
}

/// A bracket that closes stays only where one in the link opened.
bool is_punctuation(std::string_view link) {
  constexpr std::string_view kClosing = ")]}";
  constexpr std::string_view kOpening = "([{";
  const char last = link.back();
  const std::size_t bracket = kClosing.find(last);
  if (bracket != std::string_view::npos) {
    return std::ranges::count(link, last) > std::ranges::count(link, kOpening[bracket]);
  }
  return std::string_view(".,;:!?'*_~|").find(last) != std::string_view::npos;
}

/// Brackets are counted at most so often: a text of nothing but brackets would cost its square.
constexpr int kMaxTrimmed = 64;

std::string_view trimmed(std::string_view link) {
  for (int left = kMaxTrimmed; left > 0 && !link.empty() && is_punctuation(link); --left) {
    link.remove_suffix(1);
  }
  return link;
}

void warn(FoundLink& link, FoundLink::Warning warning) {
  if (std::ranges::find(link.warnings(), static_cast<int>(warning)) == link.warnings().end())
    link.add_warnings(warning);
}

/// "%65" is "e" to a browser, in a host too.
std::optional<std::string> without_escapes(std::string_view host) {
  std::string out;
  for (std::size_t at = 0; at < host.size(); ++at) {
    if (host[at] != '%') {
      out.push_back(host[at]);
      continue;
    }
    const auto octet = from_hex(host.substr(at + 1, 2));
    if (!octet || octet->size() != 1) return std::nullopt;
    out.push_back(static_cast<char>(octet->front()));
    at += 2;
  }
  return out;
}

bool is_dot(char32_t point) { return point == U'.' || point == 0x3002 || point == 0xff0e || point == 0xff61; }

std::vector<std::u32string> labels_of(std::string_view host) {
  std::vector<std::u32string> out(1);
  for (std::size_t at = 0; at < host.size();) {
    const auto point = next_point(host, at);
    if (!point) {
      out.back().push_back(kReplacement);
      ++at;
    } else if (is_dot(*point)) {
      out.emplace_back();
    } else {
      // Wide forms of ASCII are ASCII to a browser.
      const char32_t plain = *point > 0xff00 && *point < 0xff5f ? *point - 0xfee0 : *point;
      out.back().push_back(plain >= U'A' && plain <= U'Z' ? plain + (U'a' - U'A') : plain);
    }
  }
  return out;
}

bool is_ascii(std::u32string_view label) {
  return std::ranges::all_of(label, [](char32_t point) { return point < 0x80; });
}

std::u32string decoded(const std::u32string& label, FoundLink& link) {
  if (!label.starts_with(U"xn--") || !is_ascii(label)) return label;
  std::string encoded;
  for (const char32_t point : std::u32string_view(label).substr(4)) {
    encoded.push_back(static_cast<char>(point));
  }
  auto out = decode_punycode(encoded);
  if (out && !is_ascii(*out)) return *std::move(out);
  warn(link, FoundLink::UNDECODABLE);
  return label;
}

/// A label as it can be shown, with what is to be said about it.
std::string shown(std::u32string label, FoundLink& link) {
  if (!is_ascii(label)) warn(link, FoundLink::NOT_ASCII);
  if (mixes_scripts(label)) warn(link, FoundLink::MIXED_SCRIPTS);
  std::string out;
  for (const char32_t point : label) {
    if (is_odd(point)) warn(link, FoundLink::ODD_CHARACTERS);
    append_point(out, is_odd(point) ? kReplacement : point);
  }
  return out;
}

/// A name of foreign letters that reads as a Latin one, under an ending that is Latin.
void look_closer(const std::vector<std::u32string>& labels, FoundLink& link) {
  if (labels.size() < 2 || !is_ascii(labels.back())) return;
  const bool foreign =
      std::ranges::any_of(labels, [](const std::u32string& label) { return has_foreign_letter(label); });
  const std::string looks = skeleton(link.host());
  if (!foreign || !std::ranges::all_of(looks, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return;
  }
  warn(link, FoundLink::LOOKS_LIKE);
  link.set_resembles(looks);
}

bool is_number(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  const bool hexadecimal = last.starts_with("0x");
  return host.starts_with('[') || hexadecimal || (!last.empty() && std::ranges::all_of(last, is_digit));
}

void set_host(std::string_view raw, FoundLink& link) {
  const auto plain = without_escapes(raw);
  if (!plain) warn(link, FoundLink::UNDECODABLE);
  std::vector<std::u32string> labels = labels_of(plain ? std::string_view(*plain) : raw);
  std::string host;
  for (std::u32string& label : labels) {
    label = decoded(label, link);
    if (!host.empty()) host.push_back('.');
    host += shown(label, link);
  }
  // The root of all names changes nothing.
  while (host.ends_with('.')) host.pop_back();
  link.set_host(host);
  if (is_number(host)) warn(link, FoundLink::NUMERIC_ADDRESS);
  look_closer(labels, link);
}

/// What stands between the scheme and the path, without port. Browsers take \ for /.
std::string_view host_part(std::string_view rest, FoundLink& link) {
  std::string_view authority = rest.substr(0, rest.find_first_of("/\\?#"));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    warn(link, FoundLink::USER_NAME);
    authority.remove_prefix(at + 1);
  }
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && std::ranges::all_of(authority.substr(colon + 1), is_digit)) {
    authority = authority.substr(0, colon);
  }
  return authority;
}

std::optional<FoundLink> read_link(std::string_view text, std::string_view beginning) {
  FoundLink link;
  const bool bare = beginning == kBare;
  const std::string_view host = host_part(bare ? text : text.substr(beginning.size()), link);
  if (host.empty() || text.size() > kMaxLink) return std::nullopt;
  link.set_url(bare ? "http://" + std::string(text) : std::string(text));
  if (host.starts_with('[')) {
    link.set_host(std::string(host));
    warn(link, FoundLink::NUMERIC_ADDRESS);
    // Nothing but an address stands in brackets.
    if (host.find_first_not_of("0123456789abcdefABCDEF:.]", 1) != std::string_view::npos) {
      return std::nullopt;
    }
  } else {
    set_host(host, link);
  }
  if (link.host().empty() || (bare && link.host().find('.') == std::string::npos)) return std::nullopt;
  return link;
}

bool is_below(std::string_view host, std::string_view parent) {
  return host == parent || (host.size() > parent.size() && host.ends_with(parent) &&
                            host[host.size() - parent.size() - 1] == '.');
}

std::string_view without_www(std::string_view host) {
  if (host.starts_with(kBare)) host.remove_prefix(kBare.size());
  return host;
}

}  // namespace

std::vector<FoundLink> find_links(std::string_view text) {
  std::vector<FoundLink> out;
  for (std::size_t at = 0; at < text.size() && out.size() < kMaxLinks;) {
    const std::string_view beginning = beginning_at(text, at);
    if (beginning.empty()) {
      ++at;
      continue;
    }
    const std::size_t end = std::max(rough_end(text, at), at + beginning.size());
    const std::string_view whole = trimmed(text.substr(at, end - at));
    if (whole.size() > beginning.size()) {
      if (auto link = read_link(whole, beginning)) {
        link->set_start(static_cast<std::uint32_t>(at));
        link->set_length(static_cast<std::uint32_t>(whole.size()));
        out.push_back(*std::move(link));
      }
    }
    at = end;
  }
  return out;
}

void compare_with(std::span<const std::string> known_hosts, FoundLink& link) {
  const std::string_view host = without_www(link.host());
  const auto knows = [&](const std::string& known) { return is_below(host, without_www(known)); };
  if (std::ranges::any_of(known_hosts, knows)) return;
  const std::string looks = skeleton(host);
  for (const std::string& each : known_hosts) {
    const std::string_view known = without_www(each);
    const bool pretends = host.starts_with(std::string(known) + ".");
    if (known.empty() || (!pretends && !is_below(looks, skeleton(known)))) continue;
    warn(link, FoundLink::LOOKS_LIKE);
    link.set_resembles(each);
    return;
  }
}

}  // namespace sotto::client
