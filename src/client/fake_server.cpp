#include "client/fake_server.h"

#include "crypto/hash.h"
#include "identity/retirement.h"
#include "identity/server_statement.h"
#include "session/prekey_batch.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

Bytes bytes(const std::string& field) { return to_bytes(wire::octets(field)); }

void refuse(v1::ServerFrame& out, v1::Error::Code code, std::uint64_t retry_after_ms = 0) {
  out.mutable_error()->set_code(code);
  out.mutable_error()->set_retry_after_ms(retry_after_ms);
}

std::vector<Bytes> devices_of(const v1::SignedManifest& manifest) {
  std::vector<Bytes> out;
  const auto parsed = identity::parse_manifest(wire::octets(manifest.manifest()));
  for (const auto& device : parsed->devices) out.push_back(to_bytes(device.id.view()));
  return out;
}

}  // namespace

FakeServer::FakeServer()
    : keys_(std::make_unique<transparency::testing::TestKeys>(random_)),
      log_(std::make_unique<Log>(*keys_, random_)) {
  statement_ = identity::encode(
      identity::ServerStatement{.name = "fake", .tls_key = {}, .created = UnixMs{1}, .expires = UnixMs{2}});
}

void FakeServer::change_identity() { keys_->identity = crypto::HybridPrivateKey::generate(random_); }

void FakeServer::change_log() {
  keys_->vrf = crypto::VrfPrivateKey::generate(random_);
  log_ = std::make_unique<Log>(*keys_, random_);
  head_.reset();
}

void FakeServer::set_in_log(const transparency::Label& label, Bytes value, UnixMs now) {
  log_->set(label, std::move(value));
  log_->close(now);
}

void FakeServer::give_up_handle(const std::string& handle, UnixMs now) {
  handles.erase(handle);
  set_in_log(transparency::Label::handle(handle), {}, now);
}

const transparency::SignedTreeHead& FakeServer::head(UnixMs now) {
  const UnixMs time = heads_stop_at ? std::min(*heads_stop_at, now) : now;
  const bool fits = head_ && head_->head.size == log_->tree.size() &&
                    elapsed(head_->head.time, time) < transparency::kHeadInterval && head_->head.time <= time;
  if (!fits) head_ = log_->head(time);
  return *head_;
}

void FakeServer::log_manifest(const v1::SignedManifest& manifest) {
  const auto parsed = identity::parse_manifest(wire::octets(manifest.manifest()));
  const transparency::AccountBinding binding{parsed->account_key.fingerprint(),
                                             crypto::sha384(wire::octets(manifest.manifest()))};
  log_->set(transparency::Label::account(parsed->account), binding.encoded());
}

void FakeServer::attach(int client) {
  connections_[client] = Connection{};
  connections_[client].attached = true;
}

void FakeServer::detach(int client) { connections_.erase(client); }

v1::Welcome FakeServer::welcome(const v1::Hello&) const {
  v1::Welcome welcome;
  welcome.set_server_nonce(std::string(32, 'n'));
  welcome.set_server_name("fake");
  welcome.set_server_identity(wire::field(keys_->identity.public_key().encoded()));
  welcome.set_log_vrf_key(wire::field(keys_->vrf.public_key().encoded()));
  welcome.set_statement(wire::field(statement_));
  welcome.mutable_limits()->set_max_envelopes_per_submit(8);
  return welcome;
}

void FakeServer::take(int client, const v1::ClientFrame& frame, UnixMs now) {
  const auto found = connections_.find(client);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  if (frame.has_acknowledge()) {
    auto& mailbox = mailboxes[connection.account][connection.device];
    while (!mailbox.empty() && mailbox.front().sequence() <= frame.acknowledge().sequence())
      mailbox.pop_front();
    return;
  }
  v1::ServerFrame out = answer(connection, frame, now);
  if (frame.has_submit() && drop_submission && drop_submission()) return;
  if (tamper) tamper(frame, out);
  out.set_request_id(frame.request_id());
  connection.outgoing.push_back(std::move(out));
}

