// The stage: the real server core and real client cores, and between them an operator who holds the server's
// keys and so reads, drops, alters, holds back and invents frames as a script says. Synchronous and
// deterministic; time passes only in pass().
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "disk.h"
#include "log/log.h"
#include "person.h"
#include "server/core.h"
#include "sotto/v1/stream.pb.h"
#include "storage/memory_store.h"

namespace sotto::hostile {

inline constexpr std::string_view kServerName = "sotto.example";
inline constexpr UnixMs kStart{1'800'000'000'000};

using ServerFrames = std::vector<v1::ServerFrame>;
using ClientFrames = std::vector<v1::ClientFrame>;

/// The envelopes that a frame pushes to a device, or submits for one, as octets.
std::vector<Bytes> envelopes_of(const v1::ServerFrame& frame);
std::vector<Bytes> envelopes_of(const v1::ClientFrame& frame);

/// What a malicious operator does with each frame on its way: returns what goes on instead. Honest by
/// default.
struct Operator {
  std::function<ServerFrames(Person&, v1::ServerFrame)> to_device;
  std::function<ClientFrames(Person&, v1::ClientFrame)> to_server;
};

class Stage final : private server::Effects {
 public:
  explicit Stage(std::uint64_t seed = 1);
  /// With a server whose store is RocksDB in this folder.
  explicit Stage(const std::filesystem::path& disk);
  ~Stage() override;

  /// A device with a new account of that handle, connected; over a store in memory or the given one.
  Person& join(const std::string& handle, std::unique_ptr<client::store::Database> database = nullptr);
  /// A further device of `of`'s account, linked by files, connected.
  Person& link(Person& of, const std::string& name);
  void link_into(Person& device, Person& of);
  /// A device that waits to be linked, not connected.
  Person& add_waiting(const std::string& name);
  /// A device without an account.
  Person& add(const std::string& name, std::unique_ptr<client::store::Database> database = nullptr);
  /// Another process over a copy of a device's store: connects like any other.
  Person& clone(Person& of, const std::string& name);

  void connect(Person& person);
  void disconnect(Person& person);
  void write(Person& from, std::string_view to, std::string_view text);
  /// Runs a command of a core and carries out its effects.
  template <typename Command>
  auto command(Person& person, Command&& run) {
    auto outcome = run(person.core());
    EXPECT_TRUE(outcome) << person.name() << ": the store failed";
    auto value = std::move(outcome->value);
    perform(person, std::move(outcome->effects));
    return value;
  }

  /// Carries frames until nothing moves.
  void settle();
  /// Lets time pass at once; who lost the connection and wants one connects again. Settles.
  void pass(DurationMs time);
  /// Lets time pass in steps, for pauses that grow.
  void pass_in_steps(DurationMs total, DurationMs step);
  /// `count` messages each way.
  void chat(Person& one, Person& other, int count = 1);

  // What only the operator, or a modified client program, does.
  /// A frame of the server that no honest server sent.
  void inject(Person& to, v1::ServerFrame frame);
  /// The same, behind what is on its way.
  void inject_later(Person& to, v1::ServerFrame frame) {
    to_devices_[*to.connection].push_back(std::move(frame));
  }
  /// An envelope that is in no mailbox.
  void deliver(Person& to, ByteView envelope);
  /// Whatever `during` makes the relay push to `to` stays away from it; comes back in order.
  std::vector<Bytes> withhold(Person& to, const std::function<void()>& during);
  /// A modified client program: a request on the person's connection, past its core.
  v1::ServerFrame ask(Person& as, v1::ClientFrame frame);
  /// The same for an envelope.
  void submit(Person& as, Person& to, ByteView envelope);

  /// Power loss of the server; its disk keeps what was synced.
  void restart_server();

  /// Partitions the server wrote to. Precondition: made with a disk.
  [[nodiscard]] const std::set<storage::Partition>& partitions() const { return disk_->partitions(); }
  /// Nobody is connected any more, and what the server wrote is on its disk alone.
  void shut_down();

  [[nodiscard]] server::Core& server() { return *server_; }
  [[nodiscard]] crypto::RandomSource& random() { return random_; }
  /// What the operator signs with.
  [[nodiscard]] const server::ServerKeys& keys() const { return keys_; }
  UnixMs now = kStart;
  directory::RateLimits rates;  ///< of the server from its next start on
  Operator op;

 private:
  // server::Effects
  void send(server::ConnectionId connection, ByteView message) override;
  void close(server::ConnectionId connection, transport::CloseCode code) override;

  Stage(std::uint64_t seed, const std::filesystem::path* disk);
  storage::Store& store();
  void complete(const std::vector<storage::Completion>& completions);
  void start_server();
  void perform(Person& person, client::StoreResult<client::Effects> effects);
  void perform(Person& person, client::Effects effects);
  void lose_connection(Person& person);
  Person* owner(server::ConnectionId connection);
  bool step();
  void settle_server();

  crypto::DeterministicRandom random_;
  log::NullLogger logger_;
  server::ServerKeys keys_;
  server::Presentation presentation_;
  std::unique_ptr<storage::MemoryStore> memory_;
  std::unique_ptr<Disk> disk_;  ///< instead of memory_
  std::unique_ptr<server::Core> server_;
  std::vector<std::unique_ptr<Person>> people_;
  std::map<server::ConnectionId, std::deque<v1::ServerFrame>> to_devices_;
  std::map<std::uint64_t, v1::ServerFrame> own_answers_;  ///< to requests of ask()
  std::uint64_t seed_;
  std::uint64_t last_connection_ = 0;
  std::uint64_t last_own_request_;
  bool completed_ = false;
};

}  // namespace sotto::hostile
