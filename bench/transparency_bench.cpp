// transparency_bench: rows P6 and P6b of the goals (bench/README.md): lookups with proofs and epoch commits
// at growing numbers of labels, beside the floors of hashing, VRF and signatures measured in the same run.
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <vector>

#include "measurement/measure.h"
#include "measurement/options.h"
#include "measurement/report.h"
#include "result/check.h"
#include "sotto/v1/transparency.pb.h"
#include "storage/rocksdb_store.h"
#include "transparency/contact.h"
#include "transparency/wire_form.h"
#include "transparency_log/log.h"
#include "wire/decode.h"

namespace sotto::bench {
namespace {

namespace fs = std::filesystem;
using transparency::AccountId;
using transparency::Label;
using transparency_log::Log;
using transparency_log::Submission;

constexpr std::size_t kLookups = 2'000;
constexpr std::size_t kVerifications = 200;
/// Goal P6b: changes in one epoch. Smaller maps get as many as they have labels.
constexpr std::size_t kChanges = 100'000;
/// New labels of an epoch while the map is filled.
constexpr std::size_t kFill = 50'000;
constexpr std::size_t kGoalLabels = 1'000'000;

struct Options : CommonOptions {
  std::size_t labels = kGoalLabels;
};

/// Completions of the store's thread, taken by the one that drives the log.
class Inbox {
 public:
  storage::CompletionSink sink() {
    return [this](std::vector<storage::Completion> group) {
      const std::lock_guard lock(mutex_);
      waiting_.insert(waiting_.end(), group.begin(), group.end());
      arrived_.notify_one();
    };
  }
  std::vector<storage::Completion> take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !waiting_.empty(); });
    return std::exchange(waiting_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<storage::Completion> waiting_;
};

class Directory {
 public:
  Directory() {
    const char* chosen = std::getenv("SOTTO_BENCH_DIRECTORY");
    std::string pattern =
        (chosen != nullptr ? fs::path(chosen) : fs::temp_directory_path()) / "kt-bench-XXXXXX";
    SOTTO_CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Directory() { fs::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] double mebibytes() const {
    std::uintmax_t out = 0;
    for (const auto& file : fs::recursive_directory_iterator(path_)) {
      if (file.is_regular_file()) out += file.file_size();
    }
    return static_cast<double>(out) / (1 << 20);
  }

 private:
  fs::path path_;
};

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

AccountId account(std::size_t number) {
  ByteArray<16> octets{};
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return AccountId(octets);
}

/// A log on disk and a client that follows it. Labels are accounts.
class World {
 public:
  World() {
    auto opened =
        storage::RocksDbStore::open({.directory = directory_.path() / "db"}, inbox_.sink(), logger_);
    SOTTO_CHECK(opened);
    store_ = *std::move(opened);
    transparency_log::Options options;
    options.max_mutations = transparency::kMaxMutations;
    auto log = Log::open(*store_, identity_, vrf_, random_, options, now_);
    SOTTO_CHECK(log);
    log_ = *std::move(log);
    drain();
  }

  /// What one epoch took, from the moment its changes were known to that when everything was durable.
  struct Cost {
    double wall_us = 0;
    double cpu_us = 0;
    double visible_wall_us = 0;  ///< until the commit point was durable
  };

  /// Makes an epoch of new versions of these accounts. Submitting, which may compute VRFs, is not timed.
  Cost change(const std::vector<std::size_t>& accounts) {
    for (const std::size_t number : accounts) {
      Bytes value(transparency::kMaxValue);
      random_.fill(value);
      log_->submit({{{Label::account(account(number)), std::move(value), std::nullopt}}, {}},
                   [](const auto& result) { SOTTO_CHECK(result); });
    }
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
    return out;
  }

  transparency::LookupAnswer look_up(std::size_t number, std::uint64_t known_size) {
    auto answer = log_->look_up_account(account(number), known_size);
    SOTTO_CHECK(answer);
    return *std::move(answer);
  }

  Log& log() { return *log_; }
  [[nodiscard]] transparency::LogKeys keys() const { return log_->keys(); }
  [[nodiscard]] UnixMs now() const { return now_; }
  [[nodiscard]] double disk_mebibytes() const { return directory_.mebibytes(); }
  crypto::SystemRandom& random() { return random_; }
  [[nodiscard]] const crypto::VrfPrivateKey& vrf() const { return vrf_; }
  [[nodiscard]] const crypto::HybridPrivateKey& identity() const { return identity_; }

 private:
  void drain() {
    while (log_->busy()) {
      for (const auto& completion : inbox_.take()) log_->on_completion(completion, now_);
    }
  }

