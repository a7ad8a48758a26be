#include "config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "config_settings.h"
#include "witnesses.h"

namespace sotto::sottod {
namespace {

/// per_second and burst as two keys.
void add_rate(Settings& settings, const std::string& key, server::Rate& rate) {
  settings[key + "_per_second"] =
      number(0, 1'000'000, [&rate](std::uint64_t value) { rate.per_second = value; });
  settings[key + "_burst"] = number(1, 10'000'000, [&rate](std::uint64_t value) { rate.burst = value; });
}

bool set_policy(const std::string& value, accounts::RegistrationPolicy& out) {
  if (value == "open")
    out = accounts::RegistrationPolicy::open;
  else if (value == "invite")
    out = accounts::RegistrationPolicy::invite;
  else if (value == "admin")
    out = accounts::RegistrationPolicy::by_admin;
  else
    return false;
  return true;
}

bool set_level(const std::string& value, log::Level& out) {
  if (value == "debug")
    out = log::Level::debug;
  else if (value == "info")
    out = log::Level::info;
  else if (value == "warning")
    out = log::Level::warning;
  else if (value == "error")
    out = log::Level::error;
  else
    return false;
  return true;
}

bool set_metrics(const std::string& value, std::optional<transport::TcpEndpoint>& out) {
  out.reset();
  if (value == "off") return true;
  const auto endpoint = parse_endpoint(value);
  if (!endpoint || !std::holds_alternative<transport::TcpEndpoint>(*endpoint)) return false;
  out = std::get<transport::TcpEndpoint>(*endpoint);
  return true;
}

void add_server_settings(Settings& s, Config& config) {
  s["name"] = text(
      [&](const std::string& v) {
        config.name = v;
        return !v.empty() && v.size() <= 253;
      },
      "the server's DNS name, at most 253 characters");
  s["listen"] = text(
      [&](const std::string& v) {
        const auto endpoint = parse_endpoint(v);
        if (endpoint) config.listen = *endpoint;
        return endpoint.has_value();
      },
      "\"address:port\", \"[ipv6 address]:port\" or \"unix:/path\"");
  s["mode"] = text(
      [&](const std::string& v) {
        config.mode = v == "proxy" ? EdgeMode::proxy : EdgeMode::tls;
        return v == "tls" || v == "proxy";
      },
      "\"tls\" or \"proxy\"");
  s["registration"] = text([&](const std::string& v) { return set_policy(v, config.registration); },
                           "\"open\", \"invite\" or \"admin\"");
  s["log_level"] = text([&](const std::string& v) { return set_level(v, config.log_level); },
                        "\"debug\", \"info\", \"warning\" or \"error\"");
  s["metrics"] = text([&](const std::string& v) { return set_metrics(v, config.metrics); },
                      "\"address:port\" or \"off\"");
  s["drain_seconds"] = number(0, 600, [&](std::uint64_t v) { config.drain_deadline = seconds(v); });
  s["tls.certificate"] = text(
      [&](const std::string& v) {
        config.certificate = v;
        return true;
      },
      "the path of a PEM file");
  s["tls.private_key"] = text(
      [&](const std::string& v) {
        config.private_key = v;
        return true;
      },
      "the path of a PEM file");
}

void add_limits(Settings& s, Config& config) {
  relay::Limits& m = config.mailboxes;
  s["mailbox.max_envelopes"] = number(1, 10'000'000, [&](std::uint64_t v) { m.mailbox_envelopes = v; });
  s["mailbox.max_megabytes"] = number(1, 1 << 20, [&](std::uint64_t v) { m.mailbox_octets = v << 20; });
  s["mailbox.keep_days"] = number(1, 365, [&](std::uint64_t v) { m.ttl = days(v); });
  blobs::Limits& b = config.blobs;
  s["blobs.max_megabytes"] = number(0, 1 << 14, [&](std::uint64_t v) { b.blob_octets = v << 20; });
  s["blobs.account_megabytes"] = number(1, 1 << 24, [&](std::uint64_t v) { b.account_octets = v << 20; });
  s["blobs.keep_days"] = number(1, 3650, [&](std::uint64_t v) { b.ttl = days(v); });
  server::Limits& l = config.limits;
  s["limits.max_connections"] = number(1, 10'000'000, [&](std::uint64_t v) { config.max_connections = v; });
  s["limits.connections_per_address"] =
      number(1, 10'000'000, [&](std::uint64_t v) { l.connections_per_address = v; });
  add_rate(s, "limits.envelopes", l.envelopes_per_device);
  add_rate(s, "limits.requests", l.requests_per_device);
  directory::RateLimits& r = config.lookups;
  const auto hourly = [&](const std::string& key, std::uint32_t& limit) {
    s[key] = number(1, 1'000'000'000, [&limit](std::uint64_t v) { limit = static_cast<std::uint32_t>(v); });
  };
  hourly("limits.handle_lookups_per_hour", r.resolves);
  hourly("limits.account_lookups_per_hour", r.account_lookups);
  hourly("limits.manifest_pages_per_hour", r.manifest_pages);
  hourly("limits.prekey_fetches_per_device_pair_per_hour", r.fetches_per_pair);
  const auto contacts = [&](const std::string& key, std::uint32_t& limit) {
    s[key] = number(1, directory::kMaxFirstContacts,
                    [&limit](std::uint64_t v) { limit = static_cast<std::uint32_t>(v); });
  };
  contacts("limits.first_contacts_per_hour", r.first_contacts_per_hour);
  contacts("limits.first_contacts_per_day", r.first_contacts_per_day);
  add_rate(s, "limits.authentications", l.authentications_per_address);
  add_rate(s, "limits.registrations", l.registrations_per_address);
  add_rate(s, "limits.recoveries", l.recoveries_per_address);
  add_rate(s, "limits.log_requests", l.log_requests_per_address);
  add_rate(s, "limits.blob_requests", l.blob_requests_per_address);
}

void add_transparency(Settings& s, Config& config) {
  s["transparency.epoch_interval_ms"] =
      number(0, 60'000, [&](std::uint64_t v) { config.epoch_interval = {v}; });
  s["transparency.witnesses"] = texts(
      [&config](const std::string& v) {
        config.witnesses.push_back(v);
        return !v.empty();
      },
      "a list of keys or paths");
}

/// Applies every value of the table; keys of sub-tables are "table.key".
std::optional<ConfigError> apply(const toml::table& table, const std::string& prefix,
                                 const std::string& source, const Settings& settings) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const Place place{source, key, node.source().begin.line};
    if (const toml::table* inner = node.as_table()) {
      if (auto error = apply(*inner, key + ".", source, settings)) return error;
      continue;
    }
    const auto setting = settings.find(key);
    if (setting == settings.end()) {
      return wrong(place, "there is no such key; `sottod init` writes a file with all of them");
    }
    if (auto error = setting->second(node, place)) return error;
  }
  return std::nullopt;
}

Result<toml::table, ConfigError> parse_table(std::string_view text, const std::string& source) {
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    return err(ConfigError{fmt::format("{}:{}: {}", source, error.source().begin.line, error.description())});
  }
}

}  // namespace

