// Service Families: guardians, children, and with whom these may write.
#pragma once

#include "client/api/client.h"
#include "client/api/wait.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client::api {

CommandResult<v1::FamilyList> list_families(Client& client, const v1::Nothing& request);
CommandResult<v1::FamilyRequestList> list_family_requests(Client& client, const v1::Nothing& request);

// The others wait until those whom they name are known. Errors: no_such_user, and those of
// client/families/commands.h.
CommandResult<Wait<v1::Family>> offer_guardianship(Client& client, const v1::FamilyRef& request);
CommandResult<Wait<v1::Family>> accept_guardian(Client& client, const v1::FamilyAcceptance& request);
CommandResult<Wait<v1::Family>> change_family_policy(Client& client, const v1::FamilyPolicyChange& request);
CommandResult<Wait<v1::Family>> end_guardianship(Client& client, const v1::FamilyRef& request);
CommandResult<Wait<v1::Family>> ask_guardian(Client& client, const v1::FamilyAsk& request);
CommandResult<Wait<v1::Family>> decide_for_child(Client& client, const v1::FamilyDecision& request);

}  // namespace sotto::client::api
