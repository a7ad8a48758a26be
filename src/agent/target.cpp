#include "agent/target.h"

#include <algorithm>

#include "bytes/hex.h"

namespace sotto::agent {

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at] == '+' ? ' ' : text[at];
      continue;
    }
    const auto octet = from_hex(text.substr(at + 1, 2));
    if (!octet || octet->size() != 1) return std::nullopt;
    out += static_cast<char>(octet->front());
    at += 2;
  }
  return out;
}

std::string parameter(const transport::HttpRequest& request, std::string_view name) {
  const std::size_t mark = request.target.find('?');
  std::string_view query = mark == std::string::npos ? "" : std::string_view(request.target).substr(mark + 1);
  while (!query.empty()) {
    const std::string_view each = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), each.size() + 1));
    const std::size_t equals = each.find('=');
    if (equals != std::string_view::npos && each.substr(0, equals) == name) {
      return unescaped(each.substr(equals + 1)).value_or("");
    }
  }
  return {};
}

}  // namespace sotto::agent
