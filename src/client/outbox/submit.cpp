#include "client/outbox/submit.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/outbox/queue.h"
#include "client/transparency/clearance.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// When the server states no limit of its own.
constexpr std::uint32_t kDefaultEnvelopes = 64;
constexpr std::size_t kDefaultFrame = std::size_t{256} * 1024;
/// Ids and framing around the envelopes of a submission.
constexpr std::size_t kFrameOverhead = 4096;

std::vector<identity::AccountId> accounts_with_wire(store::Database& database) {
  std::vector<identity::AccountId> out;
  store::Rows rows = database.query(
      "SELECT DISTINCT d.account FROM outbox_delivery d"
      " JOIN manifest m ON m.account = d.account LEFT JOIN contact c ON c.account = d.account"
      " WHERE d.accepted = 0 AND d.wire IS NOT NULL AND m.stale = 0 AND c.changed_fingerprint IS NULL");
  while (rows.next()) out.push_back(rows.id<identity::AccountId>(0));
  return out;
}

store::Rows sealed_deliveries(store::Database& database, const identity::AccountId& account,
                              Clearance clearance, std::uint32_t limit) {
  if (clearance == Clearance::heads_only) {
    return database.query(
        "SELECT d.device, d.item, d.wire, d.wire_hash, o.body FROM outbox_delivery d INDEXED BY outbox_sealed"
        " JOIN outbox_item o ON o.id = d.item WHERE d.account = ?1 AND d.accepted = 0 AND d.wire IS NOT NULL"
        " AND o.heads = 1 ORDER BY d.item, d.device LIMIT ?2",
        account, limit);
  }
  return database.query(
      "SELECT d.device, d.item, d.wire, d.wire_hash, o.body FROM outbox_delivery d INDEXED BY outbox_sealed"
      " JOIN outbox_item o ON o.id = d.item WHERE d.account = ?1 AND d.accepted = 0 AND d.wire IS NOT NULL"
      " ORDER BY d.item, d.device LIMIT ?2",
      account, limit);
}

/// One target with as much as the server takes at once, oldest first, and which items it carries.
void fill_target(Work& work, Clearance clearance, v1::SubmitTarget& target, Request& request) {
  SubmitRoom room = submit_room(work);
  std::map<identity::DeviceId, v1::DeviceEnvelopes*> by_device;
  std::map<identity::DeviceId, std::size_t> position;
  std::set<identity::DeviceId> waiting;  // for what goes with a shared body (submit_shared.h)

  store::Rows rows = sealed_deliveries(work.db, request.account, clearance, room.envelopes);
  while (rows.next()) {
    const auto device = rows.id<identity::DeviceId>(0);
    if (!rows.is_null(4)) waiting.insert(device);
    if (waiting.contains(device)) continue;
    const Bytes wire_octets = rows.octets(2);
    if (wire_octets.size() > room.octets) break;
    room.octets -= wire_octets.size();
    auto& envelopes = by_device[device];
    if (envelopes == nullptr) {
      envelopes = target.add_devices();
      envelopes->set_device(wire::field(device.view()));
      position[device] = request.submitted.size();
      request.submitted.emplace_back(device, std::vector<SubmittedEnvelope>());
    }
    envelopes->add_envelopes(wire::field(wire_octets));
    request.submitted[position[device]].second.push_back({rows.integer(1), rows.array<16>(3)});
  }
}

void accept_first(Work& work, const identity::DeviceAddress& device,
                  const std::vector<SubmittedEnvelope>& envelopes, std::size_t accepted) {
  for (std::size_t i = 0; i < std::min(accepted, envelopes.size()); ++i) {
    work.db.run(
        "UPDATE outbox_delivery SET accepted = 1, wire = NULL WHERE item = ?1 AND account = ?2 AND device = "
        "?3"
        " AND wire IS NOT NULL AND wire_hash = ?4",
        envelopes[i].item, device.account, device.device, envelopes[i].wire);
  }
}