  Directory directory_;
  Inbox inbox_;
  log::StderrLogger logger_{log::Level::warning};
  crypto::SystemRandom random_;
  crypto::HybridPrivateKey identity_ = crypto::HybridPrivateKey::generate(random_);
  crypto::VrfPrivateKey vrf_ = crypto::VrfPrivateKey::generate(random_);
  UnixMs now_{1'800'000'000'000};
  std::unique_ptr<storage::RocksDbStore> store_;
  std::unique_ptr<Log> log_;
};

Bytes octets(const transparency::LookupAnswer& answer, bool with_head) {
  v1::LookupAnswer message;
  to_wire(answer, message);
  if (!with_head) message.clear_head();
  return wire::encode(message);
}

/// `count` different numbers below `bound`.
std::vector<std::size_t> sample(crypto::RandomSource& random, std::size_t count, std::size_t bound) {
  std::vector<std::size_t> all(bound);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t draw = 0;
    for (const std::uint8_t octet : random.array<8>()) draw = draw << 8 | octet;
    std::swap(all[i], all[i + draw % (bound - i)]);
  }
  all.resize(count);
  return all;
}

Contender repeat(std::string name, std::function<void(std::size_t)> operation) {
  return {.name = std::move(name), .run = [operation = std::move(operation)](std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) operation(i);
          }};
}

void compare_commit(Report& report, const World::Cost& cost, std::size_t changes, std::size_t labels,
                    double hash_us) {
  const auto count = static_cast<double>(changes);
  const std::string at = fmt::format("{} changes into {} labels", changes, labels);
  // Each change is a commitment (as much hashing as two nodes), a leaf (as much as one), the nodes down to
  // where changes part, which they share and so are two a change, and those below.
  const double own_levels = std::max(0.0, std::log2(static_cast<double>(labels) / count));
  const double floor = hash_us * (2 + 1 + 2 + own_levels);
  report.add({.row = "P6b",
              .what = "  the same, CPU of both threads",
              .unit = "1/s",
              .ours = count / cost.cpu_us * 1e6,
              .against = ""});
  report.add({.row = "P6b",
              .what = "  visible after (commit point durable)",
              .unit = "1/s",
              .ours = count / cost.visible_wall_us * 1e6,
              .against = ""});
  report.add(at_most_times_floor("P6b", "  CPU a change against its hashes", cost.cpu_us / count, floor,
                                 std::nullopt));
}

