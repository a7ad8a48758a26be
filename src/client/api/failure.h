// How something that a person or a program asked for ended: a code that scripts tell apart, and words. The
// command line's exit codes (docs/cli.md 13) and the agent's errors (docs/specs/agent.md 4) are the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "client/accounts/retire.h"
#include "client/apps/error.h"
#include "client/conversations/kinds.h"
#include "client/conversations/schedule.h"
#include "client/core.h"
#include "client/devices/manage.h"
#include "client/families/error.h"
#include "client/groups/error.h"
#include "client/recovery/error.h"
#include "client/transparency/witnesses.h"
#include "client/verification/error.h"
#include "result/result.h"

namespace sotto::client::api {

enum class ExitCode : std::uint8_t {
  ok = 0,
  failed = 1,  ///< the store or something unforeseen failed
  usage = 2,
  no_profile = 3,  ///< not registered, or not linked yet
  wrong_passphrase = 4,
  no_such_user = 5,
  queued = 6,  ///< the message is kept and will be sent; the server does not have it yet
  unreachable = 7,
  locked = 8,     ///< another process holds the profile's connection
  refused = 9,    ///< the server, its identity, a contact's key or a device file was refused
  insecure = 10,  ///< not sent: it would be less protected than was demanded, or than the user allowed
};

/// Why a command failed, for a person: cause and next step.
struct Failure {
  ExitCode code = ExitCode::failed;
  std::string message;
};
std::string_view name_of(ExitCode code);

template <typename T>
using CommandResult = Result<T, Failure>;

Failure failure_of(store::StoreError error);
Failure failure_of(ComposeError error);
Failure failure_of(AccountError error);
Failure failure_of(AppError error);
Failure failure_of(LinkError error);
Failure failure_of(RecoveryCommandError failure);
Failure failure_of(DeviceError error);
Failure failure_of(VerifyError error);
Failure failure_of(RetireError error);
Failure failure_of(KindError error);
Failure failure_of(ScheduleError error);
Failure failure_of(WitnessError error);
Failure failure_of(const GroupFailure& failure);
Failure failure_of(const FamilyFailure& failure);
/// With the name of whoever refused it, where that is the guardian.
Failure failure_of(ComposeError error, store::Database& database);

}  // namespace sotto::client::api
