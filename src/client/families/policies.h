// Policies that this account makes for its children.
#pragma once

#include "client/core/work.h"
#include "client/families/records.h"

namespace sotto::client {

/// The newest one for a child, or what holds before there is any: nobody is allowed, at any hour.
families::Policy present_policy(Work& work, const families::Person& child);
/// Signs it as the next version, and tells the child and the other own devices.
v1::Family put_in_force(Work& work, const Child& child, families::Policy policy);

}  // namespace sotto::client
