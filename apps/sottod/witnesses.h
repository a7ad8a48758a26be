// Who is trusted to cosign heads of the transparency log: public keys of witnesses, given as they are or as
// the file that holds them. docs/operations.md 7.
#pragma once

#include <string>
#include <vector>

#include "crypto/hybrid_signature.h"
#include "failure.h"

namespace sotto::sottod {

/// Whether the text is a key as it is, and not the path of a file.
bool is_witness_key(std::string_view text);

/// A key is the 3970 hexadecimal digits of a hybrid public key; a file holds them and white space. The
/// failure names the entry.
Outcome<std::vector<crypto::HybridPublicKey>> load_witnesses(const std::vector<std::string>& entries);

}  // namespace sotto::sottod
