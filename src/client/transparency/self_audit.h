// Whether the log says of this account and its names what its devices published (docs/specs/transparency.md
// 6).
#pragma once

#include "client/core/work.h"
#include "transparency/contact.h"

namespace sotto::client {

/// At the start of a run and every six hours: all own labels are to be looked up.
void keep_audit(Work& work);
/// Is the question about this account or one of its names?
bool is_own_label(Work& work, const Request& request);

/// The account has this name, as the server confirmed: it is watched from now on.
void watch_own_handle(store::Database& database, std::string_view handle);
/// This device gave the name up, or all but these.
void forget_own_handle(store::Database& database, std::string_view handle);

/// A proven answer about one of the own names.
void audit_handle(Work& work, const std::string& handle, const transparency::ContactStates& states);
/// A proven answer about the own account.
void audit_account(Work& work, const Request& request, const transparency::LabelState& state);
/// The log says of this account what none of its devices published.
void alarm(Work& work, std::string_view detail, std::string_view subject = {});

}  // namespace sotto::client
