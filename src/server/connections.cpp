#include "server/connections.h"

#include <algorithm>

#include "result/check.h"

namespace sotto::server {

Connection& Connections::add(const ConnectionInfo& info, std::string address_group) {
  auto& slot = by_id_[info.id];
  SOTTO_CHECK(slot == nullptr);
  slot = std::make_unique<Connection>(info.id, info.exporter, std::move(address_group));
  return *slot;
}

Connection* Connections::find(ConnectionId id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second.get();
}

Connection* Connections::find(const DeviceAddress& device) {
  const auto account = by_account_.find(device.account);
  if (account == by_account_.end()) return nullptr;
  for (const auto& [id, connection] : account->second) {
    if (id == device.device) return connection;
  }
  return nullptr;
}

void Connections::bind(Connection& connection, const DeviceAddress& device) {
  SOTTO_CHECK(!connection.device && find(device) == nullptr);
  connection.device = device;
  by_account_[device.account].emplace_back(device.device, &connection);
  ++authenticated_;
}

void Connections::erase(ConnectionId id) {
  const auto node = by_id_.extract(id);
  if (!node.empty()) unbind(*node.mapped());
}

void Connections::unbind(const Connection& connection) {
  if (!connection.device) return;
  const auto account = by_account_.find(connection.device->account);
  SOTTO_CHECK(account != by_account_.end());
  std::erase_if(account->second, [&](const auto& bound) { return bound.second == &connection; });
  if (account->second.empty()) by_account_.erase(account);
  --authenticated_;
}

std::vector<ConnectionId> Connections::all() const {
  std::vector<ConnectionId> ids;
  ids.reserve(by_id_.size());
  for (const auto& [id, connection] : by_id_) ids.push_back(id);
  std::ranges::sort(ids);  // the same order in every run of a simulation
  return ids;
}

std::vector<ConnectionId> Connections::of_account(const AccountId& account) const {
  std::vector<ConnectionId> ids;
  const auto found = by_account_.find(account);
  if (found == by_account_.end()) return ids;
  for (const auto& [device, connection] : found->second) ids.push_back(connection->id);
  return ids;
}

}  // namespace sotto::server
