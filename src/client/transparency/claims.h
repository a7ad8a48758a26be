// What contacts say about the log, and what becomes of it: claims that are proven in time, claims that are
// not, and the exchange of signed heads that follows (docs/specs/transparency.md 5).
#pragma once

#include "client/core/work.h"
#include "session/incoming.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// What messages carry; size 0 before the first head.
session::TransparencyHead head_to_tell(Work& work);
/// A message of the account carried this.
void hear_head(Work& work, const identity::AccountId& account, const session::TransparencyHead& head);
/// The account shows which head its log signed, because the two disagree.
void take_heads(Work& work, const identity::AccountId& account, const v1::HeadExchange& heads);

/// The user knows that the account claims another log.
bool told_of_dispute(store::Database& database, const identity::AccountId& account);
/// Asks for the proofs of open claims, tells of those that got none and shows their accounts the own head.
void pursue_claims(Work& work);
void on_tree_head(Work& work, const Request& request, const v1::TreeHeadAnswer& answer);
void on_consistency(Work& work, const Request& request, const v1::ConsistencyAnswer& answer);
void on_log_question_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client
