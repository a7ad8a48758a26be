#include "server/submission.h"

#include <algorithm>

#include "server/limits.h"
#include "sotto/v1/stream.pb.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

Result<relay::DeviceEnvelopes, SubmitError> parse_device(const v1::DeviceEnvelopes& from, bool has_body) {
  const auto device = relay::DeviceId::from(wire::octets(from.device()));
  if (!device) return err(SubmitError::malformed);
  // A shared body goes with one envelope: otherwise it would be stored once for each of them.
  if (has_body && from.envelopes_size() > 1) return err(SubmitError::malformed);
  relay::DeviceEnvelopes list{*device, {}};
  list.envelopes.reserve(static_cast<std::size_t>(from.envelopes_size()));
  for (const std::string& envelope : from.envelopes()) {
    if (envelope.empty()) return err(SubmitError::malformed);
    list.envelopes.push_back(wire::octets(envelope));
  }
  return list;
}

bool any_device_twice(const relay::Target& target) {
  std::vector<relay::DeviceId> ids;
  ids.reserve(target.devices.size());
  for (const auto& list : target.devices) ids.push_back(list.device);
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) != ids.end();
}

Result<relay::Target, SubmitError> parse_target(const v1::SubmitTarget& from, ByteView shared_body) {
  const auto account = relay::AccountId::from(wire::octets(from.account()));
  if (!account) return err(SubmitError::malformed);
  if (from.devices_size() > kMaxDevicesPerTarget) return err(SubmitError::too_many);
  relay::Target target{*account, from.manifest_version(), std::nullopt, {}, shared_body};
  target.devices.reserve(static_cast<std::size_t>(from.devices_size()));
  for (const auto& device : from.devices()) {
    SOTTO_TRY(relay::DeviceEnvelopes list, parse_device(device, !shared_body.empty()));
    target.devices.push_back(std::move(list));
  }
  if (any_device_twice(target)) return err(SubmitError::malformed);
  return target;
}

v1::TargetResult::Status to_wire(relay::TargetStatus status) {
  switch (status) {
    case relay::TargetStatus::ok: return v1::TargetResult::OK;
    case relay::TargetStatus::stale_manifest: return v1::TargetResult::STALE_MANIFEST;
    case relay::TargetStatus::no_such_account: return v1::TargetResult::NO_SUCH_ACCOUNT;
    case relay::TargetStatus::retired: return v1::TargetResult::RETIRED;
  }
  return v1::TargetResult::STATUS_UNSPECIFIED;
}

v1::DeviceResult::Refusal to_wire(relay::Refusal refusal) {
  switch (refusal) {
    case relay::Refusal::none: return v1::DeviceResult::NONE;
    case relay::Refusal::mailbox_full: return v1::DeviceResult::MAILBOX_FULL;
    case relay::Refusal::envelope_too_large: return v1::DeviceResult::ENVELOPE_TOO_LARGE;
    case relay::Refusal::storage_unavailable: return v1::DeviceResult::STORAGE_UNAVAILABLE;
    case relay::Refusal::overloaded: return v1::DeviceResult::OVERLOADED;
  }
  return v1::DeviceResult::NONE;
}

}  // namespace

Result<ParsedSubmission, SubmitError> parse_submission(const v1::Submit& submit) {
  if (submit.targets().empty()) return err(SubmitError::malformed);
  if (submit.targets_size() > kMaxTargetsPerSubmit) return err(SubmitError::too_many);
  ParsedSubmission parsed;
  parsed.targets.reserve(static_cast<std::size_t>(submit.targets_size()));
  for (const auto& from : submit.targets()) {
    SOTTO_TRY(relay::Target target, parse_target(from, wire::octets(submit.shared_body())));
    for (const auto& list : target.devices) {
      parsed.envelopes += static_cast<std::uint32_t>(list.envelopes.size());
    }
    if (parsed.envelopes > kMaxEnvelopesPerSubmit) return err(SubmitError::too_many);
    parsed.targets.push_back(std::move(target));
  }
  return parsed;
}

void to_wire(const relay::TargetResult& from, v1::TargetResult& to) {
  to.set_status(noted(to_wire(from.status)));
  to.set_current_version(from.current_version);
  for (const auto& device : from.missing_devices) to.add_missing_devices(wire::field(device.view()));
  for (const auto& device : from.extra_devices) to.add_extra_devices(wire::field(device.view()));
  for (const auto& result : from.devices) {
    auto& device = *to.add_devices();
    device.set_accepted(result.accepted);
    device.set_refusal(noted(to_wire(result.refusal)));
    device.set_retry_after_ms(result.retry_after.value);
  }
}

}  // namespace sotto::server
