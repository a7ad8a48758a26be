// Why octets of files did not go where they should: into the folder, out of it, or from the user's disk.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::client {

enum class FileError : std::uint8_t {
  unreadable,  ///< there is no such file, or it may not be read
  unwritable,  ///< the folder or the file cannot be made
  disk_full,
  changed,  ///< the file became shorter or longer while it was read
  damaged,  ///< octets in the folder are not what the store says
  too_large,
  exists,  ///< the file to be written is there already
};
std::string_view describe(FileError error);

template <typename T>
using FileResult = Result<T, FileError>;

}  // namespace sotto::client
