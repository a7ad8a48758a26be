#include "client/attachments/file_error.h"

namespace sotto::client {

std::string_view describe(FileError error) {
  switch (error) {
    case FileError::unreadable: return "it cannot be read";
    case FileError::unwritable: return "it cannot be written";
    case FileError::disk_full: return "the disk is full; free some space and try again";
    case FileError::changed: return "it changed while it was read; try again";
    case FileError::damaged: return "its stored octets are damaged; download it again";
    case FileError::too_large: return "it is larger than 8 GiB";
    case FileError::exists: return "there is a file of this name already";
  }
  return "unknown error";
}

}  // namespace sotto::client