/// What a device's mailbox said about the envelopes of a submission.
void apply_device_result(Work& work, const Request& request, std::size_t index,
                         const v1::DeviceResult& result) {
  const auto& [device, envelopes] = request.submitted[index];
  accept_first(work, {request.account, device}, envelopes, result.accepted());
  if (result.refusal() == v1::DeviceResult::NONE || result.accepted() >= envelopes.size()) return;
  if (result.refusal() == v1::DeviceResult::ENVELOPE_TOO_LARGE) {
    fail_item(work, envelopes[result.accepted()].item, "the server takes no message of this size");
    return;
  }
  work.link.pause(request.key, DurationMs{result.retry_after_ms()}, work.now, work.random);
}

/// What the server said about an account's devices.
void apply_result(Work& work, const Request& request, const v1::TargetResult& result) {
  switch (result.status()) {
    case v1::TargetResult::OK: {
      work.link.succeeded(request.key);
      const auto count = std::min(request.submitted.size(), static_cast<std::size_t>(result.devices_size()));
      for (std::size_t i = 0; i < count; ++i) {
        apply_device_result(work, request, i, result.devices(static_cast<int>(i)));
      }
      settle_items(work, request.account);
      break;
    }
    case v1::TargetResult::STALE_MANIFEST:
      // Ends when a newer version came: a server that has none to show gets no flood of fetches.
      work.link.pause(request.key, {}, work.now, work.random);
      mark_stale(work.db, request.account);
      break;
    case v1::TargetResult::NO_SUCH_ACCOUNT:
    case v1::TargetResult::RETIRED:
      // The log says it, or it is not so.
      work.link.pause(request.key, {}, work.now, work.random);
      work.db.run("UPDATE log_label SET proven_ms = 0 WHERE subject = ?1", request.account);
      break;
    default: work.link.pause(request.key, minutes(1), work.now, work.random); break;
  }
}

/// One request for each account of a submission.
std::vector<Request> by_account(const Request& request) {
  if (request.shared.empty()) return {request};
  std::vector<Request> out;
  for (const auto& [account, devices] : request.shared) {
    out.push_back({.key = submit_key(account), .account = account, .handle = {}, .submitted = devices});
  }
  return out;
}

}  // namespace

SubmitRoom submit_room(const Work& work) {
  const auto& limits = work.link.limits;
  const std::size_t frame =
      (limits.max_frame_bytes() > 2 * kFrameOverhead ? limits.max_frame_bytes() : kDefaultFrame);
  return {limits.max_envelopes_per_submit() > 0 ? limits.max_envelopes_per_submit() : kDefaultEnvelopes,
          std::min<std::size_t>(frame, wire::kMaxFrameBytes) - kFrameOverhead};
}

RequestKey submit_key(const identity::AccountId& account) {
  return {RequestKind::submit, to_bytes(account.view())};
}

void submit_encrypted(Work& work) {
  for (const auto& account : accounts_with_wire(work.db)) {
    const auto key = submit_key(account);
    const auto cleared = clearance(work, account);
    if (!may_leave(cleared) || !work.link.may(key, work.now)) continue;
    const auto manifest = load_manifest(work.db, account);
    if (!manifest) continue;
    Request request{.key = key, .account = account};
    v1::ClientFrame frame;
    auto* target = frame.mutable_submit()->add_targets();
    target->set_account(wire::field(account.view()));
    target->set_manifest_version(manifest->version());
    fill_target(work, cleared, *target, request);
    if (!request.submitted.empty()) work.link.send(work.effects, frame, std::move(request));
  }
}

void on_submitted(Work& work, const Request& request, const v1::Submitted& answer) {
  const auto requests = by_account(request);
  if (static_cast<std::size_t>(answer.results_size()) != requests.size()) {
    for (const Request& each : requests) work.link.pause(each.key, minutes(1), work.now, work.random);
    return;
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    apply_result(work, requests[i], answer.results(static_cast<int>(i)));
  }
}

void on_submit_refused(Work& work, const Request& request, const v1::Error& error) {
  for (const Request& each : by_account(request)) {
    work.link.pause(each.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
  }
}

}  // namespace sotto::client
