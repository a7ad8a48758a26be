// The telephones of people who have no account, and what they have in clear: whatever arrives at one was
// meant for it, and whoever reads it in the group sees that it went there.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "gateway/text_messages.h"
#include "oracle.h"
#include "server_machine.h"

namespace sotto::simulation {

/// Texts of groups that may, and that may not, go to guests begin like this, behind kInGroup.
inline constexpr std::string_view kClear = "clear ";
inline constexpr std::string_view kWithheld = "withheld ";
/// What guests say.
inline constexpr std::string_view kGuestSays = "guest says ";

class Telephones {
 public:
  Telephones(Oracle& oracle, Transcript& transcript, ServerMachine& server)
      : oracle_(oracle), transcript_(transcript), server_(server) {}

  /// A number that no message of a group has.
  std::uint64_t next() { return last_++; }
  /// The carrier brings a text of the server.
  void arrive(const gateway::OutgoingSms& text);
  /// The owner of the telephone answers the last text that came; nothing if none did.
  void answer(const std::string& number, const std::string& words);

  /// Compares what the device shows of groups with what came to telephones, and the other way round.
  void compare(DeviceMachine& device);
  /// Clocks are wrong: ids of texts may be forgotten before their time.
  void forgive_repetition() { repetition_counts_ = false; }

 private:
  void compare(DeviceMachine& device, const v1::Message& message);

  Oracle& oracle_;
  Transcript& transcript_;
  ServerMachine& server_;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t>
      came_;                                  ///< by telephone and message: how often
  std::map<std::string, std::string> route_;  ///< by telephone: the server's number that wrote to it last
  std::set<std::string> answers_;
  std::uint64_t last_ = 0;
  bool repetition_counts_ = true;
};

}  // namespace sotto::simulation
