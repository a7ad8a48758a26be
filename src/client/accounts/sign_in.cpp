#include "client/accounts/sign_in.h"

#include "client/accounts/retire.h"
#include "client/accounts/server_record.h"
#include "client/contacts/manifests.h"
#include "client/devices/link_join.h"
#include "client/devices/own_devices.h"
#include "client/prekeys/upkeep.h"
#include "client/recovery/attempt.h"
#include "client/transparency/self_audit.h"
#include "crypto/hash.h"
#include "identity/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

constexpr std::uint32_t kProtocolVersion = 1;

/// Envelopes can expire between the server's count and its pushes: silence ends the wait as well.
constexpr DurationMs kQuietMeansDrained = seconds(3);

const RequestKey kHelloKey{RequestKind::hello, {}};
const RequestKey kRegistrationKey{RequestKind::registration, {}};
const RequestKey kAuthenticateKey{RequestKind::authenticate, {}};

void stop(Work& work, v1::Problem::Code code, std::string_view detail, std::string_view subject = {}) {
  report_problem(work, code, detail, subject);
  work.effects.disconnect = Disconnect::refused;
}

/// Signatures name the server, so the name must be the one the user meant (docs/specs/identity.md 6). Where
/// the user gave an address and no name, the server's own word at the first contact is held on to.
bool may_be_called(const ServerRecord& server, std::string_view name) {
  const bool address = server.host == "localhost" || server.host.find(':') != std::string::npos ||
                       server.host.find_first_not_of("0123456789.") == std::string::npos;
  return address || name == server.host || name == server.host + ":" + std::to_string(server.port);
}

/// What the server says it is, on top of what is pinned. False: reported, and the connection must end.
bool check_server(Work& work, ServerRecord& server, const v1::Welcome& welcome) {
  const bool first_contact = server.identity.empty();
  if (!welcome.server_identity().empty()) {
    if (!first_contact && !equal(server.identity, wire::octets(welcome.server_identity()))) {
      stop(work, v1::Problem::SERVER_IDENTITY_CHANGED,
           "this is not the server that the profile was made with: its identity key is another one. If its "
           "operator "
           "says that the change is right, register again in a new profile",
           server.host);
      return false;
    }
    server.identity = to_bytes(wire::octets(welcome.server_identity()));
    server.statement = to_bytes(wire::octets(welcome.statement()));
    server.statement_signature = to_bytes(wire::octets(welcome.statement_signature()));
  }
  if (first_contact) {
    if (!may_be_called(server, welcome.server_name())) {
      stop(work, v1::Problem::SERVER_IDENTITY_CHANGED,
           "the server does not call itself by the name given with --server; use the name its operator gave "
           "you",
           welcome.server_name());
      return false;
    }
    server.name = welcome.server_name();
  }
  const auto key = crypto::HybridPublicKey::decode(server.identity);
  if (!key || server.name != welcome.server_name()) {
    stop(
        work, v1::Problem::SERVER_IDENTITY_CHANGED,
        key ? "the server calls itself by another name than before" : "the server's identity key is unusable",
        server.host);
    return false;
  }
  if (!work.link.tls_key) return true;  // a unix socket or a test: there is no TLS key to vouch for
  const auto statement = identity::verify_server_statement(
      *key, server.statement, server.statement_signature,
      {.name = server.name, .tls_key = *work.link.tls_key, .now = work.now});
  if (!statement) {
    stop(work, v1::Problem::SERVER_IDENTITY_CHANGED, identity::describe(statement.error()), server.host);
    return false;
  }
  if (statement->tls_end == identity::TlsEnd::proxy) work.link.channel = {};
  return true;
}

/// The log's keys are pinned at the first contact; another key would be another log. A server that the client
/// knows need not repeat it.
bool check_log(Work& work, const ServerRecord& server, const v1::Welcome& welcome) {
  const auto* view = work.log.view();
  const ByteView shown = wire::octets(welcome.log_vrf_key());
  if (view != nullptr) {
    if (shown.empty() || equal(shown, view->keys().vrf.encoded())) return true;
    stop(work, v1::Problem::SERVER_IDENTITY_CHANGED,
         "the server shows the key of another transparency log than the one this profile was made with. If "
         "its "
         "operator says that the change is right, register again in a new profile",
         server.host);
    return false;
  }
  auto identity = crypto::HybridPublicKey::decode(server.identity);
  auto vrf = crypto::VrfPublicKey::decode(shown);
  if (!identity || !vrf) {
    stop(work, v1::Problem::UNSUPPORTED_SERVER,
         "the server shows no usable key of its transparency log: this version does not talk to servers that "
         "keep none",
         server.host);
    return false;
  }
  work.log.pin({*std::move(identity), *std::move(vrf)});
  return true;
}

void send_registration(Work& work) {
  const auto manifest = load_manifest(work.db, work.self.account_id());
  if (!manifest) return;
  v1::ClientFrame frame;
  auto* request = frame.mutable_register_();
  request->set_account(wire::field(work.self.account_id().view()));
  request->set_handle(work.self.handle);
  request->set_invite(work.self.invite);
  identity::to_wire(manifest->signed_manifest(), *request->mutable_manifest());
  work.link.phase = Phase::registering;
  work.link.send(work.effects, frame, {.key = kRegistrationKey});
}

