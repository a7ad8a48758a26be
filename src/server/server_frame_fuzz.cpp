// A hostile client against a whole server core. The input is a script: each step is one octet that says what
// happens, and for a frame a length and its octets. Connection 1 belongs to an authenticated device, 2 has
// said hello, 3 has done nothing.
#include <cstddef>
#include <cstdint>

#include "bytes/encoder.h"
#include "identity/authentication.h"
#include "identity/test_support.h"
#include "identity/wire_form.h"
#include "result/check.h"
#include "server/core.h"
#include "storage/memory_store.h"
#include "wire/decode.h"

namespace {

using namespace sotto;  // NOLINT(google-build-using-namespace): one translation unit, nothing else in it

class Peerless final : public server::Effects {
 public:
  void send(server::ConnectionId, ByteView message) override {
    v1::ServerFrame frame;
    SOTTO_CHECK(wire::decode(message, std::size_t{4} << 20, frame).has_value());
    if (frame.has_welcome()) welcome = frame.welcome();
  }
  void close(server::ConnectionId, transport::CloseCode) override {}

  v1::Welcome welcome;
};

const identity::testing::TestAccount& account() {
  static crypto::DeterministicRandom keys(1);
  static const identity::testing::TestAccount made(keys);
  return made;
}

const server::ServerKeys& keys() {
  static crypto::DeterministicRandom seed(2);
  static const server::ServerKeys made{crypto::HybridPrivateKey::generate(seed),
                                       crypto::VrfPrivateKey::generate(seed)};
  return made;
}

class Script {
 public:
  explicit Script(ByteView input) : in_(input) {
    settle();  // the log's first epoch
    for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}})
      core_->on_open(info(id), now_);
    log_in();
  }

  void run() {
    for (int steps = 0; steps < 256 && in_.remaining() > 0; ++steps) step();
    store_.sync();
    core_->turn_end(now_);
  }

 private:
  static server::ConnectionInfo info(std::uint64_t id) {
    return {.id = server::ConnectionId(id), .exporter = {}, .tls_group = {}, .remote_address = "192.0.2.1"};
  }

  void log_in() {
    v1::ClientFrame frame;
    frame.set_request_id(1);
    frame.mutable_hello()->set_protocol_version(1);
    frame.mutable_hello()->set_client_nonce(std::string(32, 'n'));
    post(2, frame);
    post(1, frame);
    auto& request = *frame.mutable_register_();
    request.set_account(wire::field(account().account.id.view()));
    request.set_handle("alice");
    identity::to_wire(account().manifest.signed_manifest(), *request.mutable_manifest());
    post(1, frame);
    settle();
    const identity::DeviceAddress device{account().account.id, account().device.id};
    const identity::AuthenticationContext context{"fuzz",
                                                  device,
                                                  to_array<32>(wire::octets(effects_.welcome.server_nonce())),
                                                  to_array<32>(Bytes(32, 'n')),
                                                  {}};
    frame.mutable_authenticate()->set_account(wire::field(device.account.view()));
    frame.mutable_authenticate()->set_device(wire::field(device.device.view()));
    frame.mutable_authenticate()->set_signature(
        wire::field(identity::sign_authentication(context, account().device.key, random_)));
    post(1, frame);
    SOTTO_CHECK(core_->counts().authenticated == 1);
  }

  void settle() {
    do {
      core_->turn_end(now_);
    } while (store_.sync() > 0);
  }

  void post(std::uint64_t id, const v1::ClientFrame& frame) {
    core_->on_message(server::ConnectionId(id), wire::encode(frame), now_);
  }

  void step() {
    const std::uint8_t what = in_.u8();
    const server::ConnectionId id(1 + what % 3u);
    switch (what / 3 % 8) {
      case 0: store_.sync(); break;
      case 1: core_->turn_end(now_); break;
      case 2:
        now_ = now_ + hours(in_.u8());
        core_->tick(now_);
        break;
      case 3: store_.fail_next_commits(in_.u8() % 4, storage::StorageError::no_space); break;
      case 4: core_->on_close(id, now_); break;
      default: {
        const ByteView frame = in_.var(in_.remaining());
        core_->on_message(id, frame, now_);
      }
    }
  }

  Decoder in_;
  UnixMs now_ = identity::testing::kNow;
  crypto::DeterministicRandom random_{1};
  log::NullLogger logger_;
  Peerless effects_;
  storage::MemoryStore store_{
      [this](const std::vector<storage::Completion>& group) { core_->on_completions(group, now_); }};
  server::CoreOptions options_{.presentation = {.name = "fuzz"}, .log = {.epoch_interval = {}}};
  std::unique_ptr<server::Core> core_ =
      server::Core::open(options_, keys(), store_, random_, logger_, effects_, now_).value();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script(ByteView(data, size)).run();
  return 0;
}
