// The web UI's files, which are part of the program (cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace sotto::agent {

struct Asset {
  std::string_view path;  ///< "/index.html"
  std::string_view content_type;
  std::string_view etag;  ///< strong, in its quotation marks
  bool immutable;         ///< its name changes with its content
  std::string_view octets;
};

/// Sorted by path.
std::span<const Asset> assets();
/// The one at this path; "/" is "/index.html".
const Asset* find_asset(std::string_view path);

}  // namespace sotto::agent
