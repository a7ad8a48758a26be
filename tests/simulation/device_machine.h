// The machine of one device: the client core, its database and files, its clock, its connection, its process
// that can be killed between a commit and the effects that rest on it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/attachments/octet_mover.h"
#include "client/core.h"
#include "clock.h"
#include "device_files.h"
#include "dice.h"
#include "network.h"
#include "options.h"
#include "schedule.h"
#include "transcript.h"

namespace sotto::simulation {

class DeviceMachine;

/// Learns what devices tell their users and the server.
class DeviceObserver {
 public:
  virtual ~DeviceObserver() = default;
  virtual void on_event(DeviceMachine& device, const v1::Event& event) = 0;
  /// A frame leaves the core, whether or not it gets anywhere.
  virtual void on_sent(DeviceMachine& device, const v1::ClientFrame& frame) = 0;
  /// A request for octets of a blob leaves.
  virtual void on_asked(DeviceMachine& device, const client::BlobAsk& request) = 0;
  /// After a start: events of the life before may never have come.
  virtual void on_boot(DeviceMachine& device) = 0;
  /// After a start from a backup, in place of on_boot.
  virtual void on_restored(DeviceMachine& device) = 0;
  /// What must not happen at all.
  virtual void on_failure(DeviceMachine& device, std::string_view what) = 0;
};

class DeviceMachine final : public DeviceEnd {
 public:
  /// `number` is unique among all devices.
  DeviceMachine(Schedule& schedule, Network& network, Transcript& transcript, Dice dice,
                DeviceObserver& observer, std::string name, std::size_t number, Plant plant = Plant::none);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t number() const { return number_; }

  void boot();
  /// Starts again by itself.
  void kill(DurationMs down_for);
  /// Kills with some effect of the input after so many more inputs: the input's commit holds, of its frames
  /// only the first few leave, and its events may not be seen.
  void kill_after_inputs(std::uint64_t inputs, DurationMs down_for) {
    inputs_left_ = inputs;
    down_for_ = down_for;
  }
  /// Takes every fault back that has not struck yet or still lasts.
  void calm();
  [[nodiscard]] bool running() const { return core_ != nullptr; }

  void go_online();
  void go_offline();
  [[nodiscard]] bool wants_connection() const { return wants_connection_; }
  [[nodiscard]] std::optional<ConnectionId> connection() const { return connection_; }

  /// What its clock shows; every input gets this time.
  [[nodiscard]] UnixMs now() const { return clock_.now(); }
  /// Sets the clock to simulated time plus `error_ms`.
  void set_clock_error(std::int64_t error_ms);
  [[nodiscard]] std::int64_t clock_error() const { return clock_.error(); }

  void set_disk_fault(DiskFault fault);

  /// It belongs to an account.
  [[nodiscard]] bool ready() const;
  /// Connected, and nothing is left to do.
  [[nodiscard]] bool settled() const;
  [[nodiscard]] client::store::Database& database() { return *database_; }
  [[nodiscard]] DeviceFiles& files() { return files_; }
  /// Precondition: running().
  [[nodiscard]] client::Core& core() { return *core_; }

  /// Runs one command of Core and performs its effects. Empty when the device is not running or its disk
  /// failed: nothing has happened then.
  template <typename Command>
  auto command(Command&& run);

  /// What the disk holds now, to be put back by roll_back().
  void take_snapshot() { snapshot_ = Disk{database_->snapshot(), files_.contents()}; }
  [[nodiscard]] bool has_snapshot() const { return snapshot_.has_value(); }
  /// Kills, puts the last snapshot back and starts.
  void roll_back();

  // DeviceEnd
  void on_connected(ConnectionId id, const transport::Exporter& channel) override;
  void on_frame(ConnectionId id, ByteView frame) override;
  void on_disconnected(ConnectionId id) override;

 private:
  struct Disk {
    Bytes database;
    DeviceFiles::Contents files;
  };

  void connect();
  void reconnect_later();
  /// One input to the core, then its effects. Precondition: running().
  template <typename Input>
  void apply(Input&& input);
  void perform(client::Effects effects);
  void store_failed(client::store::StoreError error);
  void send(const Bytes& frame);
  void drop_connection(client::Disconnect reason);
  void schedule_tick(std::optional<UnixMs> next);
  bool dies_now();
  /// Goes on with files that are on their way, as client/runtime/transfers.h does.
  void move_files();
  void ask(client::BlobAsk request);
  void answered(const transport::HttpAnswer* answer);
  /// False: it could not be told.
  bool tell(const client::OctetMover::Input& input);
  void start(bool restored);
  void stop();
  void before_input();

  Schedule& schedule_;
  Network& network_;
  Transcript& transcript_;
  Dice dice_;
  DeviceObserver& observer_;
  std::string name_;
  std::size_t number_;
  Plant plant_;
  MachineClock clock_;
  crypto::DeterministicRandom random_;
  std::unique_ptr<client::store::Database> database_;
  DeviceFiles files_;
  std::optional<Disk> snapshot_;
  Bytes before_input_;  ///< the disk then, for plants that need it
  DiskFault disk_fault_ = DiskFault::none;
  std::unique_ptr<client::Core> core_;
  std::optional<client::OctetMover> mover_;
  bool moving_ = false;      ///< inside move_files()
  std::uint64_t lives_ = 0;  ///< tells answers to an earlier life from those to this one
  std::optional<ConnectionId> connection_;
  bool connected_ = false;
  bool wants_connection_ = false;
  DurationMs back_off_;
  std::optional<Schedule::EventId> tick_;
  std::optional<Schedule::EventId> reconnect_;
  std::optional<Schedule::EventId> files_again_;
  std::optional<std::uint64_t> inputs_left_;
  DurationMs down_for_;
};

template <typename Command>
auto DeviceMachine::command(Command&& run) {
  using Outcome = typename decltype(run(std::declval<client::Core&>()))::value_type;
  std::optional<decltype(Outcome::value)> value;
  if (!running()) return value;
  before_input();
  auto outcome = run(*core_);
  if (!outcome) {
    store_failed(outcome.error());
    return value;
  }
  value.emplace(std::move(outcome->value));
  perform(std::move(outcome->effects));
  return value;
}

}  // namespace sotto::simulation
