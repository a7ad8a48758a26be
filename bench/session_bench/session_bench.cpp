// session_bench: rows P1, P2, P3 and P7 of the goals (bench/README.md), measured beside libsignal-protocol-c,
// libolm and the floor of primitives.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "measurement/measure.h"
#include "measurement/options.h"
#include "measurement/report.h"
#include "session/limits.h"
#include "session_bench/floor.h"
#include "session_bench/olm_peer.h"
#include "session_bench/signal_peer.h"
#include "session_bench/sp1_pair.h"
#include "sotto/v1/content.pb.h"

namespace sotto::bench {
namespace {

constexpr std::size_t kContentSize = 256;
/// Header and tag of an SP/1 message: its wire size less the padded payload.
constexpr std::size_t kFraming = 88 + 32;
constexpr std::size_t kFanOut = 10;

// Operations a round: long enough that clock resolution vanishes, short enough that a round of all contenders
// stays under a second or so.
constexpr std::size_t kOneWayOperations = 4'000;
constexpr std::size_t kSignedOperations = 1'000;
constexpr std::size_t kFanOutOperations = 300;
constexpr std::size_t kAlternateOperations = 400;
constexpr std::size_t kEstablishments = 50;
constexpr std::size_t kConversation = 10'000;

constexpr const char* kSignalName = "libsignal-protocol-c";
constexpr const char* kTunedName = "libsignal-c tuned";
constexpr const char* kOlmName = "libolm";

struct Options : CommonOptions {
  std::string row;  ///< the only row to measure; empty: all
};

template <typename Operation>
Contender repeat(std::string name, Operation operation) {
  return {.name = std::move(name), .run = [operation](std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) operation();
          }};
}

/// Interleaves and puts every figure into the report.
std::vector<Figure> measure(Report& report, const std::vector<Contender>& contenders, const Options& options,
                            std::size_t operations) {
  std::vector<Figure> figures = interleave(contenders, options.rounds, operations);
  for (const Figure& figure : figures) report.add(figure);
  return figures;
}

struct Bench {
  Options options;
  Report report{"session_bench: SP/1 sessions", options.rounds};
  crypto::SystemRandom random;
  Sp1Device alice{random};
  Sp1Device bob{random};
  Bytes content = Bytes(kContentSize, 0x5a);

