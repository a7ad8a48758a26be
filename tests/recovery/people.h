// People who lose their devices and come back: commands of recovery, each with what a user would see of it.
#pragma once

#include <string>
#include <vector>

#include "client/recovery/attempt.h"
#include "client/recovery/error.h"
#include "client/recovery/shares.h"
#include "hostile/stage.h"
#include "recovery/recovery_seed.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::recovering {

using client::RecoveryCommandError;
using client::RecoveryOutcome;
using hostile::Person;
using hostile::Stage;
using Handles = std::vector<std::string>;

/// How a command ended: "ok", or what the user is told.
std::string ended(const RecoveryOutcome<void>& outcome);

/// A stage with commands.
class Town {
 public:
  /// Runs `body` in one input of the person's core.
  template <typename T>
  RecoveryOutcome<T> run(Person& person, const std::function<RecoveryOutcome<T>(client::Work&)>& body) {
    return stage.command(person, [&](client::Core& core) {
      return core.run_command<RecoveryOutcome<T>>(stage.now, err(RecoveryCommandError::not_registered), body);
    });
  }

  /// Makes a recovery key, and waits until everything about it is where it belongs. Its text.
  std::string set_up(Person& person);
  RecoveryOutcome<void> set_contacts(Person& person, const std::string& key, const Handles& handles,
                                     std::size_t threshold, DurationMs delay = hours(72));
  RecoveryOutcome<void> drill(Person& person, const std::string& key);
  v1::RecoveryStatus status(Person& person);

  /// A device without an account.
  Person& device(const std::string& name);
  /// With the key; settled.
  RecoveryOutcome<void> recover(Person& device, const std::string& handle, const std::string& key,
                                bool keep_devices = false);
  /// The text of a request to contacts.
  std::string request(Person& device, const std::string& handle);
  RecoveryOutcome<client::Release> release(Person& contact, const std::string& request);
  /// What a contact gives after the delay has passed. Precondition: it may.
  std::string share(Person& contact, const std::string& request);
  RecoveryOutcome<void> recover_with(Person& device, const std::string& handle,
                                     const std::vector<std::string>& shares);
  RecoveryOutcome<std::size_t> veto(Person& person);

  static bool noticed(const Person& person, v1::Notice::Kind kind);
  static bool progressed(const Person& person, v1::RecoveryProgress::Stage step);
  /// Devices in the newest list of the account that this person's device knows.
  static std::size_t devices(Person& person);

  Stage stage;
};

}  // namespace sotto::recovering
