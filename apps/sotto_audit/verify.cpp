#include "verify.h"

#include <fmt/format.h>

#include "audit/limits.h"
#include "bytes/hex.h"
#include "files.h"
#include "sotto/v1/audit.pb.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::audit_cli {
namespace {

Failure wrong_log(const std::string& wanted, const std::string& found) {
  return {ExitCode::other_log, "the file is about log " + found + ", not " + wanted +
                                   ": it says nothing about the log that you mean"};
}

Outcome<ExitCode> judge(const transparency::ForkEvidence& evidence, const VerifyOptions& options,
                        const Report& report) {
  const std::string log = to_hex(transparency::log_id(evidence.keys));
  if (!options.log.empty() && options.log != log) return err(wrong_log(options.log, log));
  if (const auto proven = transparency::verify(evidence); !proven) {
    return err(Failure{ExitCode::failed, options.file.string() + " proves nothing: " +
                                             std::string(transparency::describe(proven.error()))});
  }
  std::string words = "PROVEN. " + audit::explain(evidence);
  if (options.log.empty()) words += "Compare the log's id with the one your client or auditor shows.\n";
  report.verdict(true, log, words);
  return ExitCode::alarm;
}

Outcome<ExitCode> judge(const audit::Finding& finding, const VerifyOptions& options, const Report& report) {
  const std::string log = to_hex(transparency::log_id(finding.keys));
  if (!options.log.empty() && options.log != log) return err(wrong_log(options.log, log));
  if (const auto checked = audit::check(finding); !checked) {
    return err(Failure{ExitCode::failed, options.file.string() + " is a report that does not hold: " +
                                             std::string(audit::describe(checked.error()))});
  }
  const bool own = finding.kind == audit::FindingKind::own_record;
  report.verdict(
      false, log,
      "REPORTED. " + audit::explain(finding) +
          (own ? "This concerns the auditor that wrote it, not the log.\n"
               : "The heads are signed by the log; the rest is the word of the auditor that wrote this. "
                 "Anybody who follows the log finds the same, if it is so.\n"));
  return ExitCode::alarm;
}

}  // namespace

Outcome<ExitCode> verify(const VerifyOptions& options, const Report& report) {
  if (!options.log.empty() && options.log.size() != 64) {
    return err(Failure{ExitCode::usage, "--log has to be the 64 hexadecimal digits of a log's id"});
  }
  SOTTO_TRY(const auto octets, read_file(options.file, audit::kMaxReportOctets));
  if (!octets) return err(Failure{ExitCode::failed, "there is no file " + options.file.string()});
  v1::ForkEvidence fork;
  if (wire::decode(*octets, transparency::kMaxEvidence, fork)) {
    if (const auto evidence = transparency::from_wire(fork)) return judge(*evidence, options, report);
  }
  v1::ViolationReport message;
  if (wire::decode(*octets, audit::kMaxReportOctets, message)) {
    if (const auto finding = audit::from_wire(message)) return judge(*finding, options, report);
  }
  return err(Failure{ExitCode::failed,
                     options.file.string() + " is neither evidence of a fork nor an auditor's report"});
}

}  // namespace sotto::audit_cli
