#include "client/links/web_url.h"

#include <algorithm>
#include <charconv>

namespace sotto::client {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

/// Letters that may stand in an address as they are; everything else is escaped by whoever writes it.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char letter) { return letter > ' ' && letter < '\x7f' && letter != '#'; });
}

/// "https:" before anything that only a path has.
bool has_scheme(std::string_view reference) {
  const std::size_t colon = reference.find(':');
  return colon != std::string_view::npos && colon > 0 && reference.find_first_of("/?#") > colon;
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char letter) { return static_cast<unsigned char>(letter) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<WebUrl> parse_web_url(std::string_view url) {
  WebUrl out;
  if (url.size() > kMaxWebUrl || !is_plain(url)) return std::nullopt;
  out.secure = url.starts_with("https://");
  if (!out.secure && !url.starts_with("http://")) return std::nullopt;
  url.remove_prefix(out.secure ? 8 : 7);
  std::string_view authority = url.substr(0, url.find_first_of("/?"));
  out.target = url.substr(authority.size());
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  out.port = out.secure ? kHttpsPort : kHttpPort;
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  if (const std::size_t colon = authority.find(':', bracket); colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || out.port == 0)
      return std::nullopt;
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  out.host = authority;
  if (out.host.empty()) return std::nullopt;
  return out;
}

std::string resolve_reference(std::string_view base, std::string_view reference) {
  reference = trimmed(reference);
  reference = reference.substr(0, reference.find('#'));
  if (has_scheme(reference)) return std::string(reference);
  const std::size_t authority = base.find("//") + 2;
  if (reference.starts_with("//")) return std::string(base.substr(0, authority - 2)).append(reference);
  const std::size_t path = std::min(base.find_first_of("/?", authority), base.size());
  std::string out(base.substr(0, path));
  if (reference.starts_with('/')) return out.append(reference);
  const std::string_view own_path = base.substr(path, base.find('?', path) - path);
  if (reference.empty() || reference.starts_with('?')) return out.append(own_path).append(reference);
  const std::size_t folder = own_path.rfind('/');
  out.append(folder == std::string_view::npos ? "/" : own_path.substr(0, folder + 1));
  return out.append(reference);
}

}  // namespace sotto::client