std::optional<v1::ServerFrame> FakeServer::next(int client) {
  const auto found = connections_.find(client);
  if (found == connections_.end()) return std::nullopt;
  push(found->second);
  if (found->second.outgoing.empty()) return std::nullopt;
  v1::ServerFrame frame = std::move(found->second.outgoing.front());
  found->second.outgoing.pop_front();
  return frame;
}

void FakeServer::push(Connection& connection) {
  if (connection.device.empty()) return;
  v1::ServerFrame frame;
  for (const auto& envelope : mailboxes[connection.account][connection.device]) {
    if (envelope.sequence() <= connection.pushed) continue;
    *frame.mutable_deliver()->add_envelopes() = envelope;
    connection.pushed = envelope.sequence();
  }
  if (frame.has_deliver()) connection.outgoing.push_back(std::move(frame));
}

v1::ServerFrame FakeServer::answer(Connection& connection, const v1::ClientFrame& frame, UnixMs now) {
  v1::ServerFrame out;
  switch (frame.request_case()) {
    case v1::ClientFrame::kHello: *out.mutable_welcome() = welcome(frame.hello()); break;
    case v1::ClientFrame::kRegister: register_account(frame.register_(), out, now); break;
    case v1::ClientFrame::kAuthenticate: authenticate(connection, frame.authenticate(), out); break;
    case v1::ClientFrame::kFetchManifests:
      ++manifest_fetches;
      fetch_manifests(frame.fetch_manifests(), out);
      break;
    case v1::ClientFrame::kPublishManifest: publish(connection, frame.publish_manifest(), out, now); break;
    case v1::ClientFrame::kUploadPrekeys:
      prekeys_[connection.account][connection.device] = {frame.upload_prekeys(), 0};
      out.mutable_prekeys_uploaded()->set_stored(
          static_cast<std::uint32_t>(frame.upload_prekeys().pairs_size()));
      break;
    case v1::ClientFrame::kFetchBundles: fetch_bundles(frame.fetch_bundles(), out); break;
    case v1::ClientFrame::kSubmit:
      ++submissions;
      if (refuse_submissions) {
        refuse(out, v1::Error::OVERLOADED, 1000);
      } else {
        submit(frame.submit(), *out.mutable_submitted(), now);
      }
      break;
    case v1::ClientFrame::kReportAccount:
      reports.push_back(frame.report_account());
      out.mutable_done();
      break;
    case v1::ClientFrame::kSendSms: out.mutable_sms_sent()->set_number(frame.send_sms().number()); break;
    case v1::ClientFrame::kRetireAccount: retire(connection, frame.retire_account(), now, out); break;
    default: answer_about_log(frame, out, now); break;
  }
  return out;
}

void FakeServer::answer_about_log(const v1::ClientFrame& frame, v1::ServerFrame& out, UnixMs now) {
  const std::uint64_t size = log_->tree.size();
  if (frame.has_look_up()) {
    ++lookups;
    look_up(frame.look_up(), *out.mutable_lookup_answer(), now);
  } else if (frame.has_fetch_tree_head()) {
    const bool other = frame.fetch_tree_head().cosigned();
    if (other && !cosigned) return refuse(out, v1::Error::LOG_NOT_READY, 1000);
    const auto& answer = other ? *cosigned : head(now);
    transparency::to_wire(answer, *out.mutable_tree_head()->mutable_head());
    const std::uint64_t known = frame.fetch_tree_head().known_size();
    if (known == 0 || known >= answer.head.size) return;
    out.mutable_tree_head()->set_consistency(
        wire::field(transparency::to_field(log_->tree.consistency(known, answer.head.size))));
  } else if (frame.has_fetch_consistency()) {
    const std::uint64_t first = frame.fetch_consistency().first_size();
    const std::uint64_t second = frame.fetch_consistency().second_size();
    if (first == 0 || first > second || second > size) return refuse(out, v1::Error::LOG_NOT_READY, 1000);
    out.mutable_consistency()->set_path(
        wire::field(transparency::to_field(log_->tree.consistency(first, second))));
  } else {
    refuse(out, v1::Error::MALFORMED);
  }
}

