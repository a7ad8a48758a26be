// What people are shown about the log: records of client_api.proto, read from the store. Any process of the
// profile may.
#pragma once

#include <optional>
#include <vector>

#include "client/contacts/contact_records.h"
#include "client/store/database.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// Of the log's head under which the account's newest known device list was proven; 0: it is not.
std::uint64_t proven_size(store::Database& database, const identity::AccountId& account);
v1::Contact::LogProof log_proof(store::Database& database, const ContactRecord& contact);

/// Empty fields before the first contact with the server.
v1::LogStatus log_status_record(store::Database& database);
std::vector<v1::Witness> witness_records(store::Database& database);
/// v1.ForkEvidence, if the log was caught.
std::optional<Bytes> fork_evidence(store::Database& database);

}  // namespace sotto::client
