// The open connections: who they are and which device each belongs to. A device has one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "clock/clock.h"
#include "identity/authentication.h"
#include "identity/ids.h"
#include "server/effects.h"
#include "server/token_bucket.h"

namespace sotto::server {

using identity::AccountId;
using identity::DeviceAddress;
using identity::DeviceId;

/// Both nonces of a connection that said Hello and has not authenticated.
struct Greeting {
  identity::ConnectionNonce server_nonce;
  identity::ConnectionNonce client_nonce;
};

struct Connection {
  Connection(ConnectionId opened_id, const transport::Exporter& channel, std::string group)
      : id(opened_id), exporter(channel), address_group(std::move(group)) {}

  ConnectionId id;
  transport::Exporter exporter;
  std::string address_group;
  std::unique_ptr<Greeting> greeting;   ///< between Hello and the end of authentication
  std::optional<DeviceAddress> device;  ///< once authenticated
  /// The account that it may see and join or recover, while it is no device: it named its password or a way
  /// back into it.
  std::optional<AccountId> guest_of;
  UnixMs guest_until;
  std::uint32_t requests_in_flight = 0;
  std::uint32_t authentication_attempts = 0;
  std::uint32_t mistakes = 0;  ///< malformed or unauthenticated requests
  UnixMs last_admitted;        ///< the last request of an auditor or guest that was answered
};

class Connections {
 public:
  Connection& add(const ConnectionInfo& info, std::string address_group);
  /// Null when there is none.
  [[nodiscard]] Connection* find(ConnectionId id);
  /// The connection that the device authenticated on; null when it is not connected.
  [[nodiscard]] Connection* find(const DeviceAddress& device);
  /// Precondition: the device has no connection and the connection no device.
  void bind(Connection& connection, const DeviceAddress& device);
  void erase(ConnectionId id);

  [[nodiscard]] std::vector<ConnectionId> all() const;
  [[nodiscard]] std::vector<ConnectionId> of_account(const AccountId& account) const;
  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  [[nodiscard]] std::size_t authenticated() const { return authenticated_; }

 private:
  void unbind(const Connection& connection);

  std::unordered_map<ConnectionId, std::unique_ptr<Connection>> by_id_;
  // Few devices each: a list is searched faster than hashed.
  std::unordered_map<AccountId, std::vector<std::pair<DeviceId, Connection*>>> by_account_;
  std::size_t authenticated_ = 0;
};

}  // namespace sotto::server
