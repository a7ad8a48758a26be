// May anything be encrypted to an account now (docs/specs/transparency.md 11)? The one place that says so.
#pragma once

#include "client/contacts/contact_records.h"
#include "client/core/work.h"

namespace sotto::client {

enum class Clearance : std::uint8_t {
  cleared,
  heads_only,  ///< the log contradicted itself, or the account claims another: signed heads alone leave
  waiting,     ///< the log has not proven its keys yet, or not lately
  stopped,     ///< too few witnesses vouch for the log, or a proof did not hold
};

/// Something, if not everything, may leave.
constexpr bool may_leave(Clearance clearance) {
  return clearance == Clearance::cleared || clearance == Clearance::heads_only;
}

Clearance clearance(Work& work, const identity::AccountId& account);

/// The log says, not long ago, that the contact's name is its account's. True for a contact without a name.
bool name_holds(Work& work, const ContactRecord& contact);

}  // namespace sotto::client
