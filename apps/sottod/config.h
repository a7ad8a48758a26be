// sottod's configuration file: TOML, every key optional, unknown keys refused. docs/operations.md 2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "accounts/registrar.h"
#include "blobs/limits.h"
#include "directory/limits.h"
#include "gateway/smtp_courier.h"
#include "gateway/text_messages.h"
#include "log/log.h"
#include "relay/limits.h"
#include "result/result.h"
#include "server/limits.h"
#include "transparency_log/log.h"
#include "transport/endpoint.h"

namespace sotto::sottod {

enum class EdgeMode : std::uint8_t {
  tls,    ///< our own TLS
  proxy,  ///< plain HTTP from a trusted TLS proxy on this machine
};

/// How Kannel is reached and reaches us, and who may use it. Exists once its address is given.
struct SmsConfig {
  std::string url;
  std::string user;
  std::filesystem::path password_file;
  transport::TcpEndpoint callbacks{"127.0.0.1", 13080};
  std::filesystem::path secret_file;
  std::vector<std::string> sources{"127.0.0.1", "::1"};
  gateway::SmsRules rules;
};

struct Config {
  std::string name = "localhost";  ///< by which clients know the server; they pin it
  transport::Endpoint listen = transport::TcpEndpoint{"127.0.0.1", 7443};
  EdgeMode mode = EdgeMode::tls;
  std::filesystem::path certificate;  ///< both empty: self-signed, made at the first start
  std::filesystem::path private_key;
  std::optional<transport::TcpEndpoint> metrics = transport::TcpEndpoint{"127.0.0.1", 9464};
  accounts::RegistrationPolicy registration = accounts::RegistrationPolicy::open;
  log::Level log_level = log::Level::info;
  std::optional<gateway::MailServer> mail;  ///< empty: e-mail addresses cannot be handles
  std::filesystem::path mail_password_file;
  std::filesystem::path text_message_spool;  ///< empty, and no sms: telephone numbers cannot be handles
  std::optional<SmsConfig> sms;
  DurationMs drain_deadline = seconds(10);
  std::size_t max_connections = 120'000;
  server::Limits limits;
  directory::RateLimits lookups;
  relay::Limits mailboxes;
  blobs::Limits blobs;
  DurationMs epoch_interval = transparency_log::Options{}.epoch_interval;
  std::vector<std::string> witnesses;  ///< as load_witnesses takes them; paths are absolute
};

/// What is wrong with a configuration, for the operator: the file, the line, the key, and what to write
/// instead.
struct ConfigError {
  std::string message;
};

/// A file that is not there is an error. Paths in it are relative to the file's directory.
Result<Config, ConfigError> load_config(const std::filesystem::path& file);
/// `source` names the text in messages.
Result<Config, ConfigError> parse_config(std::string_view text, const std::string& source);
/// "127.0.0.1:7443", "[::1]:7443", "unix:/run/sottod.sock"; nullopt when it is none of these.
std::optional<transport::Endpoint> parse_endpoint(std::string_view text);
std::string to_text(const transport::Endpoint& endpoint);

/// The commented file that a first start writes: every key with its default.
std::string default_config_text();

}  // namespace sotto::sottod
