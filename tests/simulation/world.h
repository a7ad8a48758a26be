// A whole system in one process: users with devices, one server, a network, time. Same options, same
// transcript, octet for octet (docs/specs/simulation.md).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device_machine.h"
#include "dice.h"
#include "network.h"
#include "options.h"
#include "oracle.h"
#include "schedule.h"
#include "server_machine.h"
#include "telephones.h"
#include "transcript.h"

namespace sotto::simulation {

struct Report {
  std::vector<std::string> violations;
  std::string digest;         ///< of the transcript
  std::size_t written = 0;    ///< messages of users
  std::size_t shown = 0;      ///< messages reaching devices
  std::size_t envelopes = 0;  ///< handed to the server
  DurationMs simulated;
};

/// How a new device comes into its account.
enum class Linking : std::uint8_t {
  by_files,
  by_code,  ///< by files after all when too many codes failed: linking by code pauses for a day then
};

/// A device that somebody asked to remove from its account.
struct RemovedDevice {
  DeviceMachine* machine;
  identity::DeviceAddress address;
  std::uint64_t listed;  ///< version of a list that had it: only a newer one can show that it was removed
};

struct User {
  std::string handle;
  std::string account;                            ///< hexadecimal
  std::vector<DeviceMachine*> devices;            ///< in the account; the one that waits to be linked is not
  std::map<const DeviceMachine*, UnixMs> joined;  ///< since when, if not from the beginning
  std::vector<RemovedDevice> removed;             ///< from the moment that somebody asked for it
  std::size_t leaving = 0;                        ///< of those, the ones that some list still shows
  std::size_t made = 0;                           ///< devices ever, for their names
  bool linking = false;
  bool has_paper = false;  ///< with its recovery key
  DeviceMachine* coming =
      nullptr;  ///< of its devices, the one that comes back with the key when all are lost
};

class World {
 public:
  explicit World(const Options& options);

  /// Acts and checks; for liveness then ends all faults, lets everything settle, and checks again.
  Report run();

  // For actions (actions.cpp).
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Faults& faults() const { return faults_; }
  /// Those of the present step: what one step throws never changes another.
  Dice& dice() { return dice_; }
  Schedule& schedule() { return schedule_; }
  Transcript& transcript() { return transcript_; }
  Oracle& oracle() { return oracle_; }
  Network& network() { return network_; }
  ServerMachine& server() { return server_; }
  Telephones& telephones() { return telephones_; }
  std::vector<User>& users() { return users_; }
  /// All devices in accounts, in the order of their making.
  [[nodiscard]] std::vector<DeviceMachine*> devices() const;
  DeviceMachine& any_device();
  User& another_user(const User& than);
  /// Registers one more user and waits until that is done. False when there are enough.
  bool add_user();
  /// Receipts are part of what is looked at; strangers would get none. False: its disk fails, or it does not
  /// run.
  bool let_everybody_write(DeviceMachine& device);
  /// The same, tried until it works or the device is no longer in the account.
  void keep_letting_everybody_write(std::size_t index, DeviceMachine& device);
  /// A device of nobody yet, made for the user.
  DeviceMachine& new_machine(User& user);
  /// It is in the account now.
  void take_in(User& user, DeviceMachine& device);
  /// Begins to link one more device; it goes on by itself.
  void add_device(User& user, Linking how);
  /// The way of a message that `device` of `from` writes to `to` now.
  [[nodiscard]] static Route route(const User& from, DeviceMachine& device, const User& to);
  void send_text(User& from, DeviceMachine& device, User& to, std::size_t length);
  /// Runs the event later, unless the quiet phase has begun by then.
  void later(DurationMs delay, std::function<void()> event);
  /// Puts the device's last backup back. Precondition: it runs and has one.
  void roll_back(DeviceMachine& device);
  /// How wrong a machine's clock is when nothing is wrong with it.
  [[nodiscard]] std::int64_t usual_clock_error(const DeviceMachine& device) const;
  /// Every machine is off for a year, at most once in a world. What was on its way is gone by then.
  void skip_a_year();
  /// Lets time pass.
  void pass(DurationMs time) { schedule_.run_until(schedule_.now() + time); }
  /// What of the time that may pass in jumps is left; mailboxes keep messages for 30 days only.
  DurationMs take_jump(DurationMs wanted);

 private:
  DeviceMachine& make_device(const User& user, std::size_t number_of_user);
  /// One more attempt at getting a new device into its account.
  void link(std::size_t user, DeviceMachine& device, const std::string& request);
  void ask_by_file(std::size_t user, DeviceMachine& device);
  /// One more step of linking by code; `codes` were typed so far.
  void link_by_code(std::size_t user, DeviceMachine& device, std::size_t codes);
  void type_code(std::size_t user, DeviceMachine& device, std::size_t& codes);
  void draw_faults();
  void begin();
  void act(std::uint64_t step);
  void end_faults();
  /// Reads every store there is.
  void look_around();
  [[nodiscard]] bool settled();
  /// Runs until everything is done; a violation when that takes too long.
  void settle(std::string_view phase);
  /// Every device writes to every other user: whom a restored device does not know, it cannot ask again.
  void everyone_speaks();
  /// Every user writes to every other one, each time from another device.
  void roll_call(std::size_t round);
  void fetch_everything();
  /// A conversation on a device that is not at post-quantum level 3; empty when all are.
  [[nodiscard]] std::string without_renewed_keys() const;
  void check_end();
  void check_account(const User& user);

  Options options_;
  Faults faults_;
  Schedule schedule_;
  Dice dice_;
  Transcript transcript_;
  Oracle oracle_;
  Network network_;
  ServerMachine server_;
  Telephones telephones_;
  std::vector<std::unique_ptr<DeviceMachine>> machines_;
  std::vector<User> users_;
  std::size_t most_users_;
  DurationMs jumps_left_;
  bool year_skipped_ = false;
  bool quiet_ = false;
};

}  // namespace sotto::simulation
