// Witnesses: whose cosignature this device wants to see under the log's heads before it sends anything
// (docs/specs/transparency.md 12).
#pragma once

#include <vector>

#include "client/core/work.h"
#include "crypto/hybrid_signature.h"
#include "result/result.h"

namespace sotto::client {

enum class WitnessError : std::uint8_t {
  bad_key,   ///< no hybrid public key
  known,     ///< on the list already
  unknown,   ///< not on the list
  too_many,  ///< the list is full
  too_few,   ///< more required than are on the list
};
std::string_view describe(WitnessError error);

struct Witness {
  crypto::HybridPublicKey key;
  UnixMs added;
};
std::vector<Witness> load_witnesses(store::Database& database);
/// How many of them must have signed; 0 by default.
std::uint32_t witnesses_required(store::Database& database);

// Changes of the list, inside a transaction. What was vouched for before is asked for again.
Result<crypto::Fingerprint, WitnessError> add_witness(store::Database& database, ByteView key, UnixMs now);
/// Errors: unknown, too_few.
Result<void, WitnessError> remove_witness(store::Database& database, const crypto::Fingerprint& witness);
/// Errors: too_few.
Result<void, WitnessError> require_witnesses(store::Database& database, std::uint32_t count);

/// Enough witnesses vouch for a head of the log that is not too old; true when none are required.
bool witnessed(Work& work);

/// Asks for the newest cosigned head when the one known is no longer young.
void keep_witnessed(Work& work);
void on_cosigned_head(Work& work, const Request& request, const v1::TreeHeadAnswer& answer);
/// The server has none, or no path to it.
void on_cosigned_refused(Work& work, const v1::Error& error);
/// The path between a cosigned head that is behind the own one and that.
void on_cosigned_path(Work& work, const Request& request, const v1::ConsistencyAnswer& answer);

}  // namespace sotto::client
