// Who may write first, as people type it.
#pragma once

#include <optional>
#include <string>

#include "sotto/v1/client_api.pb.h"

namespace sotto::cli {

/// anybody, groups, link, nobody, open. Empty for anything else.
std::optional<v1::ContactRules::From> rule_named(const std::string& name);

}  // namespace sotto::cli
