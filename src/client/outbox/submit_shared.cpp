#include "client/outbox/submit_shared.h"

#include <vector>

#include "client/contacts/manifests.h"
#include "client/outbox/submit.h"
#include "client/transparency/clearance.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Accounts in one submission: what a server takes (server/limits.h).
constexpr std::size_t kMaxTargets = 256;
/// Octets of ids and framing for each envelope.
constexpr std::size_t kPerEnvelope = 64;

struct Sealed {
  identity::AccountId account;
  identity::DeviceId device;
  SubmittedEnvelope envelope;
  Bytes wire;
};

std::vector<std::int64_t> open_bodies(store::Database& database) {
  std::vector<std::int64_t> out;
  store::Rows rows = database.query(
      "SELECT DISTINCT body FROM outbox_item WHERE body IS NOT NULL AND done = 0 ORDER BY body");
  while (rows.next()) out.push_back(rows.integer(0));
  return out;
}

/// Deliveries that are next for their devices, by account.
std::vector<Sealed> sealed_with(store::Database& database, std::int64_t body) {
  std::vector<Sealed> out;
  store::Rows rows = database.query(
      "SELECT d.account, d.device, d.item, d.wire, d.wire_hash FROM outbox_item o JOIN outbox_delivery d ON"
      " d.item = o.id JOIN manifest m ON m.account = d.account WHERE o.body = ?1 AND o.done = 0 AND "
      "d.accepted = 0"
      " AND d.wire IS NOT NULL AND m.stale = 0 AND NOT EXISTS (SELECT 1 FROM outbox_delivery e INDEXED BY"
      " outbox_sealed WHERE e.account = d.account AND e.device = d.device AND e.item < d.item AND e.accepted "
      "= 0"
      " AND e.wire IS NOT NULL) ORDER BY d.account, d.device",
      body);
  while (rows.next()) {
    out.push_back({rows.id<identity::AccountId>(0),
                   rows.id<identity::DeviceId>(1),
                   {rows.integer(2), rows.array<16>(4)},
                   rows.octets(3)});
  }
  return out;
}

Bytes load_body(store::Database& database, std::int64_t body) {
  store::Rows rows = database.query("SELECT octets FROM outbox_body WHERE id = ?1", body);
  return rows.next() ? rows.octets(0) : Bytes();
}

/// The manifest that deliveries to an account are addressed by; empty: nothing may leave to it now.
std::optional<std::uint64_t> version_to_address(Work& work, const identity::AccountId& account) {
  if (clearance(work, account) != Clearance::cleared || !work.link.may(submit_key(account), work.now)) {
    return std::nullopt;
  }
  const std::uint64_t version = known_version(work.db, account);
  return version > 0 ? std::optional(version) : std::nullopt;
}

class Submission {
 public:
  Submission(Work& work, Bytes body) : work_(work), room_(submit_room(work)) {
    frame_.mutable_submit()->set_shared_body(wire::field(body));
    room_.octets -= std::min(room_.octets, body.size());
  }

  /// False: it is full.
  bool add(const Sealed& sealed) {
    const std::size_t octets = sealed.wire.size() + kPerEnvelope;
    if (room_.envelopes == 0 || room_.octets < octets) return false;
    auto& shared = request_.shared;
    if (shared.empty() || shared.back().first != sealed.account) {
      if (last_refused_ == sealed.account) return true;
      const auto version = version_to_address(work_, sealed.account);
      if (!version) {
        last_refused_ = sealed.account;
        return true;
      }
      if (shared.size() >= kMaxTargets) return false;
      shared.emplace_back(sealed.account, SubmittedDevices());
      request_.also.push_back(submit_key(sealed.account));
      target_ = frame_.mutable_submit()->add_targets();
      target_->set_account(wire::field(sealed.account.view()));
      target_->set_manifest_version(*version);
    }
    auto* device = target_->add_devices();
    device->set_device(wire::field(sealed.device.view()));
    device->add_envelopes(wire::field(sealed.wire));
    shared.back().second.push_back({sealed.device, {sealed.envelope}});
    --room_.envelopes;
    room_.octets -= octets;
    return true;
  }

  void send() {
    if (request_.shared.empty()) return;
    request_.key = request_.also.front();
    work_.link.send(work_.effects, frame_, std::move(request_));
  }

 private:
  Work& work_;
  SubmitRoom room_;
  v1::ClientFrame frame_;
  Request request_{.key = {RequestKind::submit, {}}, .account = {}, .handle = {}};
  v1::SubmitTarget* target_ = nullptr;
  std::optional<identity::AccountId> last_refused_;
};

}  // namespace

void submit_shared(Work& work) {
  for (const std::int64_t body : open_bodies(work.db)) {
    const auto sealed = sealed_with(work.db, body);
    // Several submissions where one is too small; whoever is in the first is busy, so nobody is in two.
    for (std::size_t next = 0; next < sealed.size();) {
      Submission submission(work, load_body(work.db, body));
      const std::size_t before = next;
      while (next < sealed.size() && submission.add(sealed[next])) ++next;
      submission.send();
      if (next == before) break;  // a body that leaves room for nothing
    }
  }
}

}  // namespace sotto::client
