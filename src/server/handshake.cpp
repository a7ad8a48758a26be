// The half of Core that turns a connection into a device's: Hello, Authenticate.
#include "crypto/hash.h"
#include "identity/authentication.h"
#include "server/core.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

void fill_limits(v1::Limits& out, const relay::Limits& mailboxes, const blobs::Limits& blobs) {
  out.set_max_frame_bytes(wire::kMaxFrameBytes);
  out.set_max_envelope_bytes(static_cast<std::uint32_t>(mailboxes.max_envelope_octets));
  out.set_max_envelopes_per_submit(kMaxEnvelopesPerSubmit);
  out.set_mailbox_ttl_ms(mailboxes.ttl.value);
  out.set_max_devices(identity::kMaxDevices);
  out.set_max_blob_bytes(blobs.blob_octets);
}

}  // namespace

void Core::hello(Connection& connection, const v1::ClientFrame& frame) {
  const v1::Hello& hello = frame.hello();
  if (hello.protocol_version() != kProtocolVersion) {
    refuse(connection, frame.request_id(), v1::Error::UNSUPPORTED_VERSION, "this server speaks version 1");
    return drop(connection, transport::CloseCode::policy_violation);
  }
  if (connection.greeting || hello.client_nonce().size() != 32) {
    return malformed(connection, frame.request_id(), "a second hello, or a nonce that is not 32 octets");
  }
  connection.greeting = std::make_unique<Greeting>(
      Greeting{random_.array<32>(), to_array<32>(wire::octets(hello.client_nonce()))});

  const Presentation& presentation = options_.presentation;
  v1::ServerFrame answer;
  answer.set_request_id(frame.request_id());
  v1::Welcome& welcome = *answer.mutable_welcome();
  welcome.set_server_nonce(wire::field(connection.greeting->server_nonce));
  welcome.set_server_name(presentation.name);
  welcome.set_statement(wire::field(presentation.statement));
  const auto known = crypto::sha256(presentation.statement);
  if (!equal(wire::octets(hello.known_statement_hash()), known)) {
    welcome.set_server_identity(wire::field(presentation.identity_key));
    welcome.set_statement_signature(wire::field(presentation.statement_signature));
  }
  welcome.set_server_time_ms(now_.value);
  welcome.set_log_vrf_key(wire::field(log_->keys().vrf.encoded()));
  fill_limits(*welcome.mutable_limits(), options_.mailboxes, options_.blobs);
  send(connection, answer);
}

void Core::authenticate(Connection& connection, const v1::ClientFrame& frame) {
  const v1::Authenticate& request = frame.authenticate();
  if (!connection.greeting) return malformed(connection, frame.request_id(), "say hello first");
  const auto account = AccountId::from(wire::octets(request.account()));
  const auto device = DeviceId::from(wire::octets(request.device()));
  if (!account || !device) return malformed(connection, frame.request_id(), "ids are 16 octets");
  const DurationMs wait = addresses_.authenticate(connection.address_group, now_);
  if (wait != DurationMs{}) {
    return refuse(connection, frame.request_id(), v1::Error::RATE_LIMITED, "too many authentications", wait);
  }
  const DeviceAddress address{*account, *device};
  const auto version = verify(connection, address, wire::octets(request.signature()));
  if (version) return welcome_device(connection, frame.request_id(), address, *version);
  if (version.error().error == directory::DirectoryError::storage_unavailable) {
    return refuse(connection, frame.request_id(), version.error());
  }
  if (version.error().error == directory::DirectoryError::account_retired) {
    refuse(connection, frame.request_id(), version.error());
    account_gone(address.account, {&address.device, 1});  // a crash may have come before everything was
    return drop(connection, transport::CloseCode::policy_violation);
  }
  ++counts_.authentications_failed;
  // The same answer whichever part is wrong: it says nothing about who has an account here.
  refuse(connection, frame.request_id(), v1::Error::AUTHENTICATION_FAILED, "not a device of this account");
  if (++connection.authentication_attempts >= kMaxAuthenticationAttempts) {
    drop(connection, transport::CloseCode::policy_violation);
  }
}

directory::DirectoryResult<std::uint64_t> Core::verify(const Connection& connection,
                                                       const DeviceAddress& device, ByteView signature) {
  SOTTO_TRY(const directory::ListedDevice listed, directory_.find_device(device));
  const identity::AuthenticationContext context{options_.presentation.name, device,
                                                connection.greeting->server_nonce,
                                                connection.greeting->client_nonce, connection.exporter};
  if (!identity::verify_authentication(context, listed.key, signature)) {
    return err(directory::Failure{directory::DirectoryError::no_such_device});
  }
  if (listed.account_retired) return err(directory::Failure{directory::DirectoryError::account_retired});
  return listed.manifest_version;
}

void Core::welcome_device(Connection& connection, std::uint64_t request_id, const DeviceAddress& device,
                          std::uint64_t manifest_version) {
  const auto prekeys = directory_.prekeys_remaining(device);
  if (!prekeys) return refuse(connection, request_id, prekeys.error());
  // A device has one connection: the one opened last. An older one may be half dead without knowing, and what
  // it said before it died may still be on its way.
  if (Connection* other = connections_.find(device)) {
    const bool late = connection.id < other->id;
    Connection& older = late ? connection : *other;
    ++counts_.connections_replaced;
    goodbye(older, v1::Goodbye::REPLACED, {});
    drop(older, transport::CloseCode::policy_violation);
    if (late) return;
  }
  const auto mailbox = relay_.attach(device, now_);
  if (!mailbox) {
    return refuse(connection, request_id, v1::Error::STORAGE_UNAVAILABLE, relay::describe(mailbox.error()),
                  relay::kRetryStorage);
  }
  connections_.bind(connection, device);
  connection.guest_of.reset();
  ++devices_.use(device, now_).connections;
  connection.greeting.reset();
  ++counts_.authentications;
  effects_.authenticated(connection.id);

  v1::ServerFrame answer;
  answer.set_request_id(request_id);
  answer.mutable_authenticated()->set_manifest_version(manifest_version);
  answer.mutable_authenticated()->set_prekeys_remaining(*prekeys);
  answer.mutable_authenticated()->set_queued_envelopes(mailbox->envelopes);
  send(connection, answer);
  push_notices(connection);
}

}  // namespace sotto::server
