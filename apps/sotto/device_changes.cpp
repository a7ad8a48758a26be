// `sotto devices rename` and `remove`.
#include "bytes/hex.h"
#include "client/api/account.h"
#include "client/api/devices.h"
#include "client/devices/own_devices.h"
#include "commands.h"
#include "confirm.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// The device that was typed, as the list shows it.
CommandResult<v1::Device> device_called(Session& session, const std::string& typed) {
  const client::Self& self = *session.profile().core().self();
  const auto known = client::find_own_device(session.profile().database(), self, typed);
  if (!known) return err(failure_of(known.error()));
  SOTTO_TRY(const auto list, api::list_devices(session.api(), {}));  // nobody is connected to for a question
  for (const auto& record : list.devices()) {
    if (record.device() == to_hex(known->view())) return record;
  }
  return err(failure_of(client::DeviceError::no_such_device));
}

std::string removal_question(const v1::Device& device) {
  const std::string name = device.name() + " (" + device.device().substr(0, 8) + ")";
  if (device.this_device()) {
    return "Remove " + name +
           " from the account? It is the device you are using: it gets nothing more and cannot send. What it "
           "has received stays in its profile.";
  }
  return "Remove " + name +
         " from the account? It gets nothing that is sent from now on. What it has received stays on it.";
}

}  // namespace

CommandResult<ExitCode> run_devices_rename(const GlobalOptions& global, const DeviceChangeOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const v1::Device device, device_called(session, options.device));
  v1::DeviceRequest request;
  request.set_device(device.device());
  request.set_name(options.name);
  SOTTO_TRY(const auto list, session.call(api::rename_device, request, options.wait_s));
  session.close();
  for (const auto& each : list.devices()) {
    if (each.device() == device.device()) session.output().device(each);
  }
  return ExitCode::ok;
}

CommandResult<ExitCode> run_devices_remove(const GlobalOptions& global, const DeviceChangeOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::server));
  SOTTO_TRY(const v1::Device device, device_called(session, options.device));
  if (!options.yes && !confirm(removal_question(device))) {
    return err(Failure{ExitCode::refused, "not removed; nothing was changed"});
  }
  v1::DeviceRequest request;
  request.set_device(device.device());
  SOTTO_TRY(const auto list, session.call(api::remove_device, request, options.wait_s));
  session.close();
  const Output& output = session.output();
  if (device.this_device()) {
    output.note("This device is no longer part of the account. Its messages are still in " + global.profile +
                "; delete that folder if nobody should read them.");
    SOTTO_TRY(const auto status, session.call(api::account_status, v1::Nothing()));
    output.status(status);
    return ExitCode::ok;
  }
  output.note("Removed " + device.device().substr(0, 8) + ". These remain:");
  for (const auto& each : list.devices()) output.device(each);
  return ExitCode::ok;
}

}  // namespace sotto::cli
