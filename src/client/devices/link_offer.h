// The trusted device's side of linking by code or QR code (docs/specs/linking.md): shows a code, answers one
// device, lists it and hands it the account.
#pragma once

#include "client/core/work.h"
#include "client/devices/linking.h"

namespace sotto::client {

enum class OfferKind : std::uint8_t {
  code,  ///< six digits; joined by who signed in with the account's password
  qr,
};

/// Begins to offer; LinkProgress events follow, OFFERED with what to show first. Replaces an offer that
/// nobody answered to. Errors: not_registered, not_connected, paused, link_running.
Result<void, LinkError> offer_link(Work& work, OfferKind kind);
/// Ends the offer, whatever its state. A device that was confirmed is listed all the same.
void withdraw_offer(Work& work);

/// Asks the server to carry the offer, and does what a confirmed device waits for.
void keep_offer(Work& work);
void on_offer_answer(Work& work, LinkStep step, const v1::ServerFrame& frame);
void on_offer_event(Work& work, const v1::LinkEvent& event);
/// Its time is over, or the connection is gone.
void expire_offer(Work& work);
void offer_disconnected(Work& work);

}  // namespace sotto::client
