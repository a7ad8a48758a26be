// Shamir's scheme over a recovery seed: n values of which any t give it back and fewer say nothing
// (docs/specs/recovery.md 3). What binds values to an account and a set is share.h's concern.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "crypto/random.h"
#include "recovery/recovery_seed.h"

namespace sotto::recovery {

/// The value of a share.
using ShareValue = crypto::SecretArray<RecoverySeed::kSize, struct ShareValueTag>;

/// A value and where it was taken.
struct SharePoint {
  std::uint8_t index;  ///< x
  const ShareValue& value;
};

/// Values at 1 to `count`. Precondition: 1 <= threshold <= count <= 255.
std::vector<ShareValue> split(const RecoverySeed& seed, std::size_t threshold, std::size_t count,
                              crypto::RandomSource& random);

/// The seed, if the points are of one splitting and as many as its threshold; any other octets if not.
/// Precondition: at least one point; the indices are distinct and not zero.
RecoverySeed combine(std::span<const SharePoint> points);

}  // namespace sotto::recovery
