// What carries messages to people outside, made from the configuration: mail, text messages, Kannel.
#pragma once

#include <memory>

#include "config.h"
#include "failure.h"
#include "server/runtime.h"

namespace sotto::sottod {

/// Of the secret that Kannel calls back with.
inline constexpr std::size_t kMinSecretOctets = 16;

/// Null when there is no mail server.
Outcome<std::unique_ptr<gateway::Courier>> mail_courier(const Config& config, log::Logger& logger);
/// Null when there is no spool; makes its folder.
Outcome<std::unique_ptr<gateway::Courier>> text_message_courier(const Config& config, log::Logger& logger);
/// Reads the files with secrets.
Outcome<server::SmsGateway> sms_gateway(const SmsConfig& config);

}  // namespace sotto::sottod
