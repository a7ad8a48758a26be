#include "blobs/error.h"

namespace sotto::blobs {

std::string_view describe(BlobError error) {
  switch (error) {
    case BlobError::no_such_blob: return "there is no such blob, or no longer";
    case BlobError::too_large: return "larger than this server takes";
    case BlobError::empty: return "without any octets";
    case BlobError::over_quota: return "the account keeps as much as it may; release something first";
    case BlobError::too_many_keepers: return "too many accounts keep this blob; store it anew";
    case BlobError::wrong_offset: return "the octets before are missing, or these are there already";
    case BlobError::not_whole_pieces: return "only the last write may end within a piece";
    case BlobError::past_end: return "beyond the end of the blob";
    case BlobError::busy: return "the blob is being written, try again";
    case BlobError::overloaded: return "busy, try again";
    case BlobError::no_space: return "the server's disk is full";
    case BlobError::storage_unavailable: return "storage is unavailable";
    case BlobError::corrupt: return "stored data is damaged";
  }
  return "unknown blob error";
}

BlobError error_of(storage::StorageError error) {
  switch (error) {
    case storage::StorageError::overloaded:
    case storage::StorageError::conflict: return BlobError::overloaded;
    case storage::StorageError::no_space: return BlobError::no_space;
    case storage::StorageError::corrupt: return BlobError::corrupt;
    default: return BlobError::storage_unavailable;
  }
}

}  // namespace sotto::blobs
