#include "audit/pinned_log.h"

#include "bytes/encoder.h"
#include "identity/limits.h"
#include "sotto/v1/stream.pb.h"
#include "wire/decode.h"

namespace sotto::audit {
namespace {

constexpr std::uint8_t kFormat = 1;

}  // namespace

Bytes PinnedLog::encoded() const {
  Encoder out;
  out.u8(kFormat).var(as_bytes(server_name)).raw(keys.encoded());
  return std::move(out).take();
}

AuditResult<PinnedLog> PinnedLog::parse(ByteView octets) {
  Decoder in(octets);
  const bool known = in.u8() == kFormat;
  const ByteView name = in.var(identity::kMaxServerName);
  const auto keys = transparency::LogKeys::parse(in.raw(transparency::LogKeys::kSize));
  if (!known || !keys || !in.finished() || name.empty()) return err(AuditError::damaged);
  return PinnedLog{std::string(as_chars(name)), *keys};
}

AuditResult<PinnedLog> check_welcome(const v1::Welcome& welcome, const std::optional<PinnedLog>& pinned,
                                     const std::optional<identity::SpkiHash>& tls_key, UnixMs now) {
  auto identity = crypto::HybridPublicKey::decode(wire::octets(welcome.server_identity()));
  auto vrf = crypto::VrfPublicKey::decode(wire::octets(welcome.log_vrf_key()));
  if (!identity || !vrf || welcome.server_name().empty() ||
      welcome.server_name().size() > identity::kMaxServerName) {
    return err(AuditError::unsupported_server);
  }
  PinnedLog said{welcome.server_name(), {*std::move(identity), *std::move(vrf)}};
  if (pinned && said.keys != pinned->keys) return err(AuditError::other_log);
  if (pinned && said.server_name != pinned->server_name) return err(AuditError::bad_statement);
  if (!tls_key) return said;
  const auto statement = identity::verify_server_statement(
      said.keys.identity, wire::octets(welcome.statement()), wire::octets(welcome.statement_signature()),
      {.name = said.server_name, .tls_key = *tls_key, .now = now});
  if (!statement) return err(AuditError::bad_statement);
  return said;
}

}  // namespace sotto::audit