void FakeServer::look_up(const v1::LookUp& request, v1::LookupAnswer& out, UnixMs now) {
  std::vector<transparency::Label> labels;
  if (request.has_handle()) {
    labels.push_back(transparency::Label::handle(request.handle()));
    const auto owner = transparency::parse_handle_value(log_->prove(labels[0]).opening.value);
    if (owner && *owner) labels.push_back(transparency::Label::account(**owner));
  } else {
    labels.push_back(
        transparency::Label::account(*identity::AccountId::from(wire::octets(request.account()))));
  }
  const std::uint64_t known = request.known_size() <= log_->tree.size() ? request.known_size() : 0;
  auto answer = log_->answer(labels, known, now);
  answer.head = head(now);
  transparency::to_wire(answer, out);
}

void FakeServer::authenticate(Connection& connection, const v1::Authenticate& request, v1::ServerFrame& out) {
  connection.account = bytes(request.account());
  connection.device = bytes(request.device());
  if (retired.contains(connection.account)) {
    connection.device.clear();
    return refuse(out, v1::Error::ACCOUNT_RETIRED);
  }
  const auto newest = identity::parse_manifest(wire::octets(manifests[connection.account].back().manifest()));
  const auto device = identity::DeviceId::from(wire::octets(request.device()));
  if (newest->find(*device) == nullptr) {
    connection.device.clear();
    return refuse(out, v1::Error::AUTHENTICATION_FAILED);
  }
  auto& answer = *out.mutable_authenticated();
  answer.set_manifest_version(newest->version);
  const auto& prekeys = prekeys_[connection.account][connection.device];
  answer.set_prekeys_remaining(static_cast<std::uint32_t>(prekeys.upload.pairs_size()) - prekeys.next);
  answer.set_queued_envelopes(mailboxes[connection.account][connection.device].size());
}

void FakeServer::register_account(const v1::Register& request, v1::ServerFrame& out, UnixMs now) {
  const auto [held, fresh] = handles.emplace(request.handle(), bytes(request.account()));
  if (!fresh && held->second != bytes(request.account())) return refuse(out, v1::Error::HANDLE_TAKEN);
  manifests[bytes(request.account())] = {request.manifest()};
  if (fresh) {
    log_manifest(request.manifest());
    set_in_log(transparency::Label::handle(request.handle()), bytes(request.account()), now);
  }
  out.mutable_registered()->set_handle(request.handle());
}

void FakeServer::fetch_manifests(const v1::FetchManifests& request, v1::ServerFrame& out) const {
  const auto found = manifests.find(bytes(request.account()));
  if (found == manifests.end()) return refuse(out, v1::Error::NO_SUCH_ACCOUNT);
  auto* answer = out.mutable_manifests();
  answer->set_account(request.account());
  if (lie_about_newest) return;
  for (std::size_t i = request.from_version() - 1; i < found->second.size(); ++i) {
    *answer->add_manifests() = found->second[i];
  }
}

void FakeServer::publish(const Connection& connection, const v1::PublishManifest& request,
                         v1::ServerFrame& out, UnixMs now) {
  const auto parsed = identity::parse_manifest(wire::octets(request.manifest().manifest()));
  auto& chain = manifests[connection.account];
  const bool repeated =
      parsed && parsed->version == chain.size() && chain.back().manifest() == request.manifest().manifest();
  if (!repeated && (!parsed || parsed->version != chain.size() + 1)) {
    return refuse(out, v1::Error::MANIFEST_REJECTED);
  }
  if (!repeated) {
    chain.push_back(request.manifest());
    log_manifest(request.manifest());
    log_->close(now);
  }
  out.mutable_manifest_published()->set_version(chain.size());
  if (repeated) return;
  const auto listed = devices_of(chain.back());
  std::erase_if(mailboxes[connection.account], [&](const auto& mailbox) {
    return std::find(listed.begin(), listed.end(), mailbox.first) == listed.end();
  });
  for (auto& [id, other] : connections_) {
    if (other.account != connection.account) continue;
    v1::ServerFrame push;
    // The answer to whoever removed itself comes first: it is queued behind this call.
    if (std::find(listed.begin(), listed.end(), other.device) == listed.end()) {
      if (&other == &connection) continue;
      push.mutable_goodbye()->set_reason(v1::Goodbye::REVOKED);
      other.outgoing.push_back(std::move(push));
      continue;
    }
    push.mutable_manifest_changed()->set_account(wire::field(connection.account));
    push.mutable_manifest_changed()->set_version(chain.size());
    other.outgoing.push_back(std::move(push));
  }
}

