// The error enum of the transparency module.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::transparency {

/// Why something about the log was refused. The first group says that octets or proofs are wrong, the second
/// that the answer may be had again, the third is for people.
enum class TransparencyError : std::uint8_t {
  malformed,         ///< lengths, bounds or a field that cannot be
  wrong_log,         ///< another log_id than the pinned one
  bad_signature,     ///< a head's or cosignature's signature does not verify
  bad_vrf_proof,     ///< the VRF proof does not verify, or gives another map key than before
  bad_map_proof,     ///< the path leads nowhere, or two labels of one answer lead to different roots
  bad_opening,       ///< nonce and value are not what the leaf commits to
  not_last_entry,    ///< what was proven is not the last entry of the head's tree
  not_consistent,    ///< no proof that the head continues the one seen last
  wrong_list,        ///< a mutation list unsorted, with a key twice, too long, or with another hash
  wrong_epoch,       ///< an entry's epoch is not its index
  time_went_back,    ///< an entry or head older than the one before it
  wrong_version,     ///< a mutation whose version is not its predecessor's plus one
  wrong_root,        ///< an entry's or head's root is not the one computed
  no_contradiction,  ///< evidence that proves nothing

  head_behind,       ///< older than what was seen before: ask again
  head_too_old,      ///< more than kMaxHeadAge before now
  head_from_future,  ///< more than kMaxHeadAge after now: check this machine's clock

  label_vanished,     ///< was in the map before
  version_went_back,  ///< lower than seen before
  value_replaced,     ///< the version is as before and the leaf is not, or a retired account has a later one
  forked,             ///< the log contradicted itself; nothing of it is believed any more
};

std::string_view describe(TransparencyError error);

template <typename T>
using TransparencyResult = Result<T, TransparencyError>;

}  // namespace sotto::transparency
