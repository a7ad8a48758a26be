// What a world is made from: everything that decides its transcript.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <set>
#include <string_view>

namespace sotto::simulation {

/// Classes of faults. Which of them a world has is drawn from its seed, so that most worlds are checked by
/// strict rules and each class is also met without the others.
enum class Fault : std::uint8_t {
  network,      ///< connections break or are corrupted, hosts lose their network
  crashes,      ///< devices and the server are killed, at rest and between effects
  server_disk,  ///< slow, full, failing to write or to read
  device_disk,  ///< full, or read-only after an error
  rollback,     ///< a device's disk is restored from a backup
  clocks,       ///< a device's clock is wrong, by up to a year
  years,        ///< all machines are off for a year
  relay,        ///< the server withholds, repeats, reorders and alters envelopes, and alters blobs
};
inline constexpr std::array<std::string_view, 8> kFaultNames{
    "network", "crashes", "server-disk", "device-disk", "rollback", "clocks", "years", "relay"};

class Faults {
 public:
  constexpr void add(Fault fault) { bits_ |= bit(fault); }
  [[nodiscard]] constexpr bool has(Fault fault) const { return (bits_ & bit(fault)) != 0; }

 private:
  static constexpr std::uint32_t bit(Fault fault) { return 1U << static_cast<std::uint32_t>(fault); }
  std::uint32_t bits_ = 0;
};

enum class Mode : std::uint8_t {
  liveness,  ///< after the actions all faults end and everything must arrive
  safety,    ///< only what must always hold is checked
};

/// What is wrong with the disk of a device.
enum class DiskFault : std::uint8_t {
  none,
  full,       ///< nothing may grow
  read_only,  ///< as file systems become after an error of the disk
};

/// Bugs that the simulator must find (plants.h).
enum class Plant : std::uint8_t {
  none,
  lying_disk,         ///< the server's disk acknowledges what it does not keep
  skip_persist,       ///< effects of an input leave a device whose disk never got its commit
  reuse_key,          ///< a device forgets that it used a message key
  drop_ack,           ///< a device sometimes does not acknowledge what it took
  stale_manifest,     ///< the server takes messages for an old list of devices
  forget_replay_set,  ///< a device that starts forgets which messages it has accepted
  forget_piece,       ///< the server acknowledges the end of a blob that it does not keep
};
inline constexpr std::array<std::string_view, 8> kPlantNames{
    "none",     "lying-disk",     "skip-persist",      "reuse-key",
    "drop-ack", "stale-manifest", "forget-replay-set", "forget-piece"};

struct Options {
  std::uint64_t seed = 0;
  Mode mode = Mode::liveness;
  std::uint64_t steps = 30;
  std::optional<std::set<std::uint64_t>> only = std::nullopt;  ///< of the steps, those that happen
  std::optional<std::size_t> users = std::nullopt;             ///< empty: drawn from the seed
  std::size_t devices = 3;                                     ///< of one user, at most
  std::optional<Faults> faults = std::nullopt;                 ///< empty: drawn from the seed
  Plant plant = Plant::none;
  std::FILE* copy = nullptr;  ///< where the transcript goes while it is written
};

}  // namespace sotto::simulation
