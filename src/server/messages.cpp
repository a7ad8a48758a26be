// The half of Core that moves envelopes: submissions to the relay, pushes from it.
#include "server/core.h"
#include "server/submission.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

/// Whether everybody has it who can. A full mailbox does not keep the others' from counting.
bool was_stored(const std::vector<relay::TargetResult>& results) {
  bool stored = false;
  for (const relay::TargetResult& target : results) {
    for (const relay::DeviceResult& device : target.devices) {
      const bool again = device.refusal == relay::Refusal::storage_unavailable ||
                         device.refusal == relay::Refusal::overloaded;
      if (again) return false;
      stored = stored || device.accepted > 0;
    }
  }
  return stored;
}

}  // namespace

void Core::submit(Connection& connection, const v1::ClientFrame& frame) {
  auto parsed = parse_submission(frame.submit());
  if (!parsed) {
    if (parsed.error() == SubmitError::malformed) {
      return malformed(connection, frame.request_id(), "submission is malformed");
    }
    return refuse(connection, frame.request_id(), v1::Error::TOO_LARGE,
                  "too many targets, devices or envelopes in one request");
  }
  DeviceAllowance& allowance = devices_.use(*connection.device, now_).value;
  const DurationMs wait =
      allowance.envelopes.take(options_.limits.envelopes_per_device, parsed->envelopes, now_);
  if (wait != DurationMs{}) {
    return refuse(connection, frame.request_id(), v1::Error::RATE_LIMITED, "too many envelopes", wait);
  }
  // The relay looks at the manifests during the call only.
  std::vector<directory::CurrentManifestPtr> manifests;
  manifests.reserve(parsed->targets.size());
  for (relay::Target& target : parsed->targets) {
    auto current = directory_.current_manifest(target.account);
    if (!current && current.error().error == directory::DirectoryError::no_such_account) continue;
    if (!current) return refuse(connection, frame.request_id(), current.error());
    target.retired = (*current)->retired;
    if (target.retired) continue;
    manifests.push_back(std::move(*current));
    target.current = {manifests.back()->version, manifests.back()->devices};
  }
  const relay::SubmissionId id{++last_submission_};
  submissions_.emplace(id.value, begin(connection, frame));
  relay_.submit(id, parsed->targets, now_);
}

void Core::submitted(relay::SubmissionId id, std::vector<relay::TargetResult> results) {
  if (auto telling = tellings_.extract(id.value); !telling.empty()) {
    return telling.mapped()(was_stored(results));
  }
  const auto node = submissions_.extract(id.value);
  const Connection* connection = finish(node.mapped());
  if (connection == nullptr) return;
  v1::ServerFrame frame;
  frame.set_request_id(node.mapped().id);
  auto& out = *frame.mutable_submitted();
  for (relay::TargetResult& result : results) {
    // A device that syncs to its siblings is not missing to itself.
    if (connection->device) std::erase(result.missing_devices, connection->device->device);
    to_wire(result, *out.add_results());
  }
  send(*connection, frame);
}

void Core::deliver(const DeviceAddress& device, std::span<const relay::Envelope> envelopes) {
  const Connection* connection = connections_.find(device);
  if (connection == nullptr) return;
  v1::ServerFrame frame;
  std::size_t octets = 0;
  for (const relay::Envelope& envelope : envelopes) {
    auto& out = *frame.mutable_deliver()->add_envelopes();
    out.set_sequence(envelope.sequence.value);
    out.set_received_ms(envelope.received.value);
    if (envelope.origin == relay::Origin::gateway) {
      out.set_gateway_event(wire::field(envelope.payload));
    } else {
      out.set_payload(wire::field(envelope.payload));
    }
    if (!envelope.shared_body.empty()) out.set_shared_body(wire::field(envelope.shared_body));
    octets += envelope.payload.size() + envelope.shared_body.size();
    if (octets < kMaxPushFrameOctets) continue;
    send(*connection, frame);
    frame.Clear();
    octets = 0;
  }
  if (frame.has_deliver()) send(*connection, frame);
}

}  // namespace sotto::server
