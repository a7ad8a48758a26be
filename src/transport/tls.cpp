#include "transport/tls.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "transport/openssl_handles.h"
#include "transport/tls_peer.h"

namespace sotto::transport {
namespace {

constexpr const char* kPostQuantumGroups = "X25519MLKEM768:SecP256r1MLKEM768";
/// The slash makes the hybrid groups a class of their own: a peer that could use one but sent only a
/// classical key share is asked again.
constexpr const char* kAllGroups = "X25519MLKEM768:SecP256r1MLKEM768/X25519:P-256";
constexpr const char* kClientSuites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
/// RFC 8446 9.1 makes the 128-bit suite mandatory to implement.
constexpr const char* kServerSuites =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
/// Where Debian keeps the machine's authorities; a private OpenSSL prefix does not know that.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::string_view kAlpnHttp11 = "http/1.1";

bool set_common_options(SSL_CTX* context, const char* groups, const char* suites) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Release buffers: 22 KB less for each idle connection. The write modes: our output buffer moves and grows.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);  // one system call for many records
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set1_groups_list(context, groups) == 1 &&
         SSL_CTX_set_ciphersuites(context, suites) == 1;
}

/// RFC 7301 3.2: a peer that offers protocols but not HTTP/1.1 is in the wrong place.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned offered_length, void*) {
  for (unsigned at = 0; at + 1 + offered[at] <= offered_length; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
    if (name == kAlpnHttp11) {
      *out = offered + at + 1;
      *out_length = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
    if (at + 1 + offered[at] == offered_length) break;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Stands in for OpenSSL's own verification, so that the pin is seen before the judgement.
int verify_server(X509_STORE_CTX* store, void* argument) {
  const auto* pins = static_cast<const std::vector<SpkiPin>*>(argument);
  const X509* leaf = X509_STORE_CTX_get0_cert(store);
  const auto pin = leaf != nullptr ? pin_of(leaf) : std::nullopt;
  const auto* ssl =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* peer = ssl != nullptr ? static_cast<TlsPeer*>(SSL_get_app_data(ssl)) : nullptr;
  if (peer != nullptr) peer->pin = pin;
  if (pins->empty()) return X509_verify_cert(store);
  const bool known = pin && std::ranges::find(*pins, *pin) != pins->end();
  X509_STORE_CTX_set_error(store, known ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
  return known ? 1 : 0;
}

bool load_authorities(SSL_CTX* context, const std::filesystem::path& ca_file) {
  if (!ca_file.empty()) return SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1;
  const bool system = SSL_CTX_load_verify_file(context, kSystemAuthorities) == 1;
  // And those that SSL_CERT_FILE and SSL_CERT_DIR name, as users of OpenSSL's programs expect.
  return SSL_CTX_set_default_verify_paths(context) == 1 || system;
}

}  // namespace

bool is_post_quantum(std::string_view tls_group) {
  constexpr std::array<std::string_view, 3> kGroups = {"X25519MLKEM768", "SecP256r1MLKEM768",
                                                       "SecP384r1MLKEM1024"};
  return std::ranges::find(kGroups, tls_group) != kGroups.end();
}

TransportResult<TlsServerContext> TlsServerContext::create(const ServerCertificate& certificate,
                                                           TlsServerOptions options) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), [](SSL_CTX* c) { SSL_CTX_free(c); });
  if (!context ||
      !set_common_options(context.get(), options.allow_classical_groups ? kAllGroups : kPostQuantumGroups,
                          kServerSuites)) {
    return err(TransportError::library_failure);
  }
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
  if (!certificate.install(context.get())) {
    ERR_clear_error();
    return err(TransportError::bad_certificate);
  }
  return TlsServerContext(std::move(context));
}

TransportResult<TlsClientContext> TlsClientContext::create(const ServerVerification& verification,
                                                           TlsClientOptions options) {
  const auto* pinned = std::get_if<PinnedKeys>(&verification);
  auto pins =
      std::make_shared<const std::vector<SpkiPin>>(pinned != nullptr ? pinned->pins : std::vector<SpkiPin>{});
  if (pinned != nullptr && pins->empty()) return err(TransportError::bad_certificate);
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), [pins](SSL_CTX* c) { SSL_CTX_free(c); });
  const char* const groups = options.allow_classical_groups ? kAllGroups : kPostQuantumGroups;
  if (!context || !set_common_options(context.get(), groups, kClientSuites)) {
    return err(TransportError::library_failure);
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), verify_server,
                                   const_cast<std::vector<SpkiPin>*>(pins.get()));
  if (pinned == nullptr && !load_authorities(context.get(), std::get<AuthorityTrust>(verification).ca_file)) {
    ERR_clear_error();
    return err(TransportError::file_failed);
  }
  return TlsClientContext(std::move(context));
}

}  // namespace sotto::transport
