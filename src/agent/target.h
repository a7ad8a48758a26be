// What the target of a request says: names that are percent-encoded, and parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "transport/http.h"

namespace sotto::agent {

/// "caf%C3%A9" as it was meant; empty for what is no such text.
std::optional<std::string> unescaped(std::string_view text);
/// The value of one parameter of the query; empty where it is absent.
std::string parameter(const transport::HttpRequest& request, std::string_view name);

}  // namespace sotto::agent