/// The server says no to a device that it knew once. It does not say why, and need not be believed; but
/// nothing else can be known without it.
void on_device_unknown(Work& work) {
  if (is_leaving(work)) return leave(work);
  stop(work, v1::Problem::DEVICE_REVOKED,
       "the server does not accept this device any more; most likely another device removed it from the "
       "account. If none did, warn your contacts: the server may be showing them a key that is not yours");
}

}  // namespace

void send_authentication(Work& work) {
  const identity::AuthenticationContext context{
      .server_name = work.link.server_name,
      .device = {work.self.account_id(), work.self.device.id},
      .server_nonce = work.link.server_nonce,
      .client_nonce = work.link.client_nonce,
      .channel = work.link.channel,
  };
  v1::ClientFrame frame;
  auto* request = frame.mutable_authenticate();
  request->set_account(wire::field(work.self.account_id().view()));
  request->set_device(wire::field(work.self.device.id.view()));
  request->set_signature(
      wire::field(identity::sign_authentication(context, work.self.device.key, work.random)));
  work.link.phase = Phase::authenticating;
  work.link.send(work.effects, frame, {.key = kAuthenticateKey});
}

void greet(Work& work, const ConnectionInfo& info) {
  work.link.reset();
  work.link.phase = Phase::greeting;
  work.link.channel = info.channel;
  work.link.tls_key = info.tls_key;
  work.link.tls_group = info.tls_group;
  work.link.client_nonce = work.random.array<32>();
  v1::ClientFrame frame;
  auto* hello = frame.mutable_hello();
  hello->set_protocol_version(kProtocolVersion);
  hello->set_client_nonce(wire::field(work.link.client_nonce));
  const auto server = load_server(work.db);
  // A server whose identity is known need not repeat 5 KB of keys and signatures.
  if (server && !server->identity.empty()) {
    hello->set_known_statement_hash(wire::field(crypto::sha256(server->statement)));
  }
  work.link.send(work.effects, frame, {.key = kHelloKey});
}

void on_welcome(Work& work, const Request& request, const v1::Welcome& welcome) {
  auto server = load_server(work.db);
  if (!server || welcome.server_nonce().size() != 32) {
    stop(work, v1::Problem::UNSUPPORTED_SERVER, "the server's greeting is not one this version understands");
    return;
  }
  if (!check_server(work, *server, welcome) || !check_log(work, *server, welcome)) return;
  // The TLS key may change as long as the pinned identity vouches for the new one.
  if (work.link.tls_key) server->tls_pin = work.link.tls_key;
  server->tls_group = work.link.tls_group;
  save_server(work.db, *server);
  work.link.succeeded(request.key);
  work.link.server_nonce = to_array<32>(wire::octets(welcome.server_nonce()));
  work.link.server_name = server->name;
  work.link.limits = welcome.limits();
  if (work.self.stage == v1::Status::UNREGISTERED) {
    send_registration(work);
  } else if (work.self.ready()) {
    send_authentication(work);
  } else {
    work.link.phase = Phase::greeted;
    if (!begin_recovery(work)) begin_to_join(work);
  }
}

void on_registered(Work& work, const Request& request, const v1::Registered& answer) {
  work.link.succeeded(request.key);
  work.self.stage = v1::Status::READY;
  work.self.manifest_confirmed = true;
  work.self.handle = answer.handle();
  work.self.invite.clear();
  save_self(work.db, work.self);
  watch_own_handle(work.db, work.self.handle);
  send_authentication(work);
}

void on_authenticated(Work& work, const Request& request, const v1::Authenticated& answer) {
  work.link.succeeded(request.key);
  work.link.phase = Phase::ready;
  work.link.undelivered = answer.queued_envelopes();
  work.link.delivered = work.now;
  const auto own = load_manifest(work.db, work.self.account_id());
  if (own && answer.manifest_version() > own->version()) mark_stale(work.db, own->account());
  on_prekeys_remaining(work, answer.prekeys_remaining());
  work.effects.events.emplace_back().mutable_connection()->set_state(v1::ConnectionState::AUTHENTICATED);
}

void on_sign_in_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.retry_after_ms() > 0) {
    work.effects.disconnect = Disconnect::retry;
    return;
  }
  switch (request.key.kind) {
    case RequestKind::registration:
      stop(work, v1::Problem::REGISTRATION_REFUSED, v1::Error::Code_Name(error.code()), error.detail());
      break;
    case RequestKind::authenticate:
      if (error.code() == v1::Error::AUTHENTICATION_FAILED) return on_device_unknown(work);
      if (error.code() == v1::Error::ACCOUNT_RETIRED) return on_own_account_gone(work);
      stop(work, v1::Problem::AUTHENTICATION_REFUSED, "the server does not take this device's signature",
           error.detail());
      break;
    default:
      stop(work, v1::Problem::UNSUPPORTED_SERVER, "the server does not speak this version of the protocol",
           error.detail());
      break;
  }
}

void note_drained(Work& work) {
  if (!work.link.ready() || work.link.drained) return;
  const bool quiet = has_passed(kQuietMeansDrained, work.link.delivered, work.now);
  if (work.link.undelivered > 0 && !quiet) return;
  work.link.drained = true;
  work.effects.events.emplace_back().mutable_connection()->set_state(v1::ConnectionState::DRAINED);
}

}  // namespace sotto::client
