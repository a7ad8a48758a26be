// Asking the log about handles and accounts, and verifying what it answers (docs/specs/transparency.md 4,
// 11). What a proven answer means for contacts and for this account is not its concern (contacts/resolve.h,
// self_audit.h).
#pragma once

#include "client/core/work.h"
#include "transparency/label.h"

namespace sotto::client {

/// A proof serves this long before sending asks for the next one: a removed device gets nothing that was
/// written later than this, unless the server withholds its answers.
inline constexpr DurationMs kProofLife = hours(1);

RequestKey lookup_key(const transparency::Label& label);

/// Ask about names that are written to, claimed or this account's own, and about accounts that something
/// waits for, where the last answer is missing, old or refused.
void look_up_handles(Work& work);
void look_up_accounts(Work& work);
void on_lookup(Work& work, const Request& request, const v1::LookupAnswer& answer);
void on_lookup_refused(Work& work, const Request& request, const v1::Error& error);

/// An answer with a head that does not continue what was seen, is old, or proves a fork: says so, pauses the
/// request. False if the head was not what was wrong.
bool refuse_head(Work& work, const Request& request, transparency::TransparencyError error);
/// The log was caught contradicting itself: says so, once a run.
void tell_of_fork(Work& work);

}  // namespace sotto::client
