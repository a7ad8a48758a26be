// A contact whose account shows another identity key than the pinned one: what stops, what is told, and what
// the user's decision does (docs/specs/verification.md 3).
#pragma once

#include <string_view>

#include "client/core/work.h"

namespace sotto::client {

inline constexpr std::string_view kChangedKey =
    "the account's identity key is another one than before: either they began anew with all devices, or "
    "somebody pretends to be them. What you write is kept and goes nowhere until you decide: ask them in "
    "another way; then accept the new key with `sotto contact accept` or scan its QR code with `sotto verify "
    "--scan`, or keep the key that you know with `sotto contact keep`";
inline constexpr std::string_view kKnownKeyAgain =
    "the server showed another identity key for the account, and shows the one that you know again: it lied "
    "to you, or its data was put back. What you write is kept and goes nowhere until you decide: ask "
    "them in another way; then keep the key that you know with `sotto contact keep`, or accept the other one "
    "with `sotto contact accept`";

/// The server, or its log, shows the identity `seen` instead of the pinned one: nothing is sent to this
/// account until the user decides. A decision about that key that was taken already counts at once.
void stop_for_changed_key(Work& work, const identity::AccountId& account, const crypto::Fingerprint& seen);
/// The log was asked about the account just now. If it and the server show the pinned identity again, that is
/// said; sending waits for the user all the same.
void notice_known_key(Work& work, const identity::AccountId& account);

/// An answer of the user: the new key, and no other, is pinned from now on. Nothing to do without a change.
void accept_changed_key(Work& work, const identity::AccountId& account);
/// The other answer: the pinned key stays. The server is asked once more before anything leaves, and if it
/// shows another key still, everything stops again. Nothing to do without a change.
void keep_known_key(Work& work, const identity::AccountId& account);

}  // namespace sotto::client
