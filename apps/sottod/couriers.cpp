#include "couriers.h"

#include <fmt/format.h>

#include <fstream>

#include "gateway/spool_courier.h"

namespace sotto::sottod {
namespace {

/// The first line of a file.
Outcome<std::string> secret_line(const std::filesystem::path& file, std::string_view what,
                                 std::string_view key) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line.empty()) {
    return err(
        Failure{fmt::format("cannot read {} from the first line of {} ({})", what, file.string(), key)});
  }
  return line;
}

}  // namespace

Outcome<std::unique_ptr<gateway::Courier>> mail_courier(const Config& config, log::Logger& logger) {
  if (!config.mail) return nullptr;
  gateway::MailServer server = *config.mail;
  if (!config.mail_password_file.empty()) {
    SOTTO_TRY(server.password, secret_line(config.mail_password_file, "a password", "mail.password_file"));
  }
  return std::make_unique<gateway::SmtpCourier>(std::move(server), logger);
}

Outcome<std::unique_ptr<gateway::Courier>> text_message_courier(const Config& config, log::Logger& logger) {
  if (config.text_message_spool.empty()) return nullptr;
  std::error_code error;
  std::filesystem::create_directories(config.text_message_spool, error);
  if (error) {
    return err(Failure{fmt::format("cannot make the folder {} (text_messages.spool): {}",
                                   config.text_message_spool.string(), error.message())});
  }
  return std::make_unique<gateway::SpoolCourier>(config.text_message_spool, logger);
}

Outcome<server::SmsGateway> sms_gateway(const SmsConfig& config) {
  server::SmsGateway out{.server = {.url = config.url, .user = config.user, .password = {}, .callbacks = {}},
                         .callbacks = config.callbacks,
                         .rules = {.secret = {}, .sources = config.sources}};
  SOTTO_TRY(out.server.password,
            secret_line(config.password_file, "a password", "text_messages.kannel_password_file"));
  SOTTO_TRY(out.rules.secret,
            secret_line(config.secret_file, "a secret", "text_messages.callback_secret_file"));
  if (out.rules.secret.size() < kMinSecretOctets) {
    return err(
        Failure{fmt::format("the secret in {} (text_messages.callback_secret_file) is short enough to be "
                            "guessed; take 16 characters or more, for example of `openssl rand -hex 16`",
                            config.secret_file.string())});
  }
  return out;
}

}  // namespace sotto::sottod
