// The server this profile belongs to, and what of it was pinned at the first contact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/store/database.h"
#include "identity/server_statement.h"

namespace sotto::client {

struct ServerRecord {
  std::string host;
  std::uint16_t port = 0;
  std::optional<identity::SpkiHash> tls_pin;  ///< given by the user, or seen at the first contact
  std::string name;                           ///< as the server calls itself; empty before the first contact
  Bytes identity;                             ///< hybrid public key; empty before the first contact
  Bytes statement;                            ///< newest verified server statement
  Bytes statement_signature;
  std::string tls_group;  ///< key agreement of the newest connection
};

std::optional<ServerRecord> load_server(store::Database& database);
void save_server(store::Database& database, const ServerRecord& server);

}  // namespace sotto::client
