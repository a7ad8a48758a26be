// How a command ends, for scripts: what client/api says of everything that can be asked of a client.
#pragma once

#include "client/api/failure.h"

namespace sotto::cli {

using client::api::CommandResult;
using client::api::ExitCode;
using client::api::Failure;
using client::api::failure_of;
using client::api::name_of;

}  // namespace sotto::cli
