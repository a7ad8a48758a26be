// Who may write first: a rule that own devices agree on, and the link by which strangers show that the user
// gave it to them (docs/specs/requests.md 4).
#pragma once

#include <string>
#include <string_view>

#include "client/contacts/contact_records.h"
#include "client/conversations/error.h"
#include "client/core/work.h"
#include "result/result.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

using ContactRule = v1::ContactRules::From;

/// ANYBODY where nothing was ever decided; NOBODY for a rule of a later version.
ContactRule contact_rule(store::Database& database, const Self& self);
void set_contact_rule(Work& work, ContactRule rule);
v1::ContactRules contact_rules(store::Database& database, const Self& self);

/// A new link; whoever has the one before is a stranger again.
void renew_contact_link(Work& work);
void withdraw_contact_link(Work& work);
/// What its author says shows that it has the link.
bool is_introduced(store::Database& database, const Self& self, const v1::Content& content);

/// Keeps what a link says for the first messages to whom it names. Gives their handle. Errors:
/// not_registered, bad_contact_link.
Result<std::string, ComposeError> use_contact_link(Work& work, std::string_view text);
/// Says it, until the contact was heard.
void introduce(Work& work, const ContactRecord& contact, v1::Content& content);

}  // namespace sotto::client
