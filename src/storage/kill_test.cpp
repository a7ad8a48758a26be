// Whatever was completed before a kill -9 is there afterwards, and nothing else is where it should not be.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

#include "paths/test_folder.h"
#include "storage/crash_writer.h"
#include "storage/test_backend.h"

namespace sotto::storage {
namespace {

using crash::kPartitions;

/// The writer process and the pipe that it reports to.
class Writer {
 public:
  Writer(const std::filesystem::path& directory, std::uint64_t first, std::size_t in_flight) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    const std::string first_text = std::to_string(first);
    const std::string in_flight_text = std::to_string(in_flight);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(SOTTO_CRASH_WRITER, SOTTO_CRASH_WRITER, directory.c_str(), first_text.c_str(),
              in_flight_text.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  ~Writer() {
    if (pid_ > 0) kill_and_drain();
    ::close(pipe_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// The next completed ticket; 0 when the writer has ended.
  std::uint64_t next() {
    std::uint64_t ticket = 0;
    std::size_t have = 0;
    while (have < sizeof ticket) {
      const ssize_t got = ::read(pipe_, reinterpret_cast<char*>(&ticket) + have, sizeof ticket - have);
      if (got <= 0) return 0;
      have += static_cast<std::size_t>(got);
    }
    return ticket;
  }

  /// What was completed but not yet read. Reports how the process ended.
  std::vector<std::uint64_t> kill_and_drain() {
    ::kill(pid_, SIGKILL);
    std::vector<std::uint64_t> rest;
    for (std::uint64_t ticket = next(); ticket != 0; ticket = next()) rest.push_back(ticket);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with status " << status;
    pid_ = -1;
    return rest;
  }

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
};

std::vector<Entry> all_entries(Store& store, const Partition& from) {
  std::vector<Entry> out;
  Bytes start;
  for (bool more = true; more;) {
    auto page = store.scan(from, start, std::nullopt, {}).value();
    for (Entry& entry : page.entries) out.push_back(std::move(entry));
    more = page.more;
    if (more) {
      start = out.back().key;
      start.push_back(0);
    }
  }
  return out;
}

/// Checks one partition against the highest completed ticket; returns the highest ticket found in it.
std::uint64_t check_partition(Store& store, std::uint64_t partition_index, std::uint64_t completed) {
  const Partition name = crash::partition_of(partition_index);
  const std::uint64_t commits = store.version(name).value().value;
  // Ticket numbers of a partition are index, index + 3, ... and ticket 0 is never used.
  const std::uint64_t first = partition_index == 0 ? kPartitions : partition_index;
  const std::uint64_t last = commits == 0 ? 0 : first + (commits - 1) * kPartitions;
  for (std::uint64_t ticket = last + kPartitions; commits != 0 && ticket <= completed;
       ticket += kPartitions) {
    ADD_FAILURE() << "completed ticket " << ticket << " is lost";
  }
  std::vector<Entry> expected;
  std::uint64_t trimmed = 0;
  for (std::uint64_t t = first; t <= last; t += kPartitions) trimmed = std::max(trimmed, crash::trim_of(t));
  for (std::uint64_t t = first; t <= last; t += kPartitions) {
    if (t > trimmed) expected.push_back({crash::key_of(t), crash::value_of(t)});
  }
  EXPECT_TRUE(all_entries(store, name) == expected)
      << "partition " << partition_index << " after " << commits;
  EXPECT_TRUE(commits != 0 || completed < first);
  return last;
}

TEST(Kill, EveryCompletedCommitSurvivesAKillMinusNine) {
  paths::TestFolder directory;
  std::uint64_t completed = 0;
  std::uint64_t next = 1;
  for (std::uint64_t seed = 1; seed <= 12 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    {
      Writer writer(directory.path() / "db", next, 1 + random() % 64);
      // Up to some thousand commits of about 1 KiB against memtables of 256 KiB.
      for (std::uint64_t left = 1 + random() % 3000; left > 0; --left)
        completed = std::max(completed, writer.next());
      for (const std::uint64_t ticket : writer.kill_and_drain()) completed = std::max(completed, ticket);
    }
    ASSERT_GE(completed, next) << "the writer completed nothing";
    log::NullLogger logger;
    auto store = RocksDbStore::open(crash::options(directory.path() / "db"), [](auto) {}, logger);
    ASSERT_TRUE(store) << store.error().message;
    std::uint64_t highest = 0;
    for (std::uint64_t p = 0; p < kPartitions; ++p)
      highest = std::max(highest, check_partition(**store, p, completed));
    // One queue feeds one log: without gaps over all partitions.
    next = highest + 1;
  }
}

TEST(Kill, ASecondProcessFindsTheDatabaseLocked) {
  paths::TestFolder directory;
  Writer writer(directory.path() / "db", 1, 1);
  ASSERT_EQ(writer.next(), 1U);
  log::NullLogger logger;
  const auto store = RocksDbStore::open(crash::options(directory.path() / "db"), [](auto) {}, logger);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().error, StorageError::locked);
  EXPECT_NE(store.error().message.find(directory.path().string()), std::string::npos);
}

}  // namespace
}  // namespace sotto::storage
