// The error enum of the identity module; handles have their own (handle.h), because people read those.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::identity {

/// Why a signed object was refused. Callers that face a peer collapse all of these to one code.
enum class IdentityError : std::uint8_t {
  malformed,              ///< not the canonical encoding, over a bound, or a key that does not decode
  too_many_devices,       ///< more than kMaxDevices
  no_devices,             ///< a manifest without a device
  invalid_device_id,      ///< all zeros, which stands for the recovery key as an author
  duplicate_device_id,    ///< one device id twice
  duplicate_device_key,   ///< one key twice among the device keys and the account key
  invalid_lifetime,       ///< expires before it was issued, or more than kMaxManifestLifetime later
  wrong_account,          ///< speaks of another account than expected
  account_key_changed,    ///< another AIK than the version before
  wrong_version,          ///< not 1 where the first is expected, not previous + 1 elsewhere
  broken_chain,           ///< prev_hash is not the hash of the version before
  time_went_back,         ///< issued before the previous version was
  device_key_changed,     ///< a device of the previous version has another DIK now
  invalid_added_time,     ///< a new device not added at issue, or an older one with a changed time
  unknown_author,         ///< the author is not a device of the version that gives it the right
  bad_account_signature,  ///< the AIK's signature does not verify
  bad_author_signature,   ///< the author's signature does not verify
  expired,                ///< past its expiry and the grace after it
  from_future,            ///< issued more than kMaxClockSkew ahead of now
  empty_chain,            ///< nothing to verify
  bad_device_signature,   ///< a device's proof of possession does not verify
  wrong_request,          ///< a grant that answers another link request
  cannot_open,            ///< a grant that was altered or sealed to other keys
  grant_inconsistent,     ///< a grant opens, but its parts do not fit together
  wrong_server_name,      ///< a server statement for another name
  wrong_server_key,       ///< a server statement for another TLS key
  bad_server_signature,   ///< the server identity's signature does not verify
};

std::string_view describe(IdentityError error);

template <typename T>
using IdentityResult = Result<T, IdentityError>;

}  // namespace sotto::identity
