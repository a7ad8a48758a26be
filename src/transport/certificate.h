// Server certificates: making a self-signed one, files, pins. Not concerned with whom to trust: see tls.h.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "transport/error.h"

struct ssl_ctx_st;

namespace sotto::transport {

/// SHA-256 of a certificate's DER SubjectPublicKeyInfo (RFC 7469 2.4): survives renewal with the same key.
using SpkiPin = ByteArray<32>;

/// A certificate chain with its private key. Copies share the same immutable key.
class ServerCertificate {
 public:
  /// A self-signed ECDSA P-256 certificate. Each name is a DNS name or a literal IP address; at least one.
  /// Valid from an hour before `now` (clocks differ) for `lifetime`. Errors: bad_certificate,
  /// library_failure.
  static TransportResult<ServerCertificate> self_signed(const std::vector<std::string>& names, UnixMs now,
                                                        DurationMs lifetime);
  /// PEM files: leaf first, then intermediates; the key unencrypted. Errors: file_failed, bad_certificate.
  static TransportResult<ServerCertificate> load(const std::filesystem::path& certificate_file,
                                                 const std::filesystem::path& key_file);

  /// Writes both PEM files, each atomically and with mode 0600; the key first. Errors: file_failed.
  [[nodiscard]] TransportResult<void> save(const std::filesystem::path& certificate_file,
                                           const std::filesystem::path& key_file) const;
  [[nodiscard]] SpkiPin pin() const;
  /// When the leaf expires.
  [[nodiscard]] UnixMs not_after() const;

 private:
  friend class TlsServerContext;
  struct Parts;
  explicit ServerCertificate(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  [[nodiscard]] bool install(ssl_ctx_st* context) const;

  std::shared_ptr<const Parts> parts_;
};

/// The pin of the first certificate in a PEM file. Errors: file_failed, bad_certificate.
TransportResult<SpkiPin> pin_of_file(const std::filesystem::path& certificate_file);

}  // namespace sotto::transport
