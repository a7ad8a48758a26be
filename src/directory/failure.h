// Why the directory refuses.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "clock/clock.h"
#include "result/result.h"
#include "sotto/v1/stream.pb.h"
#include "storage/error.h"
#include "transparency_log/error.h"

namespace sotto::directory {

enum class DirectoryError : std::uint8_t {
  malformed,          ///< a field has a wrong length, or a list breaks a bound
  handle_invalid,     ///< not in the form of a handle, or not a username where only that will do
  handle_taken,       ///< belongs to another account
  handle_held,        ///< another account gave it up less than kHandleHold ago
  handle_limit,       ///< the account has as many handles as it may
  no_such_handle,     ///< nobody has it, or not the asking account
  no_such_account,    ///< not registered here
  no_such_device,     ///< not in the account's newest manifest
  account_retired,    ///< turned off for good
  account_exists,     ///< registered with another first manifest or without this handle
  manifest_rejected,  ///< it, or what is said about the newest one, does not verify or does not follow that
  prekeys_rejected,   ///< does not verify
  rate_limited,       ///< asked too often; retry_after says when to ask again
  first_contact_limited,  ///< the account began to write to too many others; retry_after says when again
  overloaded,             ///< queues are full, or the state changed under the request: retry soon
  storage_unavailable,    ///< the store failed; nothing was accepted
  log_not_ready,          ///< the transparency log is being recovered: retry soon
  corrupt,                ///< what is stored does not decode
};

std::string_view describe(DirectoryError error);

struct Failure {
  DirectoryError error;
  DurationMs retry_after{};   ///< zero: the same request cannot succeed later
  std::string_view detail{};  ///< for people and logs, of static lifetime; says nothing about any user
};

template <typename T>
using DirectoryResult = Result<T, Failure>;

/// Called exactly once, either inside the request or inside on_completion; never if the directory dies
/// before.
template <typename T>
using Reply = std::move_only_function<void(DirectoryResult<T>)>;

/// What a client is told.
v1::Error::Code wire_code(DirectoryError error);

/// How a store's error looks to whoever asked.
Failure failure_of(storage::StorageError error);
/// How an error of the log looks to whoever asked or changed something.
Failure failure_of(transparency_log::LogError error);

}  // namespace sotto::directory
