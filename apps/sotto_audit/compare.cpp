#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include "audit/comparison.h"
#include "audit/finding.h"
#include "audit/limits.h"
#include "clock/clock.h"
#include "data_folder.h"
#include "http_get.h"
#include "server_line.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/wire_form.h"
#include "verify.h"
#include "wire/decode.h"

namespace sotto::audit_cli {
namespace {

Outcome<transparency::SignedTreeHead> load_head(const std::string& from, DurationMs patience) {
  Bytes octets;
  if (from.find("://") != std::string::npos) {
    SOTTO_TRY(octets, http_get(from, audit::kMaxHeadOctets, patience));
  } else {
    SOTTO_TRY(auto file, read_file(from, audit::kMaxHeadOctets));
    if (!file) return err(Failure{ExitCode::failed, "there is no file " + from});
    octets = *std::move(file);
  }
  v1::SignedTreeHead message;
  if (wire::decode(octets, audit::kMaxHeadOctets, message)) {
    if (auto head = transparency::from_wire(message)) return *std::move(head);
  }
  return err(Failure{ExitCode::failed, from + " is not a signed head as /v1/head gives it"});
}

/// Runs a comparison over one connection.
Outcome<audit::ComparisonResult> ask_server(audit::Comparison& comparison, const CompareOptions& options,
                                            bool pinned) {
  SOTTO_TRY(ServerAddress address, parse_server(options.server, options.pin));
  const SystemClock clock;
  boost::asio::io_context context(1);
  audit::ComparisonEffects effects;
  std::string why = "no answer in time";
  ServerLine* sender = nullptr;
  const auto perform = [&](audit::ComparisonEffects next) {
    effects = std::move(next);
    for (const Bytes& frame : effects.frames) sender->send(frame);
    if (effects.result || effects.error) context.stop();
  };
  ServerLine line(context, std::move(address),
                  {.opened = [&](const auto& key) { perform(comparison.connected(key)); },
                   .received = [&](ByteView message) { perform(comparison.receive(message, clock.now())); },
                   .closed =
                       [&](const std::string& reason) {
                         why = reason;
                         context.stop();
                       }});
  sender = &line;
  line.connect(pinned);
  context.run_for(std::chrono::seconds(options.wait_s));
  if (effects.result) return *std::move(effects.result);
  if (!effects.error) return err(Failure{ExitCode::unreachable, options.server + ": " + why});
  const bool other = *effects.error == audit::AuditError::other_log;
  const std::string words = *effects.error == audit::AuditError::bad_head
                                ? "one of the heads is not signed by this server's log"
                                : std::string(audit::describe(*effects.error));
  return err(Failure{other ? ExitCode::other_log : ExitCode::failed, options.server + ": " + words});
}

std::string words_for(const audit::ComparisonResult& result) {
  if (result.relation == audit::Relation::consistent) {
    return "The heads belong to one log: each continues the one before it.\n";
  }
  const std::string pair = fmt::format("  first   {}\n  second  {}\n", audit::describe(result.between->first),
                                       audit::describe(result.between->second));
  return "NOT PROVEN. The server did not show that these heads belong to one log:\n" + pair +
         "Ask again later; if it stays so, the server shows different people different logs.\n";
}

}  // namespace

Outcome<ExitCode> compare(const CompareOptions& options, const Report& report) {
  std::vector<transparency::SignedTreeHead> heads;
  for (const std::string& from : options.heads) {
    SOTTO_TRY(heads.emplace_back(), load_head(from, seconds(options.wait_s)));
  }
  if (heads.size() < 2) return err(Failure{ExitCode::usage, "give --head twice at least"});
  std::optional<audit::PinnedLog> pinned;
  if (!options.data_dir.empty()) {
    SOTTO_TRY(pinned, DataFolder::pinned(options.data_dir));
  }
  crypto::SystemRandom random;
  const bool known = pinned.has_value();
  audit::Comparison comparison(std::move(heads), std::move(pinned), random);
  SOTTO_TRY(const audit::ComparisonResult result, ask_server(comparison, options, known));
  if (!result.evidence) {
    const bool consistent = result.relation == audit::Relation::consistent;
    report.compared(consistent, words_for(result));
    return consistent ? ExitCode::ok : ExitCode::unproven;
  }
  if (!options.evidence.empty()) {
    v1::ForkEvidence message;
    transparency::to_wire(*result.evidence, message);
    SOTTO_CHECK_OK(replace_file(options.evidence, wire::encode(message)));
  }
  report.compared(false, audit::explain(*result.evidence));
  return ExitCode::alarm;
}

}  // namespace sotto::audit_cli
