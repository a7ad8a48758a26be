#include "directory/failure.h"

namespace sotto::directory {
namespace {

constexpr DurationMs kSoon = seconds(1);
constexpr DurationMs kAfterFailure = seconds(30);

}  // namespace

std::string_view describe(DirectoryError error) {
  switch (error) {
    case DirectoryError::malformed: return "the request is malformed";
    case DirectoryError::handle_invalid: return "not a valid handle";
    case DirectoryError::handle_taken: return "this handle is taken";
    case DirectoryError::handle_held: return "somebody else gave this handle up less than 30 days ago";
    case DirectoryError::handle_limit: return "the account has as many handles as it may";
    case DirectoryError::no_such_handle: return "no such handle";
    case DirectoryError::no_such_account: return "no such account";
    case DirectoryError::no_such_device: return "no such device in this account";
    case DirectoryError::account_retired: return "this account was turned off for good";
    case DirectoryError::account_exists: return "this account is registered already, differently";
    case DirectoryError::manifest_rejected: return "the manifest was rejected";
    case DirectoryError::prekeys_rejected: return "the prekeys were rejected";
    case DirectoryError::rate_limited: return "too many requests";
    case DirectoryError::first_contact_limited: return "this account began to write to too many others";
    case DirectoryError::overloaded: return "busy, try again";
    case DirectoryError::storage_unavailable: return "storage is unavailable";
    case DirectoryError::log_not_ready: return "the transparency log is being recovered, try again";
    case DirectoryError::corrupt: return "stored data is damaged";
  }
  return "unknown directory error";
}

v1::Error::Code wire_code(DirectoryError error) {
  switch (error) {
    case DirectoryError::malformed: return v1::Error::MALFORMED;
    case DirectoryError::handle_invalid: return v1::Error::HANDLE_INVALID;
    case DirectoryError::handle_taken: return v1::Error::HANDLE_TAKEN;
    case DirectoryError::handle_held: return v1::Error::HANDLE_HELD;
    case DirectoryError::handle_limit: return v1::Error::HANDLE_LIMIT;
    case DirectoryError::no_such_handle: return v1::Error::NO_SUCH_HANDLE;
    case DirectoryError::no_such_account: return v1::Error::NO_SUCH_ACCOUNT;
    // A device that has left the manifest is no device of the account any longer.
    case DirectoryError::no_such_device: return v1::Error::NOT_AUTHENTICATED;
    case DirectoryError::account_retired: return v1::Error::ACCOUNT_RETIRED;
    case DirectoryError::account_exists: return v1::Error::ACCOUNT_EXISTS;
    case DirectoryError::manifest_rejected: return v1::Error::MANIFEST_REJECTED;
    case DirectoryError::prekeys_rejected: return v1::Error::PREKEYS_REJECTED;
    case DirectoryError::rate_limited:
    case DirectoryError::first_contact_limited: return v1::Error::RATE_LIMITED;
    case DirectoryError::overloaded: return v1::Error::OVERLOADED;
    case DirectoryError::storage_unavailable: return v1::Error::STORAGE_UNAVAILABLE;
    case DirectoryError::log_not_ready: return v1::Error::LOG_NOT_READY;
    case DirectoryError::corrupt: return v1::Error::INTERNAL;
  }
  return v1::Error::INTERNAL;
}

Failure failure_of(storage::StorageError error) {
  using storage::StorageError;
  switch (error) {
    case StorageError::overloaded:
    case StorageError::conflict: return {DirectoryError::overloaded, kSoon, storage::describe(error)};
    case StorageError::corrupt: return {DirectoryError::corrupt, {}, storage::describe(error)};
    default: return {DirectoryError::storage_unavailable, kAfterFailure, storage::describe(error)};
  }
}

Failure failure_of(transparency_log::LogError error) {
  using transparency_log::LogError;
  const std::string_view detail = transparency_log::describe(error);
  switch (error) {
    case LogError::overloaded: return {DirectoryError::overloaded, kSoon, detail};
    case LogError::not_ready: return {DirectoryError::log_not_ready, kSoon, detail};
    case LogError::storage_unavailable: return {DirectoryError::storage_unavailable, kAfterFailure, detail};
    default: break;
  }
  // The log refuses what the directory checked: one of the two is not what was written.
  return {DirectoryError::corrupt, {}, detail};
}

}  // namespace sotto::directory
