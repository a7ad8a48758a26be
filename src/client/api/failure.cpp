#include "client/api/failure.h"

#include "client/families/enforcement.h"

namespace sotto::client::api {

using client::store::StoreError;

std::string_view name_of(ExitCode code) {
  switch (code) {
    case ExitCode::ok: return "ok";
    case ExitCode::failed: return "failed";
    case ExitCode::usage: return "usage";
    case ExitCode::no_profile: return "no_profile";
    case ExitCode::wrong_passphrase: return "wrong_passphrase";
    case ExitCode::no_such_user: return "no_such_user";
    case ExitCode::queued: return "queued";
    case ExitCode::unreachable: return "unreachable";
    case ExitCode::locked: return "locked";
    case ExitCode::refused: return "refused";
    case ExitCode::insecure: return "insecure";
  }
  return "failed";
}

Failure failure_of(StoreError error) {
  ExitCode code = ExitCode::failed;
  if (error == StoreError::no_profile) code = ExitCode::no_profile;
  if (error == StoreError::wrong_passphrase) code = ExitCode::wrong_passphrase;
  if (error == StoreError::locked) code = ExitCode::locked;
  return {code, std::string(client::store::describe(error))};
}

Failure failure_of(client::ComposeError error) {
  using client::ComposeError;
  ExitCode code = ExitCode::usage;
  switch (error) {
    case ComposeError::not_registered: code = ExitCode::no_profile; break;
    case ComposeError::sms_not_allowed:
    case ComposeError::requirement_insecure:
    case ComposeError::requirement_pq:
    case ComposeError::requirement_guests:
    case ComposeError::requirement_verified: code = ExitCode::insecure; break;
    case ComposeError::family_stranger:
    case ComposeError::family_closed:
    case ComposeError::family_classifier:
    case ComposeError::sms_guest: code = ExitCode::refused; break;
    default: break;
  }
  return {code, std::string(client::describe(error))};
}

Failure failure_of(client::AccountError error) {
  return {ExitCode::usage, std::string(client::describe(error))};
}

Failure failure_of(client::AppError error) {
  using client::AppError;
  const bool refused =
      error == AppError::too_many_answers || error == AppError::too_often || error == AppError::not_sent;
  return {refused ? ExitCode::refused : ExitCode::usage, std::string(client::describe(error))};
}

Failure failure_of(client::LinkError error) {
  using client::LinkError;
  ExitCode code = ExitCode::refused;
  if (error == LinkError::not_registered) code = ExitCode::no_profile;
  if (error == LinkError::not_connected) code = ExitCode::unreachable;
  if (error == LinkError::bad_code || error == LinkError::bad_qr || error == LinkError::bad_handle) {
    code = ExitCode::usage;
  }
  return {code, std::string(client::describe(error))};
}

Failure failure_of(client::RecoveryCommandError failure) {
  using client::RecoveryCommandError;
  ExitCode code = ExitCode::refused;
  switch (failure) {
    case RecoveryCommandError::not_registered: code = ExitCode::no_profile; break;
    case RecoveryCommandError::bad_handle:
    case RecoveryCommandError::own_account:
    case RecoveryCommandError::bad_terms:
    case RecoveryCommandError::bad_delay: code = ExitCode::usage; break;
    case RecoveryCommandError::unknown_contact: code = ExitCode::no_such_user; break;
    case RecoveryCommandError::not_connected: code = ExitCode::unreachable; break;
    case RecoveryCommandError::not_told: code = ExitCode::queued; break;
    default: break;
  }
  return {code, std::string(client::describe(failure))};
}

Failure failure_of(client::DeviceError error) {
  ExitCode code = ExitCode::usage;
  if (error == client::DeviceError::not_registered) code = ExitCode::no_profile;
  if (error == client::DeviceError::last_device || error == client::DeviceError::publishing)
    code = ExitCode::refused;
  return {code, std::string(client::describe(error))};
}

Failure failure_of(client::VerifyError error) {
  using client::VerifyError;
  ExitCode code = ExitCode::refused;
  if (error == VerifyError::not_registered) code = ExitCode::no_profile;
  if (error == VerifyError::unknown_contact) code = ExitCode::no_such_user;
  if (error == VerifyError::bad_code || error == VerifyError::no_run || error == VerifyError::not_shown ||
      error == VerifyError::not_verified || error == VerifyError::key_not_changed) {
    code = ExitCode::usage;
  }
  return {code, std::string(client::describe(error))};
}

Failure failure_of(client::RetireError error) {
  return {ExitCode::no_profile, std::string(client::describe(error))};
}

Failure failure_of(KindError error) { return {ExitCode::usage, std::string(client::describe(error))}; }

Failure failure_of(ScheduleError error) { return {ExitCode::usage, std::string(client::describe(error))}; }

Failure failure_of(WitnessError error) { return {ExitCode::usage, std::string(client::describe(error))}; }

Failure failure_of(const client::GroupFailure& failure) {
  using client::GroupCommandError;
  ExitCode code = ExitCode::usage;
  if (failure.error == GroupCommandError::not_registered) code = ExitCode::no_profile;
  if (failure.error == GroupCommandError::unknown_person) code = ExitCode::no_such_user;
  if (failure.error == GroupCommandError::refused || failure.error == GroupCommandError::other_key) {
    code = ExitCode::refused;
  }
  if (failure.error == GroupCommandError::guest_elsewhere) code = ExitCode::refused;
  if (failure.error == GroupCommandError::sms_not_allowed) code = ExitCode::insecure;
  return {code, client::describe(failure)};
}

Failure failure_of(const client::FamilyFailure& failure) {
  using client::FamilyError;
  ExitCode code = ExitCode::refused;
  switch (failure.error) {
    case FamilyError::not_registered: code = ExitCode::no_profile; break;
    case FamilyError::unknown_person: code = ExitCode::no_such_user; break;
    case FamilyError::own_account:
    case FamilyError::no_request:
    case FamilyError::bad_hours:
    case FamilyError::bad_note: code = ExitCode::usage; break;
    default: break;
  }
  return {code, client::describe(failure)};
}

Failure failure_of(client::ComposeError error, client::store::Database& database) {
  return {failure_of(error).code, client::explain(database, error)};
}

}  // namespace sotto::client::api
