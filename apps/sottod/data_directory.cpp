#include "data_directory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "accounts/server_key_file.h"
#include "bytes/encoder.h"
#include "identity/limits.h"
#include "identity/server_statement.h"

namespace sotto::sottod {
namespace {

// Renewed by the first start after it has less than kRenewBefore left.
constexpr DurationMs kCertificateLifetime = days(825);
constexpr DurationMs kStatementLifetime = days(365);
constexpr DurationMs kRenewBefore = days(30);

std::optional<Bytes> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  const std::string octets{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return to_bytes(as_bytes(octets));
}

Outcome<void> write_file(const std::filesystem::path& path, ByteView octets) {
  const std::filesystem::path temporary = path.string() + ".new";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << as_chars(octets);
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(temporary, path, error);
  if (out && !error) return {};
  return err(Failure{fmt::format("cannot write {}: {}; is the disk full, or not writable for this user?",
                                 path.string(), error ? error.message() : std::strerror(errno))});
}

std::optional<identity::SignedServerStatement> parse_signed_statement(ByteView octets) {
  Decoder in(octets);
  identity::SignedServerStatement out;
  out.statement = to_bytes(in.var(1024));
  out.signature = in.array<crypto::kHybridSignatureSize>();
  if (!in.finished()) return std::nullopt;
  return out;
}

bool still_good(const identity::SignedServerStatement& kept, const crypto::HybridPublicKey& key,
                const identity::ServerExpectation& expected, identity::TlsEnd tls_end) {
  const auto statement = identity::verify_server_statement(key, kept.statement, kept.signature, expected);
  return statement && statement->tls_end == tls_end;
}

}  // namespace

std::filesystem::path DataDirectory::default_root() {
  if (const char* systemd = std::getenv("STATE_DIRECTORY")) return systemd;
  if (::geteuid() == 0) return "/var/lib/sottod";
  if (const char* state = std::getenv("XDG_STATE_HOME")) return std::filesystem::path(state) / "sottod";
  if (const char* home = std::getenv("HOME")) return std::filesystem::path(home) / ".local/state/sottod";
  return "sottod-data";
}

Outcome<bool> DataDirectory::prepare() const {
  std::error_code error;
  const bool existed = std::filesystem::exists(root_, error);
  if (existed && !std::filesystem::is_directory(root_, error))
    error = std::make_error_code(std::errc::not_a_directory);
  if (!existed) std::filesystem::create_directories(root_, error);
  if (!error && !existed) {
    std::filesystem::permissions(root_, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return err(Failure{fmt::format("cannot make the data directory {}: {}; choose another with --data-dir",
                                   root_.string(), error.message())});
  }
  if (std::filesystem::exists(config(), error)) return false;
  SOTTO_CHECK_OK(write_file(config(), as_bytes(default_config_text())));
  return true;
}

Outcome<transport::ServerCertificate> DataDirectory::certificate(const Config& config, UnixMs now) const {
  const bool own = config.certificate.empty();
  const auto certificate_file = own ? root_ / "certificate.pem" : config.certificate;
  const auto key_file = own ? root_ / "private_key.pem" : config.private_key;
  if (!own || std::filesystem::exists(certificate_file)) {
    auto loaded = transport::ServerCertificate::load(certificate_file, key_file);
    if (!loaded) {
      return err(
          Failure{fmt::format("cannot use the certificate {} with the key {}: {}; check that both are PEM "
                              "files that this user may read and that they belong together",
                              certificate_file.string(), key_file.string(), describe(loaded.error()))});
    }
    if (!own || elapsed(now, loaded->not_after()) > kRenewBefore) return *std::move(loaded);
  }
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  if (config.name != "localhost") names.insert(names.begin(), config.name);
  auto made = transport::ServerCertificate::self_signed(names, now, kCertificateLifetime);
  if (!made) return err(Failure{"cannot make a certificate for the name \"" + config.name + "\""});
  if (!made->save(certificate_file, key_file)) {
    return err(Failure{fmt::format("cannot write {}: is the disk full, or not writable for this user?",
                                   certificate_file.string())});
  }
  return *std::move(made);
}

Outcome<server::ServerKeys> DataDirectory::keys(crypto::RandomSource& random) const {
  auto identity = accounts::ServerKeyFile::load_or_create(root_ / "identity.key", random);
  if (!identity) return err(Failure{identity.error().message});
  auto vrf = accounts::ServerKeyFile::load_or_create_vrf(root_ / "transparency.key", random);
  if (!vrf) return err(Failure{vrf.error().message});
  return server::ServerKeys{*std::move(identity), *std::move(vrf)};
}

Outcome<server::Presentation> DataDirectory::presentation(const Config& config,
                                                          const crypto::HybridPrivateKey& identity,
                                                          const transport::SpkiPin& tls_key, UnixMs now,
                                                          crypto::RandomSource& random) const {
  const auto statement_file = root_ / "statement";
  std::optional<identity::SignedServerStatement> statement;
  if (const auto octets = read_file(statement_file)) statement = parse_signed_statement(*octets);
  // Checked as of the day it should be renewed, so that an old one is replaced in time.
  const identity::ServerExpectation expected{config.name, tls_key, now + kRenewBefore};
  const auto tls_end = config.mode == EdgeMode::proxy ? identity::TlsEnd::proxy : identity::TlsEnd::server;
  if (!statement || !still_good(*statement, identity.public_key(), expected, tls_end)) {
    statement = identity::sign_server_statement(
        {config.name, tls_key, tls_end, now, now + kStatementLifetime}, identity, random);
    Encoder out;
    out.var(statement->statement).raw(statement->signature);
    SOTTO_CHECK_OK(write_file(statement_file, out.view()));
  }
  return server::Presentation{config.name, to_bytes(identity.public_key().encoded()), statement->statement,
                              to_bytes(statement->signature)};
}

}  // namespace sotto::sottod
