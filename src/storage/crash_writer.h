// What the process that is killed and the test that examines its remains agree on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>

#include "storage/rocksdb_store.h"

namespace sotto::storage::crash {

inline constexpr std::size_t kPartitions = 3;
// Ticket t goes to partition t % 3; every so many tickets one also trims its queue some way behind itself.
inline constexpr std::uint64_t kTrimEvery = 16;
inline constexpr std::uint64_t kTrimBehind = 30;

inline RocksDbOptions options(const std::filesystem::path& directory) {
  // Memtables so small that flushes, compactions and trims are under way whenever the kill comes.
  return {.directory = directory, .bounds = {}, .memtable_octets = std::size_t{256} << 10};
}

inline Partition partition_of(std::uint64_t ticket) {
  const std::uint8_t name[] = {'p', static_cast<std::uint8_t>(ticket % kPartitions)};
  return Partition::create(name).value();
}

inline Bytes key_of(std::uint64_t ticket) {
  Bytes key(9, 'q');
  for (std::size_t i = 0; i < 8; ++i) key[i + 1] = static_cast<std::uint8_t>(ticket >> (56 - 8 * i));
  return key;
}

inline Bytes value_of(std::uint64_t ticket) {
  std::mt19937_64 random(ticket);
  Bytes value(random() % 2048);
  for (auto& octet : value) octet = static_cast<std::uint8_t>(random());
  return value;
}

/// The highest ticket that ticket's batch trims, 0 for none.
inline std::uint64_t trim_of(std::uint64_t ticket) {
  return ticket % kTrimEvery == 0 && ticket > kTrimBehind ? ticket - kTrimBehind : 0;
}

inline Batch batch_of(std::uint64_t ticket) {
  Batch batch(partition_of(ticket));
  batch.put(key_of(ticket), value_of(ticket));
  if (trim_of(ticket) != 0) batch.trim_up_to(key_of(trim_of(ticket)));
  return batch;
}

}  // namespace sotto::storage::crash
