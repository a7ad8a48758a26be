// A whole system in one process: users with devices, one server, a network, time. Same options, same
// transcript, octet for octet (docs/specs/simulation.md).
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "device_machine.h"
#include "dice.h"
#include "network.h"
#include "oracle.h"
#include "schedule.h"
#include "server_machine.h"
#include "transcript.h"

namespace sotto::simulation {

struct Options {
  std::uint64_t seed = 0;
  std::uint64_t steps = 30;
  bool rollback = false;      ///< devices' disks are restored from backups
  bool lying_disk = false;    ///< planted: the server's disk acknowledges what it does not keep
  std::FILE* copy = nullptr;  ///< where the transcript goes while it is written
};

struct Report {
  std::vector<std::string> violations;
  std::string digest;       ///< of the transcript
  std::size_t written = 0;  ///< messages of users
  std::size_t shown = 0;    ///< messages reaching devices
  DurationMs simulated;
};

struct User {
  std::string handle;
  std::string account;                  ///< hexadecimal
  std::vector<DeviceMachine*> devices;  ///< in the account; the one that waits to be linked is not
  bool linking = false;
};

class World {
 public:
  explicit World(const Options& options);

  /// Acts, then ends all faults, lets everything settle, and checks.
  Report run();

  // For actions (actions.cpp).
  [[nodiscard]] const Options& options() const { return options_; }
  Dice& dice() { return dice_; }
  Schedule& schedule() { return schedule_; }
  Transcript& transcript() { return transcript_; }
  Network& network() { return network_; }
  ServerMachine& server() { return server_; }
  std::vector<User>& users() { return users_; }
  /// All devices in accounts, in the order of their making.
  [[nodiscard]] std::vector<DeviceMachine*> devices() const;
  DeviceMachine& any_device();
  /// Registers one more user and waits until that is done. False when there are enough.
  bool add_user();
  /// Begins to link one more device; it goes on by itself.
  void add_device(User& user);
  void send_text(User& from, DeviceMachine& device, User& to, std::size_t length);
  /// Runs the event later, unless the quiet phase has begun by then.
  void later(DurationMs delay, std::function<void()> event);
  /// Lets time pass.
  void pass(DurationMs time) { schedule_.run_until(schedule_.now() + time); }
  /// What of the time that may pass in jumps is left; mailboxes keep messages for 30 days only.
  DurationMs take_jump(DurationMs wanted);

 private:
  DeviceMachine& make_device(const User& user, std::size_t number_of_user);
  /// One more attempt at getting a new device into its account.
  void link(std::size_t user, DeviceMachine& device, const std::string& request);
  void act();
  void end_faults();
  [[nodiscard]] bool settled();
  /// Runs until everything is done; a violation when that takes too long.
  void settle(std::string_view phase);
  /// Every user writes to every other one, each time from another device.
  void roll_call(std::size_t round);
  /// Post-quantum level 3 in every conversation of every device.
  [[nodiscard]] bool keys_renewed() const;
  void check_end();
  void check_account(const User& user);

  Options options_;
  Schedule schedule_;
  Dice dice_;
  Transcript transcript_;
  Oracle oracle_;
  Network network_;
  ServerMachine server_;
  std::vector<std::unique_ptr<DeviceMachine>> machines_;
  std::vector<User> users_;
  std::size_t most_users_;
  DurationMs jumps_left_;
  bool quiet_ = false;
};

}  // namespace sotto::simulation
