// `sotto log`: what this device knows of the server's transparency log, and who shall vouch for it.
#include "client/api/log.h"

#include <cctype>
#include <string>

#include "commands.h"
#include "crypto/hybrid_signature.h"
#include "files.h"
#include "session.h"

namespace sotto::cli {
namespace {

constexpr std::size_t kKeyDigits = 2 * crypto::kHybridPublicKeySize;
/// Blanks and line ends around the digits.
constexpr std::size_t kMaxKeyFile = kKeyDigits + 1024;

/// The digits themselves, or a file that holds them.
CommandResult<std::string> read_key(const std::string& argument) {
  if (argument.size() == kKeyDigits) return argument;
  SOTTO_TRY(std::string digits, read_file(argument, kMaxKeyFile));
  std::erase_if(digits, [](unsigned char letter) { return std::isspace(letter) != 0; });
  return digits;
}

}  // namespace

CommandResult<ExitCode> run_log_status(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto status, session.call(client::api::log_status, v1::Nothing()));
  session.output().log_status(status);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_log_evidence(const GlobalOptions& global, const LogOptions& options) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto found, session.call(client::api::log_evidence, v1::Nothing()));
  SOTTO_CHECK_OK(write_file(options.file, found.evidence()));
  session.output().note("Anybody can check the file with `sotto-audit verify`; it names nobody.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_witness_add(const GlobalOptions& global, const LogOptions& options) {
  v1::WitnessRequest request;
  SOTTO_TRY(*request.mutable_key(), read_key(options.key));
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto added, session.call(client::api::add_witness, request));
  session.output().witness(added);
  return session.close();
}

CommandResult<ExitCode> run_witness_remove(const GlobalOptions& global, const LogOptions& options) {
  v1::WitnessRequest request;
  request.set_fingerprint(options.key);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(session.call(client::api::remove_witness, request));
  return session.close();
}

CommandResult<ExitCode> run_witness_require(const GlobalOptions& global, const LogOptions& options) {
  v1::RequireWitnessesRequest request;
  request.set_required(options.required);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(session.call(client::api::require_witnesses, request));
  return session.close();
}

CommandResult<ExitCode> run_witness_list(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(client::api::log_witnesses, v1::Nothing()));
  for (const auto& witness : list.witnesses()) session.output().witness(witness);
  if (list.witnesses().empty()) session.output().note("No witnesses. Add one: sotto log witness add KEYFILE");
  return ExitCode::ok;
}

}  // namespace sotto::cli
