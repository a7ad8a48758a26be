#include "transparency_log/error.h"

namespace sotto::transparency_log {

std::string_view describe(LogError error) {
  switch (error) {
    case LogError::malformed: return "malformed submission";
    case LogError::wrong_version: return "not the next version";
    case LogError::out_of_range: return "not in the log";
    case LogError::bad_cosignature: return "not a valid cosignature";
    case LogError::not_ready: return "the log is not ready yet";
    case LogError::overloaded: return "too many changes wait";
    case LogError::storage_unavailable: return "the store failed";
    case LogError::corrupt: return "the stored log is damaged";
    case LogError::wrong_keys: return "the stored log belongs to other keys";
  }
  return "unknown log error";
}

LogError log_error(storage::StorageError error) {
  return error == storage::StorageError::corrupt ? LogError::corrupt : LogError::storage_unavailable;
}

}  // namespace sotto::transparency_log
