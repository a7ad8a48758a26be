// Which server, as people type it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/accounts/server_record.h"
#include "client/api/failure.h"

namespace sotto::client::api {

/// host:port or [address]:port, and the pin of its TLS key in hexadecimal, or empty. Errors: usage.
CommandResult<ServerRecord> parse_server(const std::string& server, const std::string& pin);

/// This machine's name, or "device": what a device is called where nobody says.
std::string host_name();

}  // namespace sotto::client::api
