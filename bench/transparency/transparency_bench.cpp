// transparency_bench: rows P6 and P6b of the goals (bench/README.md): lookups with proofs and epoch commits
// at growing numbers of labels, beside the floors of hashing, VRF and signatures measured in the same run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "measurement/measure.h"
#include "measurement/report.h"
#include "result/check.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"
#include "world.h"

namespace sotto::bench {
namespace {

using transparency::Label;
using transparency::LookupAnswer;

constexpr std::size_t kLookups = 2'000;
constexpr std::size_t kVerifications = 200;
/// Goal P6b: changes in one epoch. Smaller maps get as many as they have labels.
constexpr std::size_t kChanges = 100'000;
/// New labels of an epoch while the map is filled.
constexpr std::size_t kFill = 50'000;
constexpr std::size_t kGoalLabels = 1'000'000;

struct Options {
  std::size_t rounds = 7;
  std::size_t labels = kGoalLabels;
  bool json = false;
};

/// What is compared between the sizes.
struct Growth {
  std::size_t labels = 0;
  double server_us = 0;
  double client_us = 0;
  double change_us = 0;
  double proof_octets = 0;
};

double octets(const LookupAnswer& answer, bool with_head) {
  v1::LookupAnswer message;
  to_wire(answer, message);
  if (!with_head) message.clear_head();
  return static_cast<double>(wire::encode(message).size());
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

void inform(Report& report, std::string row, std::string what, std::string unit, double ours) {
  report.add(
      {.row = std::move(row), .what = std::move(what), .unit = std::move(unit), .ours = ours, .against = ""});
}

double hash_microseconds(std::size_t rounds) {
  const auto hash = crypto::sha256(as_bytes("node"));
  const auto figures = interleave(
      {repeat("a node", [&](std::size_t) { (void)crypto::merkle_node(hash, hash); })}, rounds, 20'000);
  return figures[0].median();
}

void compare_commit(Report& report, const World::Cost& cost, std::size_t changes, std::size_t labels,
                    double hash_us) {
  const auto count = static_cast<double>(changes);
  const std::string what = fmt::format("epoch of {} changes into {} labels, wall", changes, labels);
  const double rate = count / cost.wall_us * 1e6;
  if (labels >= kGoalLabels) {
    report.add(at_least("P6b", what, "1/s", rate, 100'000));
  } else {
    inform(report, "P6b", what, "1/s", rate);
  }
  inform(report, "P6b", "  the same, CPU of both threads", "1/s", count / cost.cpu_us * 1e6);
  inform(report, "P6b", "  visible after (commit point durable), wall", "ms", cost.visible_wall_us / 1e3);
  // Each change is a commitment (as much hashing as two nodes), a leaf (as much as one), the nodes down to
  // where changes part, which they share and so are two a change, and those below.
  const double own_levels = std::max(0.0, std::log2(static_cast<double>(labels) / count));
  const double floor = hash_us * (2 + 1 + 2 + own_levels);
  report.add(at_most_times_floor("P6b", "  CPU a change against its hashes", cost.cpu_us / count, floor,
                                 std::nullopt));
  inform(report, "P6b", "  an auditor fetches, a change", "B", cost.auditor_octets / count);
}

/// Lookups at one size of the map: what the server computes, what travels, what a client verifies.
class Lookups {
 public:
  Lookups(World& world, std::size_t labels, std::size_t rounds)
      : world_(world), labels_(labels), rounds_(rounds), view_(world.keys()) {
    asked_ = sample(world.random(), std::min(labels, kLookups), labels);
    named_.assign(asked_.begin(),
                  asked_.begin() + static_cast<std::ptrdiff_t>(std::min(kVerifications, asked_.size())));
    world.name(named_);
    SOTTO_CHECK(verify_account(view_, account(0), world.look_up(0, 0), no_pin_, world.now()));
    for (const std::size_t number : named_) {
      answers_.push_back(world.look_up(number, view_.known_size()));
      by_handle_.push_back(world.look_up_by_handle(number, view_.known_size()));
      auto state = verify_account(view_, account(number), answers_.back(), no_pin_, world.now());
      SOTTO_CHECK(state);
      states_.push_back(*std::move(state));
    }
    depth_ = answers_[0].labels[0].map.path.size() + answers_[0].entry.path.size();
  }

  Growth measure(Report& report);

 private:
  std::vector<Figure> measure_server();
  std::vector<Figure> measure_client();
  void compare_server(Report& report, const std::vector<Figure>& server) const;
  void compare_client(Report& report, const std::vector<Figure>& client, double hashes) const;
  [[nodiscard]] double mean_octets(const std::vector<LookupAnswer>& answers, bool with_head) const {
    double out = 0;
    for (const LookupAnswer& answer : answers) out += octets(answer, with_head);
    return out / static_cast<double>(answers.size());
  }
  void line(Report& report, std::string what, std::string unit, double ours, double limit) const {
    what += fmt::format(", {} labels, {} epochs", labels_, world_.epochs());
    if (labels_ == kGoalLabels)
      return report.add(at_most("P6", std::move(what), std::move(unit), ours, limit));
    inform(report, "P6", std::move(what), std::move(unit), ours);
  }
  void first_contact(std::size_t i, bool new_head) {
    const LookupAnswer& answer = answers_[i % answers_.size()];
    transparency::LogView fresh(view_.keys());
    const auto state = verify_account(new_head ? fresh : view_, account(named_[i % answers_.size()]), answer,
                                      no_pin_, world_.now());
    SOTTO_CHECK(state);
  }

  World& world_;
  std::size_t labels_;
  std::size_t rounds_;
  transparency::LogView view_;
  transparency::PinOf no_pin_ = [](const Label&) { return std::nullopt; };
  std::vector<std::size_t> asked_;
  std::vector<std::size_t> named_;
  std::vector<LookupAnswer> answers_;
  std::vector<LookupAnswer> by_handle_;
  std::vector<transparency::LabelState> states_;
  std::size_t depth_ = 0;
};

std::vector<Figure> Lookups::measure_server() {
  const auto hash = crypto::sha256(as_bytes("node"));
  const std::string at = fmt::format("{} labels: ", labels_);
  return interleave(
      {repeat(at + "server, lookup with proof",
              [&](std::size_t i) { world_.look_up(asked_[i % asked_.size()], 0); }),
       repeat(at + "server, the same as octets",
              [&](std::size_t i) { octets(world_.look_up(asked_[i % asked_.size()], 0), true); }),
       repeat(at + "server, handle and account, as octets",
              [&](std::size_t i) { octets(world_.look_up_by_handle(named_[i % named_.size()], 0), true); }),
       repeat(at + "floor of the server: the path's hashes",
              [&](std::size_t) {
                auto node = hash;
                for (std::size_t i = 0; i < depth_; ++i) node = crypto::merkle_node(node, hash);
              })},
      rounds_, kLookups);
}

std::vector<Figure> Lookups::measure_client() {
  const std::string at = fmt::format("{} labels: ", labels_);
  const auto alpha = Label::account(account(named_[0])).alpha();
  const auto proof = world_.vrf().prove(alpha);
  const auto head = answers_[0].head;
  return interleave(
      {repeat(at + "client, account, head known", [&](std::size_t i) { first_contact(i, false); }),
       repeat(at + "client, account pinned, head known",
              [&](std::size_t i) {
                const std::size_t at_index = i % named_.size();
                const transparency::PinOf pin = [&](const Label&) { return states_[at_index]; };
                SOTTO_CHECK(
                    verify_account(view_, account(named_[at_index]), answers_[at_index], pin, world_.now()));
              }),
       repeat(at + "client, account, head new", [&](std::size_t i) { first_contact(i, true); }),
       repeat(at + "client, handle and account, head new",
              [&](std::size_t i) {
                const std::size_t at_index = i % named_.size();
                transparency::LogView fresh(view_.keys());
                SOTTO_CHECK(verify_contact(fresh, handle(named_[at_index]), by_handle_[at_index], no_pin_,
                                           world_.now()));
              }),
       repeat(at + "floor of the client: VRF verification",
              [&](std::size_t) { SOTTO_CHECK(world_.vrf().public_key().verify(alpha, proof)); }),
       repeat(at + "floor of the client: ECDSA and ML-DSA verification",
              [&](std::size_t) { SOTTO_CHECK(verify(world_.keys(), head)); })},
      rounds_, kVerifications);
}

void Lookups::compare_server(Report& report, const std::vector<Figure>& server) const {
  line(report, "proof without the head", "B", mean_octets(answers_, false), 1300);
  inform(report, "P6", "  with the head", "B", mean_octets(answers_, true));
  inform(report, "P6", "  handle and account, with the head", "B", mean_octets(by_handle_, true));
  line(report, "server CPU, VRF cached", "us", server[0].median(), 25);
  report.add(at_most_times_floor("P6", "  against hashing a path", server[0].median(), server[3].median(),
                                 std::nullopt));
}

void Lookups::compare_client(Report& report, const std::vector<Figure>& client, double hashes) const {
  const double vrf = client[4].median();
  const double signatures = client[5].median();
  line(report, "client CPU, head known", "us", client[0].median(), 350);
  report.add(at_most_times_floor("P6", "  against VRF and a path's hashes", client[0].median(), vrf + hashes,
                                 std::nullopt));
  report.add(at_most_times_floor("P6", "  account pinned, against the hashes", client[1].median(), hashes,
                                 std::nullopt));
  line(report, "client CPU, head new", "us", client[2].median(), 350);
  report.add(at_most_times_floor("P6", "  against VRF, signatures, hashes", client[2].median(),
                                 vrf + signatures + hashes, std::nullopt));
  report.add(at_most_times_floor("P6", "  handle and account, against 2 VRF, signatures, hashes",
                                 client[3].median(), 2 * vrf + signatures + 2 * hashes, std::nullopt));
}

Growth Lookups::measure(Report& report) {
  const auto server = measure_server();
  const auto client = measure_client();
  for (const Figure& figure : server) report.add(figure);
  for (const Figure& figure : client) report.add(figure);
  compare_server(report, server);
  compare_client(report, client, server[3].median());
  return {.labels = labels_,
          .server_us = server[0].median(),
          .client_us = client[0].median(),
          .change_us = 0,
          .proof_octets = mean_octets(answers_, false)};
}

/// Each size against the smallest.
void compare_growth(Report& report, const std::vector<Growth>& sizes) {
  const Growth& first = sizes.front();
  const auto line = [&](const Growth& at, const char* what, const char* unit, double Growth::* field) {
    report.add({.row = "P6",
                .what = fmt::format("growth: {}, {} labels", what, at.labels),
                .unit = unit,
                .ours = at.*field,
                .against = fmt::format("{} labels", first.labels),
                .value = first.*field,
                .ratio = at.*field / first.*field});
  };
  for (const Growth& at : sizes) {
    line(at, "proof", "B", &Growth::proof_octets);
    line(at, "server CPU", "us", &Growth::server_us);
    line(at, "client CPU", "us", &Growth::client_us);
    line(at, "CPU of a change", "us", &Growth::change_us);
  }
}

/// New labels up to `target`.
void fill(Report& report, World& world, std::size_t labels, std::size_t target) {
  World::Cost whole;
  const std::size_t before = labels;
  while (labels < target) {
    std::vector<std::size_t> fresh(std::min(kFill, target - labels));
    std::iota(fresh.begin(), fresh.end(), labels);
    whole.wall_us += world.change(fresh).wall_us;
    labels += fresh.size();
  }
  inform(report, "P6b", fmt::format("filling up to {} labels, wall, without VRF", target), "1/s",
         static_cast<double>(target - before) / whole.wall_us * 1e6);
}

void run(const Options& options, Report& report) {
  World world;
  const double hash_us = hash_microseconds(options.rounds);
  std::vector<Growth> sizes;
  std::size_t labels = 0;
  for (std::size_t target = 1'000; target <= options.labels; target *= 10) {
    fill(report, world, labels, target);
    labels = target;
    const std::size_t changes = std::min(kChanges, labels);
    const World::Cost cost = world.change(sample(world.random(), changes, labels));
    compare_commit(report, cost, changes, labels, hash_us);
    inform(report, "P6b", fmt::format("  on disk after it, a label, {} labels", labels), "B",
           world.disk_octets() / static_cast<double>(labels));
    sizes.push_back(Lookups(world, labels, options.rounds).measure(report));
    sizes.back().change_us = cost.cpu_us / static_cast<double>(changes);
    std::fprintf(stderr, "%zu labels measured\n", labels);
  }
  inform(report, "P6b", "most memory of the process", "MiB", peak_memory() / (1 << 20));
  compare_growth(report, sizes);
}

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
  using namespace sotto::bench;
  Options options;
  CLI::App app(
      "Lookups with proofs and epoch commits of the transparency log at 10^3, 10^4, ... labels, on RocksDB");
  app.add_option("--rounds", options.rounds, "interleaved rounds; the median is reported")
      ->check(CLI::Range(5, 1000));
  app.add_option("--labels", options.labels, "the largest map; 10000000 takes an hour and 16 GB of disk")
      ->check(CLI::Range(1'000, 100'000'000));
  app.add_flag("--json", options.json, "print JSON instead of text");
  CLI11_PARSE(app, argc, argv);

  Report report("transparency_bench: key transparency", options.rounds);
  run(options, report);
  const std::string out = options.json ? report.json() : report.text();
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}
