#include <fmt/core.h>

#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "client/conversations/records.h"
#include "client/conversations/system_lines.h"
#include "client/devices/manage.h"
#include "client/devices/own_devices.h"
#include "commands.h"
#include "confirm.h"
#include "profile.h"

namespace sotto::cli {
namespace {

using client::DeviceError;
using Change = std::function<client::StoreResult<client::Outcome<Result<identity::DeviceId, DeviceError>>>(
    client::Core&)>;
/// Whether the newest list of devices shows what was asked for.
using Done = std::function<bool(const identity::DeviceId&)>;

std::optional<v1::Device> record_of(Profile& profile, const identity::DeviceId& device) {
  for (auto& record : client::device_records(profile.database(), *profile.core().self())) {
    if (record.device() == to_hex(device.view())) return std::move(record);
  }
  return std::nullopt;
}

bool has_left(Profile& profile) { return profile.core().self()->stage == v1::Status::REMOVED; }

/// Connects, asks for the change until it can be asked for, and waits until it is published and own devices
/// were told.
CommandResult<identity::DeviceId> publish(Profile& profile, const Output& output,
                                          const DeviceChangeOptions& options, const Change& change,
                                          const Done& done) {
  SOTTO_TRY(const auto connection, Connection::open(profile, output));
  auto& runtime = connection->runtime();
  std::optional<identity::DeviceId> device;
  std::optional<Failure> failure;
  const auto ask = [&] {
    auto outcome = change(profile.core());
    if (!outcome) {
      failure = failure_of(outcome.error());
      return;
    }
    if (outcome->value) {
      device = *outcome->value;
    } else if (outcome->value.error() != DeviceError::publishing) {
      failure = failure_of(outcome->value.error());
    }
    runtime.perform(std::move(outcome->effects));
  };
  const auto end = runtime.run(seconds(options.wait_s), [&] {
    if (!device && !failure && profile.core().settled()) ask();
    if (failure) return true;
    if (!device || (!has_left(profile) && !profile.core().settled())) return false;
    if (!done(*device) && !client::pending_manifest(profile.database())) {
      failure = {ExitCode::refused, "the server refuses the change of the device list; nothing was changed"};
    }
    return failure || done(*device);
  });
  if (failure) return err(*failure);
  if (end != client::RunEnd::condition) {
    Failure late = connection->explain(end, profile.server_name());
    if (device) late.message += "; the change is kept and made with the next connection";
    return err(late);
  }
  runtime.close();
  return *device;
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
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  const auto known = client::find_own_device(profile->database(), *self, options.device);
  if (!known) return err(failure_of(known.error()));
  const Output output(global.json);
  const auto change = [&](client::Core& core) {
    return core.command(SystemClock().now(), [&](client::Work& work) {
      return client::rename_device(work, to_hex(known->view()), options.name);
    });
  };
  const auto renamed = [&](const identity::DeviceId& device) {
    const auto record = record_of(*profile, device);
    return record && record->name() == options.name;
  };
  SOTTO_TRY(const auto device, publish(*profile, output, options, change, renamed));
  if (const auto record = record_of(*profile, device)) output.device(*record);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_devices_remove(const GlobalOptions& global, const DeviceChangeOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  const auto known = client::find_own_device(profile->database(), *self, options.device);
  if (!known) return err(failure_of(known.error()));
  const auto record = record_of(*profile, *known);
  if (!options.yes && record && !confirm(removal_question(*record))) {
    return err(Failure{ExitCode::refused, "not removed; nothing was changed"});
  }
  const Output output(global.json);
  const auto change = [&](client::Core& core) {
    return core.command(SystemClock().now(), [&](client::Work& work) {
      return client::remove_device(work, to_hex(known->view()));
    });
  };
  const auto gone = [&](const identity::DeviceId& device) {
    return has_left(*profile) || !record_of(*profile, device);
  };
  SOTTO_TRY(const auto device, publish(*profile, output, options, change, gone));
  if (has_left(*profile)) {
    output.note("This device is no longer part of the account. Its messages are still in " + global.profile +
                "; delete that folder if nobody should read them.");
    output.status(client::status_record(profile->database(), *profile->core().self()));
    return ExitCode::ok;
  }
  output.note("Removed " + client::short_id(device) + ". These remain:");
  for (const auto& each : client::device_records(profile->database(), *profile->core().self())) {
    output.device(each);
  }
  return ExitCode::ok;
}

}  // namespace sotto::cli
