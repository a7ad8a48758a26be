// Guests: people outside of a group who take part in it by text messages, which nobody encrypts and which
// leave through the account that brought them in (docs/specs/groups.md 11). What goes to them is
// clear_copies.h's, the texts themselves are sms/guest_texts.h's.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <optional>
#include <string>
#include <string_view>

#include "client/core/work.h"
#include "client/groups/error.h"
#include "groups/history.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Brings a telephone number into a group: this account sends to it and vouches for what comes back. The
/// guest is told. Errors: those of group_called, bad_number, bad_name, sms_not_allowed, guest_elsewhere,
/// refused.
GroupOutcome<void> add_guest(Work& work, std::string_view group, std::string_view number,
                             std::string_view name);
/// Errors: those of group_called, bad_number, refused.
GroupOutcome<void> remove_guest(Work& work, std::string_view group, std::string_view number);

/// Whether this account brought the guest in.
bool vouches_for(const Work& work, const groups::Guest& guest);
/// False: these are words of a guest whom this account speaks for no more, since they were composed.
bool may_pass_on(Work& work, const groups::GroupId& group, const v1::Content& content);
/// The group into which this account brought the number. Of several, which two own devices may have caused,
/// the first by its id, so that all of them choose alike.
std::optional<groups::GroupId> group_of_guest(Work& work, std::string_view number);
/// It is no guest of this account any more: its owner wants no texts, or the user forbade them.
void dismiss_guest(Work& work, std::string_view number);

/// What can be shown of a guest's name.
std::string guest_name(const groups::Guest& guest);
void add_guest_records(store::Database& database, const Self& self, const groups::GroupState& state,
                       google::protobuf::RepeatedPtrField<v1::Guest>& records);

}  // namespace sotto::client