std::optional<transport::Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) {
    const std::string path(text.substr(kUnix.size()));
    if (path.empty()) return std::nullopt;
    return transport::UnixEndpoint{path};
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (host.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return transport::TcpEndpoint{std::string(host), port};
}

std::string to_text(const transport::Endpoint& endpoint) {
  if (const auto* unix_socket = std::get_if<transport::UnixEndpoint>(&endpoint)) {
    return "unix:" + unix_socket->path;
  }
  const auto& tcp = std::get<transport::TcpEndpoint>(endpoint);
  const bool bracket = tcp.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", bracket ? "[" : "", tcp.host, bracket ? "]" : "", tcp.port);
}

Result<Config, ConfigError> parse_config(std::string_view text, const std::string& source) {
  SOTTO_TRY(const toml::table table, parse_table(text, source));
  Config config;
  gateway::MailServer mail;
  SmsConfig sms;
  Settings settings;
  add_server_settings(settings, config);
  add_gateways(settings, mail, sms, config);
  add_limits(settings, config);
  add_transparency(settings, config);
  if (auto error = apply(table, "", source, settings)) return err(std::move(*error));
  if (auto error = take_gateways(std::move(mail), std::move(sms), config, source))
    return err(std::move(*error));
  const bool pair = config.certificate.empty() == config.private_key.empty();
  if (config.mode == EdgeMode::tls && !pair) {
    return err(ConfigError{source + ": tls.certificate and tls.private_key must be given together"});
  }
  return config;
}

Result<Config, ConfigError> load_config(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return err(ConfigError{fmt::format("{}: cannot be read; `sottod init` writes one", file.string())});
  }
  std::ostringstream text;
  text << in.rdbuf();
  SOTTO_TRY(Config config, parse_config(text.str(), file.string()));
  const auto absolute = [&](std::filesystem::path& path) {
    if (!path.empty() && path.is_relative()) path = file.parent_path() / path;
  };
  absolute(config.certificate);
  absolute(config.private_key);
  absolute(config.mail_password_file);
  absolute(config.text_message_spool);
  if (config.sms) {
    absolute(config.sms->password_file);
    absolute(config.sms->secret_file);
  }
  if (config.mail) absolute(config.mail->ca_file);
  for (std::string& witness : config.witnesses) {
    if (!is_witness_key(witness)) witness = (file.parent_path() / witness).string();
  }
  return config;
}

}  // namespace sotto::sottod
