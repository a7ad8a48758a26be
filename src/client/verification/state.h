// What the user knows about whose key a contact's is: verified by QR code or digits, accepted after a change,
// kept although another was shown, withdrawn. Stored with the fingerprint that it is about, so that it is
// void for any other; shared with own devices. How two people compare is digits.h's and qr.h's concern.
#pragma once

#include "client/contacts/contact_records.h"
#include "client/core/work.h"
#include "client/verification/error.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

using v1::SyncEvent;
using Verified = SyncEvent::ContactVerified::How;

/// As people and policies see it. Nothing while no key is pinned, or another one than the pinned was shown.
v1::Verification verification_of(const ContactRecord& contact);

/// The user decided about the key `fingerprint` of a contact: stores that, does what follows from it where
/// another one was shown, adds a line, tells own devices.
void decide(Work& work, const ContactRecord& contact, const crypto::Fingerprint& fingerprint, Verified how);
/// Another own device says so.
void take_decision(Work& work, const SyncEvent::ContactVerified& decision);

/// The user keeps the key that is known here, although the server showed another one. Errors: not_registered,
/// unknown_contact, key_not_changed.
Result<void, VerifyError> keep_key(Work& work, std::string_view handle);

/// The server shows another key than the pinned one: true if the user accepted, verified or kept that key
/// already, here or on another device, later than anything about the old one.
bool is_decided(const ContactRecord& contact, const crypto::Fingerprint& seen);

}  // namespace sotto::client
