// A transparency log on a real disk, and what one epoch of it costs. Labels are accounts, and handles of a
// few.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "log/log.h"
#include "storage/rocksdb_store.h"
#include "transparency/contact.h"
#include "transparency_log/log.h"

namespace sotto::bench {

/// Completions of the store's thread, taken by the one that drives the log.
class Inbox {
 public:
  storage::CompletionSink sink();
  std::vector<storage::Completion> take();

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<storage::Completion> waiting_;
};

/// A new folder below $SOTTO_BENCH_DIRECTORY or the temporary directory; removed at the end.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] double octets() const;

 private:
  std::filesystem::path path_;
};

double wall_microseconds();
double cpu_microseconds();
/// The most memory this process ever had, in octets.
double peak_memory();

transparency::AccountId account(std::size_t number);
std::string handle(std::size_t number);

class World {
 public:
  World();

  /// What one epoch took, from the moment its changes were known to that when everything was durable.
  struct Cost {
    double wall_us = 0;
    double cpu_us = 0;
    double visible_wall_us = 0;  ///< until the commit point was durable
    double auditor_octets = 0;   ///< that an auditor fetches of it
  };
  /// Makes an epoch of new versions of these accounts. Submitting, which may compute VRFs, is not timed.
  Cost change(const std::vector<std::size_t>& accounts);
  /// Gives these accounts their handles, in an epoch of its own.
  void name(const std::vector<std::size_t>& accounts);

  transparency::LookupAnswer look_up(std::size_t number, std::uint64_t known_size);
  transparency::LookupAnswer look_up_by_handle(std::size_t number, std::uint64_t known_size);

  [[nodiscard]] transparency::LogKeys keys() const { return log_->keys(); }
  [[nodiscard]] std::uint64_t epochs() const { return log_->size(); }
  [[nodiscard]] UnixMs now() const { return now_; }
  [[nodiscard]] double disk_octets() const { return directory_.octets(); }
  crypto::SystemRandom& random() { return random_; }
  [[nodiscard]] const crypto::VrfPrivateKey& vrf() const { return vrf_; }

 private:
  void submit(transparency::Label label, Bytes value);
  Cost close_epoch();
  double auditor_octets();
  void drain();

  Directory directory_;
  Inbox inbox_;
  log::StderrLogger logger_{log::Level::warning};
  crypto::SystemRandom random_;
  crypto::HybridPrivateKey identity_ = crypto::HybridPrivateKey::generate(random_);
  crypto::VrfPrivateKey vrf_ = crypto::VrfPrivateKey::generate(random_);
  UnixMs now_{1'800'000'000'000};
  std::unique_ptr<storage::RocksDbStore> store_;
  std::unique_ptr<transparency_log::Log> log_;
};

}  // namespace sotto::bench
