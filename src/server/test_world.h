// For tests: a core over a memory store, with connections that are vectors of frames.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "identity/authentication.h"
#include "identity/test_support.h"
#include "identity/wire_form.h"
#include "server/core.h"
#include "storage/memory_store.h"
#include "wire/decode.h"

namespace sotto::server::testing {

using identity::testing::kNow;
using identity::testing::TestAccount;

/// A device of a test account as one client program sees itself.
struct TestDevice {
  identity::AccountId account;
  const identity::DeviceIdentity* identity;

  [[nodiscard]] DeviceAddress address() const { return {account, identity->id}; }
};

class TestWorld : public Effects {
 public:
  TestWorld() {
    options.presentation = {"test.example", to_bytes(keys().identity.public_key().encoded()), Bytes(100, 2),
                            Bytes(3373, 3)};
    options.log.epoch_interval = {};
    start();
  }

  // Slow to make and the same for all tests.
  static const ServerKeys& keys() {
    static crypto::DeterministicRandom seed(5);
    static const ServerKeys made{crypto::HybridPrivateKey::generate(seed),
                                 crypto::VrfPrivateKey::generate(seed)};
    return made;
  }
  /// A process begins, and its log becomes ready.
  void start() {
    open_core();
    settle();
  }
  void open_core() { core = Core::open(options, keys(), store, random, logger, *this, now).value(); }
  /// Power loss: connections and everything that was not synced are gone.
  void crash_and_restart() {
    core.reset();
    store.crash();
    received.clear();
    closed.clear();
    start();
  }

  // Effects
  void send(ConnectionId connection, ByteView message) override {
    EXPECT_FALSE(closed.contains(connection)) << "sent after close";
    v1::ServerFrame frame;
    ASSERT_TRUE(wire::decode(message, wire::kMaxFrameBytes, frame));
    received[connection].push_back(std::move(frame));
  }
  void close(ConnectionId connection, transport::CloseCode code) override {
    closed.emplace(connection, code);
  }

  CodeSending send_code(const identity::Handle& handle, std::string_view code) override {
    if (code_sending == CodeSending::queued) sent_codes[handle.text()] = code;
    return code_sending;
  }

  ConnectionId open(const std::string& remote = "192.0.2.1") {
    const ConnectionId id(++last_connection_);
    ConnectionInfo info{.id = id, .exporter = {}, .tls_group = "X25519MLKEM768", .remote_address = remote};
    info.exporter.fill(static_cast<std::uint8_t>(last_connection_));
    exporters_[id] = info.exporter;
    core->on_open(info, now);
    return id;
  }
  void raw(ConnectionId connection, ByteView octets) { core->on_message(connection, octets, now); }
  /// Sends a frame under the next request id, which it returns.
  std::uint64_t post(ConnectionId connection, v1::ClientFrame frame) {
    frame.set_request_id(++last_request_);
    raw(connection, wire::encode(frame));
    return last_request_;
  }
  /// Syncs until nothing is left to do.
  void settle() {
    for (bool more = true; more;) {
      completed_ = false;
      store.sync();
      more = core->turn_end(now) || completed_ || store.queued() > 0;
    }
  }
  /// The answer to a request; an empty frame if there is none.
  v1::ServerFrame answer(ConnectionId connection, std::uint64_t request) const {
    const auto frames = received.find(connection);
    if (frames == received.end()) return {};
    for (const v1::ServerFrame& frame : frames->second) {
      if (frame.request_id() == request) return frame;
    }
    return {};
  }
  v1::ServerFrame ask(ConnectionId connection, const v1::ClientFrame& frame) {
    const std::uint64_t request = post(connection, frame);
    settle();
    return answer(connection, request);
  }
  v1::Error::Code error_of(ConnectionId connection, const v1::ClientFrame& frame) {
    return ask(connection, frame).error().code();
  }

