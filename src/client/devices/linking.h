// Adding a device with two files (docs/specs/identity.md 5): request on the new device, grant on a trusted
// one.
#pragma once

#include <string>
#include <string_view>

#include "client/core/work.h"
#include "identity/link_grant.h"

namespace sotto::client {

enum class LinkError : std::uint8_t {
  not_registered,  ///< approving on a device that has no account itself
  already_linked,  ///< requesting or joining on a device that has an account
  no_request,      ///< joining without having made a request here
  bad_request,     ///< the file is no link request, or was altered
  bad_grant,       ///< the file is no link grant, was altered, or is for another device
  too_many_devices,
  device_listed,  ///< the id or key in the request already belongs to a device of the account
  publishing,     ///< another change of the device list is still on its way to the server
  not_published,  ///< no grant yet: the server has not published the list with the new device
  not_author,     ///< another device changed the list since; approve once more there or here
  // By code or QR code only:
  not_connected,  ///< offering without a connection on which this device is signed in
  paused,         ///< too many failures on this device
  running,        ///< a device that answered is being linked now
  bad_code,       ///< not six digits
  bad_qr,         ///< not the text of a linking QR code
  bad_handle,
  no_challenge,  ///< the server has not asked for the password
};
std::string_view describe(LinkError error);

/// The armoured request of a new device, stored with its private halves; the same again when called again.
Result<std::string, LinkError> make_request(Work& work);

/// The first step of a trusted device: puts the new device into the next manifest. When the newest one lists
/// it already, signs that anew if another device did.
Result<void, LinkError> approve_request(Work& work, std::string_view armored_request);
/// The second step, once that manifest is published: the armoured grant.
Result<std::string, LinkError> make_grant(Work& work, std::string_view armored_request);
/// For showing before approving: name and fingerprint of the request.
struct RequestSummary {
  std::string name;
  std::string fingerprint;
};
Result<RequestSummary, LinkError> summarize_request(std::string_view armored_request);

/// The account that a trusted device handed over, however it was sealed, becomes this device's. Its chain is
/// verified from the beginning before anything else of it is used. Errors: bad_grant.
Result<void, LinkError> adopt_account(Work& work, identity::LinkGrant grant);
/// The new device takes over the account.
Result<void, LinkError> join(Work& work, std::string_view armored_grant);

}  // namespace sotto::client
