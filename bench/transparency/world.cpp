#include "world.h"

#include <sys/resource.h>
#include <time.h>

#include <cstdlib>
#include <utility>

#include "result/check.h"

namespace sotto::bench {

namespace fs = std::filesystem;
using transparency::Label;

storage::CompletionSink Inbox::sink() {
  return [this](std::vector<storage::Completion> group) {
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.end(), group.begin(), group.end());
    arrived_.notify_one();
  };
}

std::vector<storage::Completion> Inbox::take() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return !waiting_.empty(); });
  return std::exchange(waiting_, {});
}

Directory::Directory() {
  const char* chosen = std::getenv("SOTTO_BENCH_DIRECTORY");
  std::string pattern =
      (chosen != nullptr ? fs::path(chosen) : fs::temp_directory_path()) / "kt-bench-XXXXXX";
  SOTTO_CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

Directory::~Directory() { fs::remove_all(path_); }

double Directory::octets() const {
  std::uintmax_t out = 0;
  for (const auto& file : fs::recursive_directory_iterator(path_)) {
    if (file.is_regular_file()) out += file.file_size();
  }
  return static_cast<double>(out);
}

double wall_microseconds() {
  timespec now{};
  SOTTO_CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double cpu_microseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

transparency::AccountId account(std::size_t number) {
  ByteArray<16> octets{};
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return transparency::AccountId(octets);
}

std::string handle(std::size_t number) { return "person" + std::to_string(number); }

World::World() {
  auto opened = storage::RocksDbStore::open({.directory = directory_.path() / "db"}, inbox_.sink(), logger_);
  SOTTO_CHECK(opened);
  store_ = *std::move(opened);
  transparency_log::Options options;
  options.max_mutations = transparency::kMaxMutations;
  auto log = transparency_log::Log::open(*store_, identity_, vrf_, random_, options, now_);
  SOTTO_CHECK(log);
  log_ = *std::move(log);
  drain();
}

void World::drain() {
  while (log_->busy()) {
    for (const auto& completion : inbox_.take()) log_->on_completion(completion, now_);
  }
}

void World::submit(Label label, Bytes value) {
  log_->submit({{{std::move(label), std::move(value), std::nullopt}}, {}},
               [](const auto& result) { SOTTO_CHECK(result); });
}

World::Cost World::change(const std::vector<std::size_t>& accounts) {
  for (const std::size_t number : accounts) {
    Bytes value(transparency::kMaxValue);
    random_.fill(value);
    submit(Label::account(account(number)), std::move(value));
  }
  return close_epoch();
}

void World::name(const std::vector<std::size_t>& accounts) {
  for (const std::size_t number : accounts) {
    submit(Label::handle(handle(number)), transparency::handle_value(account(number)));
  }
  close_epoch();
}

World::Cost World::close_epoch() {
  now_ = now_ + seconds(2);
  const double wall = wall_microseconds();
  const double cpu = cpu_microseconds();
  const std::uint64_t size = log_->size();
  log_->tick(now_);
  Cost out;
  while (log_->busy()) {
    for (const auto& completion : inbox_.take()) log_->on_completion(completion, now_);
    if (out.visible_wall_us == 0 && log_->size() > size) out.visible_wall_us = wall_microseconds() - wall;
  }
  out.wall_us = wall_microseconds() - wall;
  out.cpu_us = cpu_microseconds() - cpu;
  out.auditor_octets = auditor_octets();
  return out;
}

double World::auditor_octets() {
  double out = transparency::kEntrySize;
  for (std::uint32_t page = 0;; ++page) {
    const auto mutations = log_->mutations(log_->size() - 1, page);
    SOTTO_CHECK(mutations);
    out += static_cast<double>(mutations->mutations.size() * transparency::kMutationSize);
    if (!mutations->more) return out;
  }
}

transparency::LookupAnswer World::look_up(std::size_t number, std::uint64_t known_size) {
  auto answer = log_->look_up_account(account(number), known_size);
  SOTTO_CHECK(answer);
  return *std::move(answer);
}

transparency::LookupAnswer World::look_up_by_handle(std::size_t number, std::uint64_t known_size) {
  auto answer = log_->look_up_handle(handle(number), known_size);
  SOTTO_CHECK(answer);
  return *std::move(answer);
}

}  // namespace sotto::bench
