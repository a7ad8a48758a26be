#include "identity/server_statement.h"

#include "bytes/encoder.h"
#include "identity/labels.h"
#include "identity/limits.h"
#include "result/check.h"

namespace sotto::identity {

Bytes encode(const ServerStatement& statement) {
  SOTTO_CHECK(statement.name.size() <= kMaxServerName);
  Encoder out;
  out.label(label::kServerStatement).var(as_bytes(statement.name)).raw(statement.tls_key);
  out.u8(static_cast<std::uint8_t>(statement.tls_end));
  out.u64(statement.created.value).u64(statement.expires.value);
  return std::move(out).take();
}

IdentityResult<ServerStatement> parse_server_statement(ByteView octets) {
  Decoder in(octets);
  ServerStatement out;
  in.label(label::kServerStatement);
  out.name = as_chars(in.var(kMaxServerName));
  out.tls_key = in.array<32>();
  out.tls_end = static_cast<TlsEnd>(in.u8());
  out.created = {in.u64()};
  out.expires = {in.u64()};
  if (!in.finished() || out.name.empty()) return err(IdentityError::malformed);
  if (out.tls_end != TlsEnd::server && out.tls_end != TlsEnd::proxy) return err(IdentityError::malformed);
  if (out.expires <= out.created || elapsed(out.created, out.expires) > kMaxStatementLifetime) {
    return err(IdentityError::invalid_lifetime);
  }
  return out;
}

SignedServerStatement sign_server_statement(const ServerStatement& statement,
                                            const crypto::HybridPrivateKey& server_key,
                                            crypto::RandomSource& random) {
  Bytes octets = encode(statement);
  const crypto::HybridSignature signature = server_key.sign(octets, random);
  return {std::move(octets), signature};
}

IdentityResult<ServerStatement> verify_server_statement(const crypto::HybridPublicKey& server_key,
                                                        ByteView statement, ByteView signature,
                                                        const ServerExpectation& expected) {
  SOTTO_TRY(ServerStatement parsed, parse_server_statement(statement));
  if (!server_key.verify(statement, signature)) return err(IdentityError::bad_server_signature);
  if (parsed.name != expected.name) return err(IdentityError::wrong_server_name);
  if (parsed.tls_key != expected.tls_key) return err(IdentityError::wrong_server_key);
  if (elapsed(expected.now, parsed.created) > kMaxClockSkew) return err(IdentityError::from_future);
  if (expected.now >= parsed.expires) return err(IdentityError::expired);
  return parsed;
}

}  // namespace sotto::identity
