// Changes that this account makes: drawn up on the newest history, signed by this device, told to everybody
// whom they concern.
#pragma once

#include "client/core/work.h"
#include "client/groups/error.h"
#include "groups/history.h"

namespace sotto::client {

/// This device as the author of an operation.
groups::Author own_author(Work& work);
/// Errors: no_such_group, refused.
GroupOutcome<void> change_group(Work& work, const groups::GroupId& group, groups::Act act);
/// Errors: refused.
GroupOutcome<groups::GroupId> begin_group(Work& work, groups::Create create);

/// After a device left the own account: says so in every group that does not know it.
void say_devices_left(Work& work, const std::vector<crypto::Fingerprint>& devices);

}  // namespace sotto::client
