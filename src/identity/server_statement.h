// A server's identity and the statement with which it vouches for its name and TLS key
// (docs/specs/identity.md 6). Clients pin the identity at first contact; certificates may then change freely.
#pragma once

#include <string>
#include <string_view>

#include "clock/clock.h"
#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "crypto/random.h"
#include "identity/error.h"

namespace sotto::identity {

/// SHA-256 of the DER SubjectPublicKeyInfo of a TLS certificate.
using SpkiHash = ByteArray<32>;

/// Where the clients' TLS connections end. Only the server's own end can check their exporter.
enum class TlsEnd : std::uint8_t { server = 1, proxy = 2 };

struct ServerStatement {
  std::string name;
  SpkiHash tls_key;
  TlsEnd tls_end = TlsEnd::server;
  UnixMs created;
  UnixMs expires;

  friend bool operator==(const ServerStatement&, const ServerStatement&) = default;
};

/// LBL("server") || V(name) || SPKI hash 32 || u8 TLS end || u64 created_ms || u64 expires_ms
Bytes encode(const ServerStatement& statement);
/// Errors: malformed, invalid_lifetime.
IdentityResult<ServerStatement> parse_server_statement(ByteView octets);

struct SignedServerStatement {
  Bytes statement;  ///< exact signed octets
  crypto::HybridSignature signature;
};
SignedServerStatement sign_server_statement(const ServerStatement& statement,
                                            const crypto::HybridPrivateKey& server_key,
                                            crypto::RandomSource& random);

/// What the client knows about the connection it is on.
struct ServerExpectation {
  std::string_view name;
  SpkiHash tls_key;
  UnixMs now;
};

/// Errors: malformed, invalid_lifetime, bad_server_signature, wrong_server_name, wrong_server_key, expired,
/// from_future.
IdentityResult<ServerStatement> verify_server_statement(const crypto::HybridPublicKey& server_key,
                                                        ByteView statement, ByteView signature,
                                                        const ServerExpectation& expected);

}  // namespace sotto::identity
