// Puts notices into files for another program, or a developer, to pick up.
#pragma once

#include <cstdint>
#include <filesystem>

#include "gateway/courier.h"
#include "log/log.h"

namespace sotto::gateway {

/// One file for each notice, "N.notice" with N rising, mode 0600, appearing whole: "To: ...", "Subject: ..."
/// if there is one, an empty line, the text. Whoever picks it up deletes it.
class SpoolCourier final : public Courier {
 public:
  /// Notices that may wait in the folder: someone who picks them up late loses none, one who never does stops
  /// the courier and not the disk.
  static constexpr std::size_t kMaxWaiting = 1'000;

  /// `folder` must exist. `logger` must outlive the courier.
  SpoolCourier(std::filesystem::path folder, log::Logger& logger);

  [[nodiscard]] bool send(Notice notice) override;

 private:
  std::filesystem::path folder_;
  log::Logger& logger_;
  std::uint64_t last_ = 0;
};

}  // namespace sotto::gateway
