#include "client/api/log.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/transparency/log_records.h"
#include "client/transparency/witnesses.h"
#include "wire/decode.h"

namespace sotto::client::api {
namespace {

CommandResult<crypto::Fingerprint> parse_fingerprint(std::string digits) {
  std::erase(digits, ' ');
  const auto octets = from_hex(digits);
  if (octets && octets->size() == crypto::Fingerprint::kSize) {
    return crypto::Fingerprint::from_octets(to_array<crypto::Fingerprint::kSize>(*octets));
  }
  return err(Failure{ExitCode::usage,
                     "a witness is named by its fingerprint, 64 hexadecimal digits; see `sotto log witness "
                     "list`"});
}

}  // namespace

CommandResult<v1::LogStatus> log_status(Client& client, const v1::Nothing& /*request*/) {
  return read_in(client, [&](const Self&) { return log_status_record(client.database()); });
}

CommandResult<v1::LogEvidence> log_evidence(Client& client, const v1::Nothing& /*request*/) {
  return flatten(read_in(client, [&](const Self&) -> CommandResult<v1::LogEvidence> {
    const auto evidence = fork_evidence(client.database());
    if (!evidence) {
      return err(
          Failure{ExitCode::usage, "there is no evidence: this device never saw the log contradict itself"});
    }
    v1::LogEvidence out;
    out.set_evidence(wire::field(*evidence));
    return out;
  }));
}

CommandResult<v1::WitnessList> log_witnesses(Client& client, const v1::Nothing& /*request*/) {
  return read_in(client, [&](const Self&) {
    v1::WitnessList list;
    for (auto& witness : witness_records(client.database())) *list.add_witnesses() = std::move(witness);
    list.set_required(witnesses_required(client.database()));
    return list;
  });
}

CommandResult<v1::Witness> add_witness(Client& client, const v1::WitnessRequest& request) {
  const auto key = from_hex(request.key());
  if (!key) return err(failure_of(WitnessError::bad_key));
  SOTTO_TRY(const auto added,
            run_in(client, [&](Work& work) { return client::add_witness(work.db, *key, work.now); }));
  v1::Witness record;
  record.set_fingerprint(to_hex(added.octets()));
  return record;
}

CommandResult<v1::WitnessList> remove_witness(Client& client, const v1::WitnessRequest& request) {
  SOTTO_TRY(const auto fingerprint, parse_fingerprint(request.fingerprint()));
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) { return client::remove_witness(work.db, fingerprint); }));
  return log_witnesses(client, {});
}

CommandResult<v1::WitnessList> require_witnesses(Client& client, const v1::RequireWitnessesRequest& request) {
  SOTTO_CHECK_OK(
      run_in(client, [&](Work& work) { return client::require_witnesses(work.db, request.required()); }));
  return log_witnesses(client, {});
}

}  // namespace sotto::client::api
