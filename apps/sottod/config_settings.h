// How a key of the configuration becomes a value: what config.cpp and config_gateways.cpp share.
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config.h"

namespace sotto::sottod {

/// Where a value stands, for messages.
struct Place {
  const std::string& source;
  std::string key;
  std::size_t line;
};

inline ConfigError wrong(const Place& place, std::string_view what) {
  return {fmt::format("{}:{}: {}: {}", place.source, place.line, place.key, what)};
}

using Setting = std::function<std::optional<ConfigError>(const toml::node&, const Place&)>;

inline Setting text(std::function<bool(const std::string&)> accept, std::string expected) {
  return [accept = std::move(accept), expected = std::move(expected)](
             const toml::node& node, const Place& place) -> std::optional<ConfigError> {
    const auto value = node.value_exact<std::string>();
    if (!value || !accept(*value)) return wrong(place, "expected " + expected);
    return std::nullopt;
  };
}

inline Setting number(std::int64_t least, std::int64_t most, std::function<void(std::uint64_t)> store) {
  return [=, store = std::move(store)](const toml::node& node,
                                       const Place& place) -> std::optional<ConfigError> {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) {
      return wrong(place, fmt::format("expected a whole number from {} to {}", least, most));
    }
    store(static_cast<std::uint64_t>(*value));
    return std::nullopt;
  };
}

/// A list of texts, each of which `accept` takes.
inline Setting texts(std::function<bool(const std::string&)> accept, std::string expected) {
  return [accept = std::move(accept), expected = std::move(expected)](
             const toml::node& node, const Place& place) -> std::optional<ConfigError> {
    const toml::array* list = node.as_array();
    if (list == nullptr) return wrong(place, "expected " + expected);
    for (const toml::node& entry : *list) {
      const auto value = entry.value_exact<std::string>();
      if (!value || !accept(*value)) return wrong(place, "expected " + expected);
    }
    return std::nullopt;
  };
}

using Settings = std::map<std::string, Setting>;

/// Keys of [mail] and [text_messages].
void add_gateways(Settings& settings, gateway::MailServer& mail, SmsConfig& sms, Config& config);
/// What only the values together show; takes those that are complete into the configuration.
std::optional<ConfigError> take_gateways(gateway::MailServer mail, SmsConfig sms, Config& config,
                                         const std::string& source);

}  // namespace sotto::sottod
