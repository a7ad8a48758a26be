#include "identity/error.h"

namespace sotto::identity {

std::string_view describe(IdentityError error) {
  switch (error) {
    case IdentityError::malformed: return "not a valid encoding";
    case IdentityError::too_many_devices: return "too many devices";
    case IdentityError::no_devices: return "no device left";
    case IdentityError::invalid_device_id: return "invalid device id";
    case IdentityError::duplicate_device_id: return "a device id appears twice";
    case IdentityError::duplicate_device_key: return "a key appears twice";
    case IdentityError::invalid_lifetime: return "invalid lifetime";
    case IdentityError::wrong_account: return "belongs to another account";
    case IdentityError::account_key_changed: return "the account identity key changed";
    case IdentityError::wrong_version: return "unexpected manifest version";
    case IdentityError::broken_chain: return "does not continue the previous manifest";
    case IdentityError::time_went_back: return "issued before the previous manifest";
    case IdentityError::device_key_changed: return "a device's key changed";
    case IdentityError::invalid_added_time: return "a device's time of joining is wrong";
    case IdentityError::unknown_author: return "the author has no right to author this";
    case IdentityError::bad_account_signature: return "the account's signature is invalid";
    case IdentityError::bad_author_signature: return "the author's signature is invalid";
    case IdentityError::expired: return "expired";
    case IdentityError::from_future: return "issued in the future: check this machine's clock";
    case IdentityError::empty_chain: return "no manifest at all";
    case IdentityError::bad_device_signature: return "the device's signature is invalid";
    case IdentityError::wrong_request: return "answers another link request";
    case IdentityError::cannot_open: return "was altered, or is sealed for another device";
    case IdentityError::grant_inconsistent: return "the parts of the grant do not fit together";
    case IdentityError::wrong_server_name: return "the server's statement is for another name";
    case IdentityError::wrong_server_key: return "the server's statement is for another TLS key";
    case IdentityError::bad_server_signature: return "the server's signature is invalid";
  }
  return "unknown identity error";
}

}  // namespace sotto::identity
