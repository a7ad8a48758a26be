// Durable 1 KiB records a second in groups, against the floor: the same octets appended to a plain file with
// one fdatasync a group, in the same run. Each record is one commit to one of many partitions; "trimmed" also
// trims each partition behind itself, as a mailbox does. Figures without the store's queue in between would
// flatter.
//
// The directory is $SOTTO_BENCH_DIRECTORY, else a temporary one: a tmpfs there measures no disk.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>

#include "storage/rocksdb_store.h"

namespace {

using namespace sotto;
using namespace sotto::storage;
namespace fs = std::filesystem;

constexpr std::size_t kRecordOctets = 1024;
constexpr std::uint64_t kPartitions = 1000;
constexpr std::uint64_t kRecordsKept = 4;  // per partition, when trimmed

class BenchDirectory {
 public:
  BenchDirectory() {
    const char* chosen = std::getenv("SOTTO_BENCH_DIRECTORY");
    std::string pattern = (chosen ? fs::path(chosen) : fs::temp_directory_path()) / "storage-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~BenchDirectory() { fs::remove_all(path_); }
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// User and system time of the whole process, the store's threads included.
double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void report(benchmark::State& state, std::int64_t group, double cpu_before) {
  const auto records = static_cast<double>(state.iterations() * group);
  state.SetItemsProcessed(state.iterations() * group);
  state.counters["cpu_us_per_record"] = (cpu_seconds() - cpu_before) * 1e6 / records;
}

void floor_append_and_fdatasync(benchmark::State& state) {
  const BenchDirectory directory;
  const int file = ::open((directory.path() / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  const std::int64_t group = state.range(0);
  const std::string records(static_cast<std::size_t>(group) * kRecordOctets, 'r');
  const double cpu_before = cpu_seconds();
  for (auto _ : state) {
    if (::write(file, records.data(), records.size()) != static_cast<ssize_t>(records.size())) std::abort();
    if (::fdatasync(file) != 0) std::abort();
  }
  report(state, group, cpu_before);
  ::close(file);
}

class CompletionCounter {
 public:
  CompletionSink sink() {
    return [this](const std::vector<Completion>& group) {
      for (const Completion& completion : group) {
        if (!completion.result) std::abort();
      }
      const std::lock_guard lock(mutex_);
      count_ += group.size();
      arrived_.notify_one();
    };
  }
  void wait_until(std::uint64_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::uint64_t count_ = 0;
};

Partition mailbox(std::uint64_t record) {
  Bytes name(19, 0);
  const std::uint64_t index = record % kPartitions;
  name[0] = static_cast<std::uint8_t>(index >> 8);
  name[1] = static_cast<std::uint8_t>(index);
  return Partition::create(name).value();
}

Bytes queue_key(std::uint64_t record) {
  Bytes key(9, 'q');
  for (std::size_t i = 0; i < 8; ++i) key[i + 1] = static_cast<std::uint8_t>(record >> (56 - 8 * i));
  return key;
}

std::unique_ptr<RocksDbStore> open_store(const fs::path& directory, CompletionSink sink,
                                         log::Logger& logger) {
  auto opened = RocksDbStore::open({.directory = directory / "db"}, std::move(sink), logger);
  if (!opened) std::abort();
  return std::move(opened).value();
}

// Keeps `group` commits in flight and refills as groups complete: the store forms its groups itself.
void rocksdb_commits(benchmark::State& state, bool trimmed) {
  const BenchDirectory directory;
  log::StderrLogger logger(log::Level::warning);
  CompletionCounter counter;
  const auto store = open_store(directory.path(), counter.sink(), logger);
  const std::int64_t group = state.range(0);
  const double cpu_before = cpu_seconds();
  std::uint64_t record = 0;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < group; ++i, ++record) {
      Batch batch(mailbox(record));
      batch.put(queue_key(record), Bytes(kRecordOctets, static_cast<std::uint8_t>(record)));
      const std::uint64_t behind = kPartitions * kRecordsKept;
      if (trimmed && record >= behind) batch.trim_up_to(queue_key(record - behind));
      if (!store->commit(std::move(batch), Ticket{record})) std::abort();
    }
    const auto in_flight = static_cast<std::uint64_t>(group);
    counter.wait_until(record > in_flight ? record - in_flight : 0);
  }
  counter.wait_until(record);
  report(state, group, cpu_before);
  std::uintmax_t octets = 0;
  for (const auto& file : fs::directory_iterator(directory.path() / "db")) octets += file.file_size();
  state.counters["disk_mib"] = static_cast<double>(octets) / (1 << 20);
}

void rocksdb_append(benchmark::State& state) { rocksdb_commits(state, false); }
void rocksdb_append_and_trim(benchmark::State& state) { rocksdb_commits(state, true); }

BENCHMARK(floor_append_and_fdatasync)->Arg(1)->Arg(16)->Arg(256)->Arg(1024)->UseRealTime();
BENCHMARK(rocksdb_append)->Arg(1)->Arg(16)->Arg(256)->Arg(1024)->UseRealTime();
BENCHMARK(rocksdb_append_and_trim)->Arg(1)->Arg(16)->Arg(256)->Arg(1024)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
