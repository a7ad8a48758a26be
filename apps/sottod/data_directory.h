// What sottod keeps on disk beside its database: keys, certificate, server statement. docs/operations.md 3.
#pragma once

#include <filesystem>

#include "clock/clock.h"
#include "config.h"
#include "crypto/hybrid_signature.h"
#include "crypto/random.h"
#include "failure.h"
#include "server/core.h"
#include "transport/certificate.h"

namespace sotto::sottod {

class DataDirectory {
 public:
  explicit DataDirectory(std::filesystem::path root) : root_(std::move(root)) {}

  /// $STATE_DIRECTORY under systemd, else /var/lib/sottod for root, else below $XDG_STATE_HOME or ~.
  static std::filesystem::path default_root();

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path config() const { return root_ / "sottod.toml"; }
  [[nodiscard]] std::filesystem::path database() const { return root_ / "database"; }
  [[nodiscard]] std::filesystem::path admin_socket() const { return root_ / "admin.sock"; }

  /// Makes the directory, for its owner only, and the commented configuration if there is none. True when the
  /// configuration is new.
  [[nodiscard]] Outcome<bool> prepare() const;
  /// The configured certificate, or our self-signed one, made when missing or near its end.
  [[nodiscard]] Outcome<transport::ServerCertificate> certificate(const Config& config, UnixMs now) const;
  /// The server's identity key and the VRF key of its transparency log, made at the first call.
  [[nodiscard]] Outcome<server::ServerKeys> keys(crypto::RandomSource& random) const;
  /// Name and identity as clients see them. The signed statement is kept until name, TLS key or end, or time
  /// ask for another, because clients remember its hash.
  [[nodiscard]] Outcome<server::Presentation> presentation(const Config& config,
                                                           const crypto::HybridPrivateKey& identity,
                                                           const transport::SpkiPin& tls_key, UnixMs now,
                                                           crypto::RandomSource& random) const;

 private:
  std::filesystem::path root_;
};

}  // namespace sotto::sottod
