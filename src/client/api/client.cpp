#include "client/api/client.h"

namespace sotto::client::api {

CommandResult<const Self*> registered(const Core& core) {
  const Self* self = core.self();
  if (self != nullptr && self->ready()) return self;
  if (self != nullptr && self->stage == v1::Status::WAITING_FOR_LINK) {
    return err(Failure{
        ExitCode::no_profile,
        "this device is not linked yet; run `sotto devices link` on another device and `sotto link` here, or "
        "link with files"});
  }
  if (self != nullptr && self->stage == v1::Status::REMOVED) {
    return err(
        Failure{ExitCode::no_profile,
                "this device is no longer part of its account; what it received can still be read with "
                "`sotto history`. To join again, make a request in a new --profile: sotto devices request"});
  }
  if (self != nullptr && self->stage == v1::Status::RETIRED) {
    return err(Failure{
        ExitCode::no_profile,
        "the account of this profile was turned off for good; what it received can still be read with "
        "`sotto history`. Register in a new --profile, and delete this one with: sotto deregister --account "
        "--erase"});
  }
  return err(Failure{ExitCode::no_profile, "this profile is not registered yet; run `sotto register` first"});
}

CommandResult<const Self*> reader(const Core& core) {
  const Self* self = core.self();
  const bool former =
      self != nullptr && (self->stage == v1::Status::REMOVED || self->stage == v1::Status::RETIRED);
  return former ? self : registered(core);
}

Failure not_answered(const Client& client, std::string_view then) {
  const std::string why = client.hindrance();
  std::string message = why.empty() ? "the server did not answer in time; try again"
                                    : "the server cannot be reached: " + why +
                                          "; check the address and your network, then try again";
  if (!then.empty()) message += "; " + std::string(then);
  return {ExitCode::unreachable, message};
}

}  // namespace sotto::client::api
