// Submit requests between their wire form and the relay's. Checks shape and bounds; whether the devices exist
// is answered by the manifest, whether there is room by the relay.
#pragma once

#include <cstdint>
#include <vector>

#include "relay/types.h"
#include "result/result.h"

namespace sotto::v1 {
class Submit;
class Submitted;
class TargetResult;
}  // namespace sotto::v1

namespace sotto::server {

enum class SubmitError : std::uint8_t {
  malformed,  ///< no target, an id of another length, a device twice, an empty envelope, a shared body beside
              ///< several envelopes of one device
  too_many,   ///< more targets, devices or envelopes than one request may have
};

/// A submission whose shape is right. The targets' views point into the frame it was read from; `current` is
/// still empty in all of them.
struct ParsedSubmission {
  std::vector<relay::Target> targets;
  std::uint32_t envelopes = 0;
};

Result<ParsedSubmission, SubmitError> parse_submission(const v1::Submit& submit);
void to_wire(const relay::TargetResult& from, v1::TargetResult& to);

}  // namespace sotto::server
