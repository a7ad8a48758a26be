// What apps may be told, and what they call people: knows everything that was ever addressed to one, and
// every installation of one on any device.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/apps/exchange.h"
#include "device_machine.h"

namespace sotto::simulation {

/// What people say to apps goes on like this behind the app's name, and what apps answer begins like this.
inline constexpr std::string_view kToApp = "app words ";
inline constexpr std::string_view kAppSays = "app answer ";

class AppWatch {
 public:
  /// A world has faults by which devices take what is old for new, or the other way round.
  void forgive_times() { times_count_ = false; }

  /// Somebody addresses a text to an app, perhaps on another device: in a group, or to `recipient`. What it
  /// is to say.
  std::string address(const std::string& app, DeviceMachine& device, const std::string& place, UnixMs now);
  /// The device is to have a new app of that name.
  void add(const DeviceMachine& device, const std::string& app, UnixMs now) {
    awaited_[{device.number(), app}] = now;
  }
  /// An answer of an app on the device. What it is to say.
  std::string answer(DeviceMachine& device, client::AppRow app);

  /// False: the device has the app and does not tell it `words`, which its user just said there.
  bool would_tell(DeviceMachine& device, const std::string& app, const std::string& words) const;
  /// What is wrong with what the device would tell its apps now, if anything.
  std::optional<std::string> wrong(DeviceMachine& device);
  /// A message between people and apps.
  [[nodiscard]] static bool is_one(const v1::Message& message);
  /// What is wrong with such a message, as somebody reads it.
  std::optional<std::string> wrong(DeviceMachine& device, const v1::Message& message) const;

 private:
  struct Said {
    std::string app;
    std::string account;  ///< hexadecimal, as the next
    std::string handle;
    std::string place;  ///< a group, or the handle of whom it was said to
    UnixMs at;
  };
  struct Answer {
    std::string account;
    bool to_all = false;
  };
  struct Use {
    std::string installation;  ///< what it calls the user
    std::string of;
  };

  /// Its number; empty if nobody addressed it to an app.
  [[nodiscard]] std::optional<std::size_t> number_of(std::string_view text) const;
  std::optional<std::string> wrong(DeviceMachine& device, const v1::ConnectedApp& app,
                                   const v1::AppAbout& about, const v1::AppMessage& message);
  std::optional<std::string> note(const std::string& id, const Use& use);
  /// False: nobody added that app.
  bool know(DeviceMachine& device, const std::string& app, const std::string& user);

  std::vector<Said> said_;
  std::vector<Answer> answers_;
  std::map<std::pair<std::size_t, std::string>, UnixMs> awaited_;  ///< by number of the device and name
  std::map<std::string, UnixMs> installed_;  ///< by what each installation calls the user
  std::map<std::string, Use> ids_;
  std::map<std::string, std::string> accounts_;  ///< handles by account
  bool times_count_ = true;
};

}  // namespace sotto::simulation
