#include "client/accounts/server_record.h"

namespace sotto::client {

std::optional<ServerRecord> load_server(store::Database& database) {
  store::Rows rows = database.query(
      "SELECT host, port, tls_pin, name, identity, statement, statement_signature, tls_group FROM server");
  if (!rows.next()) return std::nullopt;
  ServerRecord server{.host = rows.text(0),
                      .port = static_cast<std::uint16_t>(rows.integer(1)),
                      .tls_pin = std::nullopt,
                      .name = rows.text(3),
                      .identity = rows.octets(4),
                      .statement = rows.octets(5),
                      .statement_signature = rows.octets(6),
                      .tls_group = rows.text(7)};
  if (!rows.is_null(2)) server.tls_pin = rows.array<32>(2);
  return server;
}

void save_server(store::Database& database, const ServerRecord& server) {
  database.run(
      "INSERT INTO server (id, host, port, tls_pin, name, identity, statement, statement_signature, "
      "tls_group)"
      " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET host = ?1, port = ?2, "
      "tls_pin "
      "= ?3,"
      " name = ?4, identity = ?5, statement = ?6, statement_signature = ?7, tls_group = ?8",
      std::string_view(server.host), server.port, server.tls_pin, std::string_view(server.name),
      server.identity, server.statement, server.statement_signature, std::string_view(server.tls_group));
}

}  // namespace sotto::client