void measure_lookups(Report& report, World& world, std::size_t labels, const Options& options) {
  const auto asked = sample(world.random(), std::min(labels, kLookups), labels);
  transparency::LogView view(world.keys());
  const auto first = world.look_up(0, 0);
  const transparency::PinOf no_pin = [](const Label&) { return std::nullopt; };
  SOTTO_CHECK(verify_account(view, account(0), first, no_pin, world.now()));
  std::vector<transparency::LookupAnswer> answers;
  std::vector<transparency::LabelState> states;
  double with_head = 0;
  double without_head = 0;
  for (std::size_t i = 0; i < std::min(kVerifications, asked.size()); ++i) {
    answers.push_back(world.look_up(asked[i], view.known_size()));
    auto state = verify_account(view, account(asked[i]), answers.back(), no_pin, world.now());
    SOTTO_CHECK(state);
    states.push_back(*std::move(state));
    with_head += static_cast<double>(octets(answers.back(), true).size());
    without_head += static_cast<double>(octets(answers.back(), false).size());
  }
  const auto alpha = Label::account(account(asked[0])).alpha();
  const auto proof = world.vrf().prove(alpha);
  const auto head = answers[0].head;
  const std::size_t depth = answers[0].labels[0].map.path.size() + answers[0].entry.path.size();
  const auto hash = crypto::sha256(as_bytes("node"));
  const std::string at = fmt::format("{} labels: ", labels);
  const auto of = [&](std::size_t i) { return i % answers.size(); };
  const auto figures =
      interleave({repeat(at + "server, lookup with proof",
                         [&](std::size_t i) { world.look_up(asked[i % asked.size()], 0); }),
                  repeat(at + "server, the same as octets",
                         [&](std::size_t i) { octets(world.look_up(asked[i % asked.size()], 0), true); }),
                  repeat(at + "floor of the server: the path's hashes",
                         [&](std::size_t) {
                           auto node = hash;
                           for (std::size_t i = 0; i < depth; ++i) node = crypto::merkle_node(node, hash);
                         })},
                 options.rounds, kLookups);
  const auto client = interleave(
      {repeat(at + "client, first lookup of a contact, head known",
              [&](std::size_t i) {
                SOTTO_CHECK(verify_account(view, account(asked[of(i)]), answers[of(i)], no_pin, world.now()));
              }),
       repeat(at + "client, contact pinned, head known",
              [&](std::size_t i) {
                const transparency::PinOf pin = [&](const Label&) { return states[of(i)]; };
                SOTTO_CHECK(verify_account(view, account(asked[of(i)]), answers[of(i)], pin, world.now()));
              }),
       repeat(at + "client, first lookup of a contact, head new",
              [&](std::size_t i) {
                transparency::LogView fresh(view.keys());
                SOTTO_CHECK(
                    verify_account(fresh, account(asked[of(i)]), answers[of(i)], no_pin, world.now()));
              }),
       repeat(at + "floor of the client: VRF verification",
              [&](std::size_t) { SOTTO_CHECK(world.vrf().public_key().verify(alpha, proof)); }),
       repeat(at + "floor of the client: ECDSA and ML-DSA verification",
              [&](std::size_t) { SOTTO_CHECK(verify(world.keys(), head)); })},
      options.rounds, kVerifications);
  for (const Figure& figure : figures) report.add(figure);
  for (const Figure& figure : client) report.add(figure);
  const bool goal = labels == kGoalLabels;
  const double count = static_cast<double>(answers.size());
  const std::string suffix = fmt::format(", {} labels, {} epochs", labels, world.log().size());
  const auto line = [&](std::string what, std::string unit, double ours, double limit) {
    if (goal) return report.add(at_most("P6", what + suffix, unit, ours, limit));
    report.add({.row = "P6", .what = what + suffix, .unit = unit, .ours = ours, .against = ""});
  };
  line("proof without the head", "B", without_head / count, 1300);
  report.add({.row = "P6", .what = "  with the head", .unit = "B", .ours = with_head / count, .against = ""});
  line("server CPU, VRF cached", "us", figures[0].median(), 25);
  report.add(at_most_times_floor("P6", "  against hashing a path", figures[0].median(), figures[2].median(),
                                 std::nullopt));
  line("client CPU", "us", client[0].median(), 350);
  report.add(at_most_times_floor("P6", "  against VRF and a path's hashes", client[0].median(),
                                 client[3].median() + figures[2].median(), std::nullopt));
  report.add(at_most_times_floor("P6", "  contact pinned, against the hashes", client[1].median(),
                                 figures[2].median(), std::nullopt));
  report.add(at_most_times_floor("P6", "  new head, against VRF, signatures, hashes", client[2].median(),
                                 client[3].median() + client[4].median() + figures[2].median(),
                                 std::nullopt));
}

double hash_microseconds(const Options& options) {
  const auto hash = crypto::sha256(as_bytes("node"));
  const auto figures =
      interleave({repeat("a node", [&](std::size_t) { (void)crypto::merkle_node(hash, hash); })},
                 options.rounds, 20'000);
  return figures[0].median();
}

void run(const Options& options, Report& report) {
  World world;
  const double hash_us = hash_microseconds(options);
  std::size_t labels = 0;
  for (std::size_t target = 1'000; target <= options.labels; target *= 10) {
    World::Cost fill;
    const std::size_t added = target - labels;
    while (labels < target) {
      const std::size_t count = std::min(kFill, target - labels);
      std::vector<std::size_t> fresh(count);
      std::iota(fresh.begin(), fresh.end(), labels);
      const World::Cost cost = world.change(fresh);
      fill.wall_us += cost.wall_us;
      labels += count;
    }
    report.add({.row = "P6b",
                .what = fmt::format("filling up to {} labels, wall, without VRF", labels),
                .unit = "1/s",
                .ours = static_cast<double>(added) / fill.wall_us * 1e6,
                .against = ""});
    const std::size_t changes = std::min(kChanges, labels);
    compare_commit(report, world.change(sample(world.random(), changes, labels)), changes, labels, hash_us);
    report.add({.row = "P6b",
                .what = fmt::format("  on disk after it, a label, {} labels", labels),
                .unit = "B",
                .ours = world.disk_mebibytes() * (1 << 20) / static_cast<double>(labels),
                .against = ""});
    measure_lookups(report, world, labels, options);
  }
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
  using namespace sotto::bench;
  Options options;
  CLI::App app(
      "Lookups with proofs and epoch commits of the transparency log at 10^3, 10^4, ... labels, on RocksDB");
  add_common(app, options);
  app.add_option("--labels", options.labels, "the largest map; 10000000 takes an hour and 16 GB of disk")
      ->check(CLI::Range(1'000, 100'000'000));
  CLI11_PARSE(app, argc, argv);

  Report report("transparency_bench: key transparency", options.rounds);
  run(options, report);
  print(report, options);
  return 0;
}
