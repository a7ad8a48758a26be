// How a device proves to a server who it is (docs/specs/identity.md 6): one message, built alike on both
// sides.
#pragma once

#include <string_view>

#include "crypto/hybrid_signature.h"
#include "crypto/random.h"
#include "identity/error.h"
#include "identity/ids.h"

namespace sotto::identity {

using ConnectionNonce = ByteArray<32>;
/// The TLS exporter's output (RFC 8446 7.5, label "EXPORTER-sotto-v1", empty context); zeros behind a trusted
/// proxy.
using ChannelBinding = ByteArray<48>;

/// What ties a signature to one connection of one device with one server.
struct AuthenticationContext {
  std::string_view server_name;  ///< at most kMaxServerName octets
  DeviceAddress device;
  ConnectionNonce server_nonce;
  ConnectionNonce client_nonce;
  ChannelBinding channel;
};

/// LBL("tls") || V(server name) || account16 || device16 || SHA-384(server nonce || client nonce) ||
/// channel48
Bytes authentication_message(const AuthenticationContext& context);

crypto::HybridSignature sign_authentication(const AuthenticationContext& context,
                                            const crypto::HybridPrivateKey& device_key,
                                            crypto::RandomSource& random);

/// Errors: bad_device_signature.
IdentityResult<void> verify_authentication(const AuthenticationContext& context,
                                           const crypto::HybridPublicKey& device_key, ByteView signature);

}  // namespace sotto::identity
