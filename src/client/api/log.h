// Service Log: what this device knows of the server's transparency log, and who shall vouch for it.
#pragma once

#include "client/api/client.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

CommandResult<v1::LogStatus> log_status(Client& client, const v1::Nothing& request);
/// Errors: usage (there is none).
CommandResult<v1::LogEvidence> log_evidence(Client& client, const v1::Nothing& request);
CommandResult<v1::WitnessList> log_witnesses(Client& client, const v1::Nothing& request);
// Errors: those of client/transparency/witnesses.h; usage.
CommandResult<v1::Witness> add_witness(Client& client, const v1::WitnessRequest& request);
CommandResult<v1::WitnessList> remove_witness(Client& client, const v1::WitnessRequest& request);
CommandResult<v1::WitnessList> require_witnesses(Client& client, const v1::RequireWitnessesRequest& request);

}  // namespace sotto::client::api
