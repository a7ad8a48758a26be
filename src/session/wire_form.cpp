#include "session/wire_form.h"

#include "session/limits.h"
#include "sotto/v1/session.pb.h"
#include "wire/decode.h"

namespace sotto::session {
namespace {

template <std::size_t N>
bool read(const std::string& field, ByteArray<N>& out) {
  const ByteView octets = wire::octets(field);
  if (octets.size() != N) return false;
  out = to_array<N>(octets);
  return true;
}

void write(const identity::ManifestRef& ref, v1::ManifestRef& out) {
  out.set_version(ref.version);
  out.set_hash16(wire::field(ref.hash));
}

bool read(const v1::ManifestRef& ref, identity::ManifestRef& out) {
  out.version = ref.version();
  return read(ref.hash16(), out.hash);
}

/// Works on Gossip and IdClaim, which name the same three fields.
template <typename Message>
void write_gossip(const Gossip& gossip, Message& out) {
  write(gossip.own_manifest, *out.mutable_own_manifest());
  if (gossip.peer_manifest.version != 0) write(gossip.peer_manifest, *out.mutable_peer_manifest());
  if (gossip.head.size == 0) return;
  auto* head = out.mutable_transparency_head();
  head->set_log_id8(wire::field(gossip.head.log_id));
  head->set_size(gossip.head.size);
  head->set_root32(wire::field(gossip.head.root));
}

template <typename Message>
bool read_gossip(const Message& in, Gossip& out) {
  if (!read(in.own_manifest(), out.own_manifest)) return false;
  if (in.has_peer_manifest() && !read(in.peer_manifest(), out.peer_manifest)) return false;
  if (!in.has_transparency_head()) return true;
  const v1::TransparencyHead& head = in.transparency_head();
  out.head.size = head.size();
  return read(head.log_id8(), out.head.log_id) && read(head.root32(), out.head.root);
}

}  // namespace

void to_wire(const Gossip& gossip, v1::Gossip& out) { write_gossip(gossip, out); }

SessionResult<Gossip> from_wire(const v1::Gossip& gossip) {
  Gossip out;
  if (!read_gossip(gossip, out)) return err(SessionError::bad_payload);
  return out;
}

Bytes encode(const IdClaim& claim) {
  v1::IdClaim out;
  out.set_account(wire::field(claim.account.view()));
  out.set_device(wire::field(claim.device.view()));
  write_gossip(claim.gossip, out);
  out.set_ek1_hash(wire::field(claim.ek1_hash));
  for (const SessionId& session : claim.replaces) out.add_replaces(wire::field(session.view()));
  return wire::encode(out);
}

SessionResult<IdClaim> decode_claim(ByteView octets) {
  v1::IdClaim in;
  if (!wire::decode(octets, kMaxClaim, in)) return err(SessionError::bad_claim);
  const auto account = AccountId::from(wire::octets(in.account()));
  const auto device = DeviceId::from(wire::octets(in.device()));
  if (!account || !device || static_cast<std::size_t>(in.replaces_size()) > kMaxReplaces) {
    return err(SessionError::bad_claim);
  }
  IdClaim out{.account = *account, .device = *device, .gossip = {}, .ek1_hash = {}, .replaces = {}};
  if (!read_gossip(in, out.gossip) || !read(in.ek1_hash(), out.ek1_hash)) return err(SessionError::bad_claim);
  for (const std::string& field : in.replaces()) {
    const auto session = SessionId::from(wire::octets(field));
    if (!session) return err(SessionError::bad_claim);
    out.replaces.push_back(*session);
  }
  return out;
}

void to_wire(const ErrorReport& report, v1::SessionError& out) {
  out.set_code(noted(static_cast<v1::SessionError::Code>(report.code)));
  out.set_wire_hash16(wire::field(report.message));
  out.set_session_id(wire::field(report.session.view()));
}

SessionResult<ErrorReport> from_wire(const v1::SessionError& error) {
  ErrorReport out{};
  const auto session = SessionId::from(wire::octets(error.session_id()));
  const bool known =
      error.code() >= v1::SessionError::UNKNOWN_SESSION && error.code() <= v1::SessionError::UNDECRYPTABLE;
  if (!known || !session || !read(error.wire_hash16(), out.message)) return err(SessionError::bad_payload);
  out.code = static_cast<ReportCode>(error.code());
  out.session = *session;
  return out;
}

}  // namespace sotto::session
