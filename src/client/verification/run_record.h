// The rows of verification_run.
#pragma once

#include <optional>
#include <string>

#include "client/store/database.h"
#include "client/verification/digits.h"
#include "verification/short_code.h"

namespace sotto::client {

struct RunRecord {
  identity::AccountId account;
  crypto::Fingerprint fingerprint;  ///< of the contact's key when the run began
  RunStage stage = RunStage::offered;
  verification::StoredRun stored{};  ///< while offered: when the commit came, and no nonce
  std::optional<crypto::Sha384Digest> commitment = std::nullopt;  ///< the contact's
  std::string digits = {};
  std::string failure = {};
};

/// The run with a contact; none if the contact has another key now. A row that makes no sense is
/// database_corrupt.
std::optional<RunRecord> load_run(store::Database& database, const verification::Party& contact);
/// The same, while it is not over.
std::optional<RunRecord> live_run(store::Database& database, const verification::Party& contact, UnixMs now);
[[nodiscard]] bool is_over(const RunRecord& run, UnixMs now);
void save_run(store::Database& database, const RunRecord& run);
void delete_run(store::Database& database, const identity::AccountId& account);

}  // namespace sotto::client
