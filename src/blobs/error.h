// Why a blob is not opened, written, read or kept.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "result/result.h"
#include "storage/error.h"

namespace sotto::blobs {

enum class BlobError : std::uint8_t {
  no_such_blob,         ///< none of that capability, or expired, not complete, not this account's or not with
                        ///< this upload token: which is not said
  too_large,            ///< for a blob, or for one write
  empty,                ///< a blob has at least one octet, and so has a write
  over_quota,           ///< of octets or of blobs that the account keeps
  too_many_keepers,     ///< as many accounts keep it as may
  wrong_offset,         ///< a write does not begin where the last durable one ended
  not_whole_pieces,     ///< a write ends neither at the end of a piece nor at the end of the blob
  past_end,             ///< a write or a read goes beyond the blob's size
  busy,                 ///< the blob is being written or erased: again in a moment
  overloaded,           ///< the store's queue is full
  no_space,             ///< the disk is full; nothing was accepted
  storage_unavailable,  ///< the store failed; nothing was accepted
  corrupt,              ///< what is stored does not decode
};

std::string_view describe(BlobError error);

BlobError error_of(storage::StorageError error);

template <typename T>
using BlobResult = Result<T, BlobError>;

/// Called exactly once, either inside the request or inside on_completion; never if the module's object dies
/// before.
template <typename T>
using Reply = std::move_only_function<void(BlobResult<T>)>;

}  // namespace sotto::blobs