  Sp1Pair pair() { return Sp1Pair(alice, bob, random); }
};

/// `figures` as one_way() lays them out.
void compare_one_way(Report& report, const std::string& what, double ours,
                     const std::vector<Figure>& figures) {
  report.add(at_most("P1", what, "us", ours, 13));
  report.add(at_most_times_floor("P1", what, ours, figures[2].median(), 1.2));
  report.add(faster_than("P1", what, ours, kSignalName, figures[3].median(), 1.7));
  report.add(faster_than("P1", what, ours, kTunedName, figures[4].median(), 1.7));
  report.add(faster_than("P1", what, ours, kOlmName, figures[5].median(), 3.3));
}

void one_way(Bench& bench) {
  Sp1Pair pair = bench.pair();
  Sp1Pair unrecorded = bench.pair();
  unrecorded.take_records(false);
  const auto signed_once = pair.sign_for_bob(bench.content);
  const auto signed_too = unrecorded.sign_for_bob(bench.content);
  Floor floor(pair.one_way(signed_once) - kFraming, kContentSize);
  SignalPeer plain(SignalAdapter::plain);
  SignalPeer tuned(SignalAdapter::tuned);
  OlmPeer olm;
  const auto figures =
      measure(bench.report,
              {repeat("P1 one-way 256 B: ours", [&] { pair.one_way(signed_once); }),
               repeat("P1 one-way 256 B: ours, records not taken", [&] { unrecorded.one_way(signed_too); }),
               repeat("P1 one-way 256 B: floor", [&] { floor.message(); }),
               repeat("P1 one-way 256 B: libsignal-protocol-c", [&] { plain.one_way(bench.content); }),
               repeat("P1 one-way 256 B: libsignal-protocol-c, tuned", [&] { tuned.one_way(bench.content); }),
               repeat("P1 one-way 256 B: libolm", [&] { olm.one_way(bench.content); })},
              bench.options, kOneWayOperations);
  compare_one_way(bench.report, "one-way, records taken for the store", figures[0].median(), figures);
  compare_one_way(bench.report, "one-way, records not taken", figures[1].median(), figures);
}

void with_content_signature(Bench& bench) {
  Sp1Pair pair = bench.pair();
  Floor floor(pair.one_way(pair.sign_for_bob(bench.content)) - kFraming, kContentSize);
  const auto figures =
      measure(bench.report,
              {repeat("P2 with content signature: ours", [&] { pair.one_way_signed(bench.content); }),
               repeat("P2 with content signature: floor", [&] { floor.signed_message(); })},
              bench.options, kSignedOperations);
  bench.report.add(at_most_times_floor("P2", "one-way, content signed and verified", figures[0].median(),
                                       figures[1].median(), 1.15));
}

void fan_out(Bench& bench) {
  std::vector<Sp1Device> bobs;
  std::vector<Sp1Pair> pairs;
  bobs.reserve(kFanOut);
  pairs.reserve(kFanOut);
  for (std::size_t i = 0; i < kFanOut; ++i) {
    bobs.emplace_back(bench.random);
    pairs.emplace_back(bench.alice, bobs.back(), bench.random);
  }
  const std::size_t body = pairs[0].one_way(pairs[0].sign_for_bob(bench.content)) - kFraming;
  Floor floor(body, kContentSize);
  const auto figures = measure(bench.report,
                               {repeat("P2 fan-out to 10 devices, sender: ours",
                                       [&] {
                                         const auto content = pairs[0].sign_for_bob(bench.content);
                                         for (Sp1Pair& pair : pairs) pair.seal_only(content);
                                       }),
                                repeat("P2 fan-out to 10 devices, sender: floor",
                                       [&] {
                                         floor.sign();
                                         for (std::size_t i = 0; i < kFanOut; ++i) floor.seal();
                                       })},
                               bench.options, kFanOutOperations);
  bench.report.add(at_most_times_floor("P2", "fan-out to 10 devices (one signature)", figures[0].median(),
                                       figures[1].median(), 1.15));
}

void alternate(Bench& bench) {
  Sp1Pair pair = bench.pair();
  const auto signed_once = pair.sign_for_bob(bench.content);
  Floor floor(pair.one_way(signed_once) - kFraming, kContentSize);
  SignalPeer signal(SignalAdapter::tuned);
  OlmPeer olm;
  const std::size_t epochs_before = pair.pq_epochs();
  std::size_t messages = 0;
  const auto figures =
      measure(bench.report,
              {repeat("P3 ping-pong, PQ epochs included: ours",
                      [&] {
                        pair.alternate(signed_once);
                        ++messages;
                      }),
               repeat("P3 ping-pong, EC ratchet alone: floor", [&] { floor.ratchet_message(); }),
               repeat("P3 ping-pong: libsignal-protocol-c", [&] { signal.alternate(bench.content); }),
               repeat("P3 ping-pong: libolm", [&] { olm.alternate(bench.content); }),
               repeat("P3 one PQ epoch: floor", [&] { floor.pq_epoch(); }),
               repeat("P3 one ML-DSA signature, made and verified: floor", [&] { floor.ml_dsa(); })},
              bench.options, kAlternateOperations);
  const double ours = figures[0].median();
  const double epochs = static_cast<double>(pair.pq_epochs() - epochs_before) / static_cast<double>(messages);
  const double pq_epoch = figures[4].median() + 2 * figures[5].median() / session::kPqReauthenticationPeriod;
  const std::string what = "ping-pong, one message";
  bench.report.add(at_most("P3", what, "us", ours, 300));
  bench.report.add(
      at_most_times_floor("P3", what, ours, figures[1].median() + epochs * pq_epoch, std::nullopt));
  bench.report.add(faster_than("P3", what, ours, kSignalName, figures[2].median()));
  bench.report.add(faster_than("P3", what, ours, kOlmName, figures[3].median()));
  bench.report.note(
      fmt::format("P3 ping-pong: one PQ epoch per {:.1f} messages was observed; its floor ({:.0f} us) is "
                  "spread over them in the floor above.",
                  1 / epochs, pq_epoch));
}

/// `with_reply`: the responder's first message belongs to the operation. It answers the PQ step that the
/// first message carries, so that both sides share post-quantum secrets of their own making.
void measure_establishment(Bench& bench, bool with_reply) {
  Sp1Pair pair = bench.pair();
  const auto signed_once = pair.sign_for_bob(bench.content);
  Floor floor(pair.one_way(signed_once) - kFraming, kContentSize);
  SignalPeer signal(SignalAdapter::tuned);
  OlmPeer olm;
  const std::string what =
      with_reply ? "establishment and first reply" : "establishment with its first message";
  std::vector<Contender> contenders = {repeat("P3 " + what + ": ours",
                                              [&, with_reply] {
                                                pair.establish(signed_once);
                                                if (with_reply) pair.alternate(signed_once);
                                              }),
                                       repeat("P3 " + what + ": floor",
                                              [&, with_reply] {
                                                floor.establishment();
                                                if (!with_reply) return;
                                                floor.pq_epoch();
                                                floor.ml_dsa();
                                                floor.ratchet_message();
                                              }),
                                       repeat("P3 " + what + ": libsignal-protocol-c",
                                              [&, with_reply] {
                                                signal.establish(bench.content);
                                                if (with_reply) signal.alternate(bench.content);
                                              }),
                                       repeat("P3 " + what + ": libolm", [&, with_reply] {
                                         olm.establish(bench.content);
                                         if (with_reply) olm.alternate(bench.content);
                                       })};
  contenders[0].prepare = [&](std::size_t count) { pair.prepare_establishments(count); };
  contenders[2].prepare = [&](std::size_t count) { signal.prepare_establishments(count); };
  contenders[3].prepare = [&](std::size_t count) { olm.prepare_establishments(count); };
  const auto figures = measure(bench.report, contenders, bench.options, kEstablishments);
  const double ours = figures[0].median();
  if (!with_reply) bench.report.add(at_most("P3", what, "us", ours, 2'200));
  bench.report.add(at_most_times_floor("P3", what, ours, figures[1].median(), std::nullopt));
  bench.report.add(faster_than("P3", what, ours, kSignalName, figures[2].median()));
  bench.report.add(faster_than("P3", what, ours, kOlmName, figures[3].median()));
}

void establishment(Bench& bench) {
  measure_establishment(bench, false);
  measure_establishment(bench, true);
}

/// A text as clients send it: with the hash of the sender's message before it.
Bytes short_text() {
  v1::Content content;
  content.mutable_text()->set_body("Are you there?");
  content.set_previous_hash16(std::string(16, '\x5a'));
  return to_bytes(as_bytes(content.SerializeAsString()));
}

/// Wire sizes of an alternating conversation and how often each occurred.
std::map<std::size_t, std::size_t> conversation_sizes(Sp1Pair& pair, const session::SignedContent& content) {
  std::map<std::size_t, std::size_t> sizes;
  for (std::size_t i = 0; i < kConversation; ++i) ++sizes[pair.alternate(content)];
  return sizes;
}

// The smallest size is a message without a PQ step; whatever is above it is the step's. A step with ML-DSA is
// told from one without by its size: the signature alone is longer than any step. What such a message has
// above the average of the other steps is ML-DSA's part.
void wire_sizes(Bench& bench) {
  Sp1Pair pair = bench.pair();
  const Bytes text = short_text();
  const auto sizes = conversation_sizes(pair, pair.sign_for_bob(text));
  const std::size_t base = sizes.begin()->first;
  std::size_t extra_of_steps = 0;
  std::size_t steps = 0;
  std::size_t extra_with_ml_dsa = 0;
  std::size_t steps_with_ml_dsa = 0;
  std::string seen;
  for (const auto& [size, count] : sizes) {
    const std::size_t extra = size - base;
    const bool ml_dsa = extra > crypto::kMlDsa65SignatureSize;
    (ml_dsa ? extra_with_ml_dsa : extra_of_steps) += extra * count;
    if (extra > 0) (ml_dsa ? steps_with_ml_dsa : steps) += count;
    seen += fmt::format("{}{} B x {}", seen.empty() ? "" : ", ", size, count);
  }
  const double mean_step = static_cast<double>(extra_of_steps) / static_cast<double>(steps);
  const double rekeys = mean_step * static_cast<double>(steps + steps_with_ml_dsa) / kConversation;
  const double ml_dsa = static_cast<double>(extra_of_steps + extra_with_ml_dsa) / kConversation - rekeys;
  const double average = static_cast<double>(base) + rekeys + ml_dsa;
  bench.report.add(at_most("P7", "short text in a heard session", "B", static_cast<double>(base), 480));
  bench.report.add(at_most("P7", "PQ rekeys, amortised, without ML-DSA", "B", rekeys, 120));
  bench.report.add(
      {.row = "P7", .what = "periodic ML-DSA, amortised", .unit = "B", .ours = ml_dsa, .against = ""});
  bench.report.add(
      {.row = "P7", .what = "all of it, average message", .unit = "B", .ours = average, .against = ""});
  bench.report.note(fmt::format("P7: sizes seen in {} alternating messages: {}.", kConversation, seen));
  bench.report.note(
      fmt::format("P7: the same text takes {} B with libsignal-protocol-c and {} B (base64) with libolm, "
                  "both without signatures, padding and post-quantum keys.",
                  SignalPeer(SignalAdapter::tuned).wire_size(text), OlmPeer().wire_size(text)));
}

struct Section {
  std::string_view row;
  void (*run)(Bench&);
};
constexpr Section kSections[] = {{"P1", one_way},   {"P2", with_content_signature}, {"P2", fan_out},
                                 {"P3", alternate}, {"P3", establishment},          {"P7", wire_sizes}};

}  // namespace
}  // namespace sotto::bench

int main(int argc, char** argv) {
  using namespace sotto::bench;
  Options options;
  CLI::App app(
      "CPU time and wire size of SP/1 sessions beside libsignal-protocol-c, libolm and the bare primitives");
  add_common(app, options);
  app.add_option("--row", options.row, "measure this row only")
      ->check(CLI::IsMember({"P1", "P2", "P3", "P7"}));
  CLI11_PARSE(app, argc, argv);

  Bench bench{.options = options};
  for (const Section& section : kSections) {
    if (options.row.empty() || options.row == section.row) section.run(bench);
  }
  print(bench.report, options);
  return 0;
}