void FakeServer::retire(const Connection& connection, const v1::RetireAccount& request, UnixMs now,
                        v1::ServerFrame& out) {
  const auto statement = identity::from_wire(request);
  const auto parsed = statement ? identity::parse_retirement(statement->statement) : err(statement.error());
  const auto& chain = manifests[connection.account];
  const auto hash = crypto::sha384(wire::octets(chain.back().manifest()));
  if (!parsed || parsed->version != chain.size() || parsed->manifest != hash) {
    return refuse(out, v1::Error::MANIFEST_REJECTED);
  }
  retired.insert(connection.account);
  mailboxes.erase(connection.account);
  set_in_log(transparency::Label::account(parsed->account), {}, now);
  out.mutable_done();
  for (auto& [id, other] : connections_) {
    if (other.account != connection.account || &other == &connection) continue;
    v1::ServerFrame push;
    push.mutable_goodbye()->set_reason(v1::Goodbye::REVOKED);
    other.outgoing.push_back(std::move(push));
  }
}

void FakeServer::fetch_bundles(const v1::FetchBundles& request, v1::ServerFrame& out) {
  auto* answer = out.mutable_bundles();
  for (const auto& device : request.devices()) {
    auto& prekeys = prekeys_[bytes(request.account())][bytes(device)];
    if (prekeys.upload.batch().empty()) {
      answer->add_unavailable(device);
      continue;
    }
    auto* bundle = answer->add_bundles();
    bundle->set_device(device);
    bundle->set_batch(prekeys.upload.batch());
    bundle->set_signature(prekeys.upload.signature());
    bundle->set_last_resort_kem(prekeys.upload.last_resort_kem());
    if (prekeys.next >= static_cast<std::uint32_t>(prekeys.upload.pairs_size())) continue;
    std::vector<crypto::MerkleHash> leaves;
    for (const auto& pair : prekeys.upload.pairs()) {
      leaves.push_back(session::pair_leaf(static_cast<std::uint32_t>(leaves.size()),
                                          {wire::octets(pair.ec()), wire::octets(pair.kem())}));
    }
    const std::uint32_t index = prekeys.next++;
    auto* part = bundle->mutable_one_time();
    part->set_index(index);
    part->set_ec(prekeys.upload.pairs(static_cast<int>(index)).ec());
    part->set_kem(prekeys.upload.pairs(static_cast<int>(index)).kem());
    for (const auto& node : crypto::merkle_path(leaves, index)) part->add_path(wire::field(node));
  }
}

void FakeServer::submit(const v1::Submit& request, v1::Submitted& out, UnixMs now) {
  if (!request.shared_body().empty()) ++shared_bodies;
  for (const auto& target : request.targets()) {
    auto* result = out.add_results();
    const auto found = manifests.find(bytes(target.account()));
    if (found == manifests.end()) {
      result->set_status(v1::TargetResult::NO_SUCH_ACCOUNT);
      continue;
    }
    if (retired.contains(bytes(target.account()))) {
      result->set_status(v1::TargetResult::RETIRED);
      continue;
    }
    if (target.manifest_version() != found->second.size()) {
      result->set_status(v1::TargetResult::STALE_MANIFEST);
      result->set_current_version(found->second.size());
      continue;
    }
    result->set_status(v1::TargetResult::OK);
    const auto listed = devices_of(found->second.back());
    for (const auto& device : target.devices()) {
      SOTTO_CHECK(std::find(listed.begin(), listed.end(), bytes(device.device())) != listed.end());
      auto* accepted = result->add_devices();
      for (const auto& payload : device.envelopes()) {
        accepted->set_accepted(accepted->accepted() + 1);
        if (lose_envelope && lose_envelope(bytes(target.account()))) continue;
        v1::Envelope envelope;
        envelope.set_sequence(++sequence_);
        envelope.set_received_ms(now.value);
        envelope.set_payload(payload);
        envelope.set_shared_body(request.shared_body());
        mailboxes[bytes(target.account())][bytes(device.device())].push_back(std::move(envelope));
      }
    }
  }
}

}  // namespace sotto::client
