// The new device's side of linking by code or QR code (docs/specs/linking.md): a device that waits to be
// linked connects as a stranger, signs in or names the offer, joins it, and becomes a device of the account.
#pragma once

#include "client/core/work.h"
#include "client/devices/linking.h"
#include "identity/account_password.h"

namespace sotto::client {

/// Begins; the next connection goes on by itself up to the password, for which password_challenge() waits.
/// LinkProgress events follow. Errors: already_linked, paused, bad_handle, bad_code.
Result<void, LinkError> join_by_code(Work& work, std::string_view handle, std::string_view typed_code);
/// The same without a password. Errors: already_linked, paused, bad_qr.
Result<void, LinkError> join_by_qr(Work& work, std::string_view text);
/// Errors: no_challenge.
Result<void, LinkError> sign_in_with_password(Work& work, const identity::Authenticator& authenticator);

/// If there is something to join, and the server was greeted.
void begin_to_join(Work& work);
void on_join_answer(Work& work, LinkStep step, const v1::ServerFrame& frame);
void on_join_event(Work& work, const v1::LinkEvent& event);
void expire_join(Work& work);
void join_disconnected(Work& work);

}  // namespace sotto::client
