// The one error enum of the storage module.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "result/result.h"

namespace sotto::storage {

/// Why the store refused or failed. The first group blames the caller's input, the second is an answer the
/// caller must expect in ordinary operation, the third is for the operator.
enum class StorageError : std::uint8_t {
  partition_length,  ///< a partition name is empty or longer than kMaxPartitionOctets
  key_length,        ///< a key is empty or longer than kMaxKeyOctets
  value_too_large,   ///< a value is longer than kMaxValueOctets
  batch_too_large,   ///< more than kMaxBatchWrites writes, or more than kMaxBatchOctets in all

  conflict,    ///< the partition does not have the version that the batch expected
  trimmed,     ///< a put at or below a watermark that an earlier batch set; the key can never exist again
  overloaded,  ///< the commit queue is full: nothing was queued, try again after the next completions

  no_space,        ///< the disk is full; later commits succeed again when there is space
  io_error,        ///< the disk failed
  corrupt,         ///< what is stored is damaged
  locked,          ///< another process has the database open
  unknown_format,  ///< the directory holds a database of another format version, or a foreign one
};

std::string_view describe(StorageError error);

template <typename T>
using StorageResult = Result<T, StorageError>;

/// Why a database could not be opened, with a message for the operator that names the path and what to do.
struct OpenFailure {
  StorageError error;
  std::string message;
};

}  // namespace sotto::storage
