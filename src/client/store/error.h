// The one error enum of the client's store.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"

namespace sotto::client::store {

enum class StoreError : std::uint8_t {
  no_profile,         ///< nothing was registered in this folder
  profile_exists,     ///< creating, but a key file or database is already there
  wrong_passphrase,   ///< the key file is intact and does not open under this passphrase
  key_file_missing,   ///< a database without the key file that opens it
  key_file_corrupt,   ///< the key file was cut or altered
  key_file_newer,     ///< written by a newer version
  key_file_refused,   ///< asks for more memory or time than any version writes
  database_missing,   ///< key file without a database
  database_corrupt,   ///< the database does not decrypt under its key, or its pages or rows are damaged
  schema_newer,       ///< written by a newer version
  locked,             ///< another process holds the profile's connection
  busy,               ///< another process is writing for longer than the wait allows
  disk_full,          ///< nothing of the operation was kept
  not_permitted,      ///< a file or folder may not be read or written
  io_failed,          ///< the disk or file system failed
  constraint_failed,  ///< a rule of the schema refused a row
  out_of_memory,      ///< no memory for SQLite or Argon2id
  library_failure,    ///< SQLite refused something that should not fail
};
inline constexpr std::size_t kStoreErrorCount = 18;

/// The cause and what to do next, in one sentence for a person.
std::string_view describe(StoreError error);

template <typename T>
using StoreResult = Result<T, StoreError>;

}  // namespace sotto::client::store
