// One honest device: the real client core over a store, and everything it told its user. The stage owns its
// connection.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/core.h"
#include "crypto/random.h"
#include "transport/listener.h"

namespace sotto::hostile {

class Person {
 public:
  /// A store in memory, or the given one, which must be migrated.
  Person(std::string name, std::uint64_t seed, std::unique_ptr<client::store::Database> database = nullptr);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] client::Core& core() { return *core_; }
  [[nodiscard]] client::store::Database& database() { return *database_; }
  [[nodiscard]] crypto::RandomSource& random() { return random_; }
  /// Precondition: registered or linked.
  [[nodiscard]] const client::Self& self() const { return *core_->self(); }
  [[nodiscard]] identity::DeviceAddress address() const { return {self().account_id(), self().device.id}; }

  /// The process dies and starts again.
  void restart();
  /// As the disk was when `snapshot` was taken.
  void restart_from(ByteView snapshot);

  // What the user sees.
  /// Bodies of the conversation with a handle or account, in timeline order.
  [[nodiscard]] std::vector<std::string> texts(std::string_view with) const;
  [[nodiscard]] std::optional<v1::Message> message(std::string_view with, std::string_view body) const;
  /// STATE_UNSPECIFIED if there is no such message.
  [[nodiscard]] v1::Message::State state_of(std::string_view with, std::string_view body) const;
  [[nodiscard]] bool told(v1::Problem::Code code, std::string_view detail = {}) const;
  /// Every problem since the last call, as "CODE detail".
  std::vector<std::string> take_problems();

  /// Digests of what the store holds: what a user or the checks of later messages can see of it, without
  /// times; the sessions, which also move when something is sent; the private prekeys.
  [[nodiscard]] Bytes record_digest() const;
  [[nodiscard]] Bytes session_digest() const;
  [[nodiscard]] Bytes prekey_digest() const;

  std::vector<v1::Event> events;
  bool online = false;   ///< wants a connection
  bool refused = false;  ///< the core gave up on the server until a person acts
  std::optional<transport::ConnectionId> connection;

 private:
  std::string name_;
  crypto::DeterministicRandom random_;
  std::unique_ptr<client::store::Database> database_;
  std::unique_ptr<client::Core> core_;
};

}  // namespace sotto::hostile
