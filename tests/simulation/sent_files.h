// Every file that was ever sent in a world, and what must be true of files wherever one is: whoever shows one
// as being here has exactly its octets.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "attachments/seal.h"
#include "device_machine.h"

namespace sotto::simulation {

class SentFiles {
 public:
  /// The octets of a file that is still to be made: other ones at each place of each file.
  [[nodiscard]] static Bytes octets(std::uint64_t number, std::size_t size);
  /// Whether there is anything of such octets in these.
  [[nodiscard]] static bool shows(std::string_view octets);
  [[nodiscard]] static std::string name(std::uint64_t number);

  [[nodiscard]] std::uint64_t next() const { return files_.size(); }
  /// The one of number next().
  void add(const attachments::FileId& file, std::size_t size) { files_.emplace(file, Sent{next(), size}); }

  /// A file could not be had, or sent, by reasons that the world has.
  void forgive_failures() { forgiven_ = true; }
  /// What is wrong with a file in the device's store or folder, if anything; only those that were not looked
  /// at since forget().
  std::optional<std::string> wrong(DeviceMachine& device);
  /// The device's disk may have become another one.
  void forget(const DeviceMachine& device);
  /// A file that is not on the device, of those beside its messages.
  [[nodiscard]] static std::optional<std::string> missing(DeviceMachine& device);

 private:
  struct Sent {
    std::uint64_t number;
    std::size_t size;
  };

  std::optional<std::string> wrong(DeviceMachine& device, const client::FileRow& row);

  std::map<attachments::FileId, Sent> files_;
  std::set<std::pair<std::size_t, attachments::FileId>> whole_;  ///< by number of the device
  bool forgiven_ = false;
};

}  // namespace sotto::simulation
