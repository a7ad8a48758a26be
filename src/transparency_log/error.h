// The error enum of the log builder.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"
#include "storage/error.h"

namespace sotto::transparency_log {

enum class LogError : std::uint8_t {
  malformed,      ///< a submission without changes, over a bound, or with an effect that is not plain writes
  wrong_version,  ///< a change is not to become the version after the newest
  out_of_range,   ///< asked for an epoch, page or size that the log does not have
  bad_cosignature,      ///< of no configured witness, of no recent head, or it does not verify
  not_ready,            ///< the first epoch is not durable yet
  overloaded,           ///< too many changes wait: try again after the next epoch
  storage_unavailable,  ///< the store failed; nothing of the submission was or will be applied
  corrupt,              ///< what is stored is damaged or not what was written: restore a backup
  wrong_keys,           ///< the store holds the log of other keys
};

std::string_view describe(LogError error);

/// How a store's error looks to whoever asked the log: corrupt, else storage_unavailable.
LogError log_error(storage::StorageError error);

template <typename T>
using LogResult = Result<T, LogError>;

}  // namespace sotto::transparency_log