  v1::ServerFrame hello(ConnectionId connection, const std::string& nonce = std::string(32, 'n')) {
    v1::ClientFrame frame;
    frame.mutable_hello()->set_protocol_version(kProtocolVersion);
    frame.mutable_hello()->set_client_nonce(nonce);
    return ask(connection, frame);
  }
  v1::ClientFrame authentication(ConnectionId connection, const TestDevice& device,
                                 const v1::ServerFrame& welcome) {
    const identity::AuthenticationContext context{
        welcome.welcome().server_name(), device.address(),
        to_array<32>(wire::octets(welcome.welcome().server_nonce())), to_array<32>(Bytes(32, 'n')),
        exporters_.at(connection)};
    v1::ClientFrame frame;
    frame.mutable_authenticate()->set_account(wire::field(device.account.view()));
    frame.mutable_authenticate()->set_device(wire::field(device.identity->id.view()));
    const auto signature = identity::sign_authentication(context, device.identity->key, random);
    frame.mutable_authenticate()->set_signature(wire::field(signature));
    return frame;
  }
  /// A connection that is the device's.
  ConnectionId connect(const TestDevice& device) {
    const ConnectionId connection = open();
    const auto welcome = hello(connection);
    const auto authenticated = ask(connection, authentication(connection, device, welcome));
    EXPECT_TRUE(authenticated.has_authenticated()) << authenticated.ShortDebugString();
    return connection;
  }
  static v1::ClientFrame registration(const TestAccount& account, const std::string& handle) {
    v1::ClientFrame frame;
    auto& request = *frame.mutable_register_();
    request.set_account(wire::field(account.account.id.view()));
    request.set_handle(handle);
    identity::to_wire(account.manifest.signed_manifest(), *request.mutable_manifest());
    return frame;
  }
  void register_account(const TestAccount& account, const std::string& handle) {
    const ConnectionId connection = open();
    hello(connection);
    const auto registered = ask(connection, registration(account, handle));
    EXPECT_TRUE(registered.has_registered()) << registered.ShortDebugString();
  }
  static v1::ClientFrame submission(const DeviceAddress& to, const std::vector<std::string>& payloads,
                                    std::uint64_t version = 1) {
    v1::ClientFrame frame;
    auto& target = *frame.mutable_submit()->add_targets();
    target.set_account(wire::field(to.account.view()));
    target.set_manifest_version(version);
    auto& device = *target.add_devices();
    device.set_device(wire::field(to.device.view()));
    for (const std::string& payload : payloads) device.add_envelopes(payload);
    return frame;
  }
  void acknowledge(ConnectionId connection, std::uint64_t sequence) {
    v1::ClientFrame frame;
    frame.mutable_acknowledge()->set_sequence(sequence);
    post(connection, frame);
  }
  /// Envelopes pushed on a connection so far.
  std::vector<v1::Envelope> delivered(ConnectionId connection) const {
    std::vector<v1::Envelope> out;
    const auto frames = received.find(connection);
    if (frames == received.end()) return out;
    for (const v1::ServerFrame& frame : frames->second) {
      for (const v1::Envelope& envelope : frame.deliver().envelopes()) out.push_back(envelope);
    }
    return out;
  }
  std::vector<std::string> texts(ConnectionId connection) const {
    std::vector<std::string> out;
    for (const v1::Envelope& envelope : delivered(connection)) out.push_back(envelope.payload());
    return out;
  }
  /// The last frame of a connection.
  const v1::ServerFrame& last(ConnectionId connection) { return received.at(connection).back(); }

  CoreOptions options;
  UnixMs now = kNow;
  crypto::DeterministicRandom random{1};
  log::NullLogger logger;
  std::map<ConnectionId, std::vector<v1::ServerFrame>> received;
  std::map<ConnectionId, transport::CloseCode> closed;
  CodeSending code_sending = CodeSending::unsupported;  ///< what becomes of codes
  std::map<std::string, std::string> sent_codes;
  storage::MemoryStore store{[this](const std::vector<storage::Completion>& completions) {
    completed_ = true;
    core->on_completions(completions, now);
  }};
  std::unique_ptr<Core> core;

 private:
  std::map<ConnectionId, transport::Exporter> exporters_;
  std::uint64_t last_connection_ = 0;
  std::uint64_t last_request_ = 0;
  bool completed_ = false;
};

}  // namespace sotto::server::testing
