// TLS configuration: TLS 1.3 only, no tickets, no resumption, post-quantum key agreement
// (docs/specs/transport.md 2).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "transport/certificate.h"
#include "transport/error.h"

struct ssl_ctx_st;

namespace sotto::transport {

inline constexpr std::size_t kExporterSize = 48;
/// RFC 8446 7.5 keying material with label "EXPORTER-sotto-v1" and an empty context.
using Exporter = ByteArray<kExporterSize>;

/// True for the hybrid ML-KEM groups, by the name TLS registries give them.
bool is_post_quantum(std::string_view tls_group);

struct TlsServerOptions {
  /// Also agree on X25519 or P-256 with a peer that has nothing better (browsers and curl on plain HTTP).
  bool allow_classical_groups = true;
};

/// What a server's handshakes share. Copies are cheap and share one immutable configuration.
class TlsServerContext {
 public:
  /// Errors: bad_certificate, library_failure.
  static TransportResult<TlsServerContext> create(const ServerCertificate& certificate,
                                                  TlsServerOptions options = {});
  /// Connections hold it too: on the client it carries the pins.
  [[nodiscard]] const std::shared_ptr<ssl_ctx_st>& native() const { return context_; }

 private:
  explicit TlsServerContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// Trust exactly these keys, whatever the certificate says about name, issuer and time.
struct PinnedKeys {
  std::vector<SpkiPin> pins;
};

/// Trust the machine's certificate authorities (or only those in `ca_file`), and check the host name.
struct AuthorityTrust {
  std::filesystem::path ca_file;
};

using ServerVerification = std::variant<PinnedKeys, AuthorityTrust>;

struct TlsClientOptions {
  /// Also agree on X25519 or P-256: for servers of others, which may have nothing better.
  bool allow_classical_groups = false;
};

/// What a client's handshakes share; offers post-quantum groups, only those unless told otherwise. Copies are
/// cheap.
class TlsClientContext {
 public:
  /// Errors: file_failed (no such CA file), bad_certificate (no pins given), library_failure.
  static TransportResult<TlsClientContext> create(const ServerVerification& verification,
                                                  TlsClientOptions options = {});
  /// Connections hold it too: on the client it carries the pins.
  [[nodiscard]] const std::shared_ptr<ssl_ctx_st>& native() const { return context_; }

 private:
  explicit TlsClientContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace sotto::transport
