// `sotto log`: what this device knows of the server's transparency log, and who shall vouch for it.
#include <algorithm>
#include <cctype>

#include "bytes/hex.h"
#include "client/api/recovery.h"
#include "client/transparency/log_records.h"
#include "client/transparency/witnesses.h"
#include "commands.h"
#include "files.h"
#include "session.h"

namespace sotto::cli {
namespace {

constexpr std::size_t kKeyDigits = 2 * crypto::kHybridPublicKeySize;
/// Blanks and line ends around the digits.
constexpr std::size_t kMaxKeyFile = kKeyDigits + 1024;

/// A change of the profile, all of it or none. `body` says what was wrong with the command.
template <typename Body>
CommandResult<ExitCode> change(const GlobalOptions& global, Body&& body) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  auto transaction = client::store::Transaction::begin(profile->database());
  if (!transaction) return err(failure_of(transaction.error()));
  CommandResult<void> done = body(profile->database());
  if (!done) return err(done.error());
  const auto committed = transaction->commit();
  if (!committed) return err(failure_of(committed.error()));
  return ExitCode::ok;
}

/// The digits themselves, or a file that holds them.
CommandResult<Bytes> read_key(const std::string& argument) {
  std::string digits = argument;
  if (argument.size() != kKeyDigits) {
    SOTTO_TRY(digits, read_file(argument, kMaxKeyFile));
    std::erase_if(digits, [](unsigned char letter) { return std::isspace(letter) != 0; });
  }
  const auto octets = from_hex(digits);
  if (!octets) return err(failure_of(client::WitnessError::bad_key));
  return *octets;
}

CommandResult<crypto::Fingerprint> parse_fingerprint(const std::string& text) {
  std::string digits = text;
  std::erase(digits, ' ');
  const auto octets = from_hex(digits);
  if (!octets || octets->size() != crypto::Fingerprint::kSize) {
    return err(Failure{ExitCode::usage,
                       "a witness is named by its fingerprint, 64 hexadecimal digits; see `sotto log "
                       "witness list`"});
  }
  return crypto::Fingerprint::from_octets(to_array<crypto::Fingerprint::kSize>(*octets));
}

CommandResult<void> checked(Result<void, client::WitnessError> result) {
  if (!result) return err(failure_of(result.error()));
  return {};
}

}  // namespace

CommandResult<ExitCode> run_log_status(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto status, session.call(client::api::log_status, v1::Nothing()));
  session.output().log_status(status);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_log_evidence(const GlobalOptions& global, const LogOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const auto evidence = client::fork_evidence(profile->database());
  if (const auto failure = profile->database().take_failure()) return err(failure_of(*failure));
  if (!evidence) {
    return err(
        Failure{ExitCode::usage, "there is no evidence: this device never saw the log contradict itself"});
  }
  SOTTO_CHECK_OK(write_file(options.file, as_chars(*evidence)));
  Output(global.json).note("Anybody can check the file with `sotto-audit verify`; it names nobody.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_witness_add(const GlobalOptions& global, const LogOptions& options) {
  SOTTO_TRY(const Bytes key, read_key(options.key));
  return change(global, [&](client::store::Database& database) -> CommandResult<void> {
    const auto added = client::add_witness(database, key, SystemClock().now());
    if (!added) return err(failure_of(added.error()));
    v1::Witness record;
    record.set_fingerprint(to_hex(added->octets()));
    Output(global.json).witness(record);
    return {};
  });
}

CommandResult<ExitCode> run_witness_remove(const GlobalOptions& global, const LogOptions& options) {
  SOTTO_TRY(const auto fingerprint, parse_fingerprint(options.key));
  return change(global, [&](client::store::Database& database) {
    return checked(client::remove_witness(database, fingerprint));
  });
}

CommandResult<ExitCode> run_witness_require(const GlobalOptions& global, const LogOptions& options) {
  return change(global, [&](client::store::Database& database) {
    return checked(client::require_witnesses(database, options.required));
  });
}

CommandResult<ExitCode> run_witness_list(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(client::api::log_witnesses, v1::Nothing()));
  for (const auto& witness : list.witnesses()) session.output().witness(witness);
  if (list.witnesses().empty()) session.output().note("No witnesses. Add one: sotto log witness add KEYFILE");
  return ExitCode::ok;
}

}  // namespace sotto::cli
