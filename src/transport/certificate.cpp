#include "transport/certificate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "transport/openssl_handles.h"

namespace sotto::transport {
namespace {

constexpr std::uint64_t kClockSkewSeconds = 3600;
/// Longer chains than any public authority issues are a mistake in the file.
constexpr std::size_t kMaxChainLength = 10;
/// Largest serial number RFC 5280 4.1.2.2 allows, minus the sign bit.
constexpr std::size_t kSerialOctets = 16;
constexpr std::size_t kMaxDnsName = 253;

bool is_ip_address(const std::string& name) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(AF_INET, name.c_str(), buffer) == 1 || inet_pton(AF_INET6, name.c_str(), buffer) == 1;
}

/// Letters, digits, hyphen and dot: also keeps commas out of the extension syntax below.
bool is_dns_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxDnsName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

std::optional<std::string> alternative_names(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ',';
    if (is_ip_address(name)) {
      out += "IP:" + name;
    } else if (is_dns_name(name)) {
      out += "DNS:" + name;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_random_serial(X509* certificate) {
  ByteArray<kSerialOctets> octets{};
  if (RAND_bytes(octets.data(), octets.size()) != 1) return false;
  octets[0] = static_cast<std::uint8_t>((octets[0] & 0x7f) | 0x40);
  const std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>> number(
      BN_bin2bn(octets.data(), octets.size(), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_validity(X509* certificate, UnixMs now, DurationMs lifetime) {
  const auto start = static_cast<time_t>(now.value / 1000 - std::min(now.value / 1000, kClockSkewSeconds));
  const auto end = static_cast<time_t>((now + lifetime).value / 1000);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), start) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), end) != nullptr;
}

bool set_names(X509* certificate, const std::string& common_name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  // RFC 5280 limits a common name to 64 characters; the alternative names are what clients check.
  const std::string shown = common_name.substr(0, 64);
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(shown.c_str()), -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

CertificateHandle make_self_signed(EVP_PKEY* key, const std::vector<std::string>& names,
                                   const std::string& alternative, UnixMs now, DurationMs lifetime) {
  CertificateHandle certificate(X509_new());
  const bool made = certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                    set_random_serial(certificate.get()) && set_validity(certificate.get(), now, lifetime) &&
                    set_names(certificate.get(), names.front()) &&
                    X509_set_pubkey(certificate.get(), key) == 1 &&
                    add_extension(certificate.get(), NID_subject_alt_name, alternative) &&
                    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") &&
                    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth") &&
                    X509_sign(certificate.get(), key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

/// Writes `path` through a temporary beside it, so that a crash leaves the old file or the new one.
bool write_atomically(const std::filesystem::path& path, BIO* contents) {
  const std::string temporary = path.string() + ".new";
  ::unlink(temporary.c_str());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return false;
  char* data = nullptr;
  auto rest = static_cast<std::size_t>(BIO_get_mem_data(contents, &data));
  bool good = true;
  while (good && rest > 0) {
    const ssize_t written = ::write(file, data, rest);
    good = written > 0;
    if (good) {
      data += written;
      rest -= static_cast<std::size_t>(written);
    }
  }
  good = good && ::fsync(file) == 0;
  good = ::close(file) == 0 && good && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!good) {
    ::unlink(temporary.c_str());
    return false;
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  good = ::fsync(directory) == 0;
  ::close(directory);
  return good;
}

/// Refuses encrypted keys instead of asking for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

TransportResult<std::vector<CertificateHandle>> read_certificates(const std::filesystem::path& file) {
  const BioHandle bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) return err(TransportError::file_failed);
  std::vector<CertificateHandle> out;
  while (CertificateHandle next{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)}) {
    if (out.size() == kMaxChainLength) return err(TransportError::bad_certificate);
    out.push_back(std::move(next));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (out.empty() || !at_end) return err(TransportError::bad_certificate);
  return out;
}

}  // namespace

struct ServerCertificate::Parts {
  KeyHandle key;
  std::vector<CertificateHandle> chain;  ///< the leaf first
  SpkiPin pin{};
};

std::optional<SpkiPin> pin_of(const X509* certificate) {
  unsigned char* encoded = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
  if (length <= 0) return std::nullopt;
  const std::unique_ptr<unsigned char, decltype([](unsigned char* p) { OPENSSL_free(p); })> owner(encoded);
  SpkiPin pin{};
  if (EVP_Digest(encoded, static_cast<std::size_t>(length), pin.data(), nullptr, EVP_sha256(), nullptr) !=
      1) {
    return std::nullopt;
  }
  return pin;
}

TransportResult<ServerCertificate> ServerCertificate::self_signed(const std::vector<std::string>& names,
                                                                  UnixMs now, DurationMs lifetime) {
  const auto alternative = alternative_names(names);
  if (names.empty() || !alternative) return err(TransportError::bad_certificate);
  auto parts = std::make_shared<Parts>();
  parts->key.reset(EVP_EC_gen("P-256"));
  if (!parts->key) return err(TransportError::library_failure);
  CertificateHandle leaf = make_self_signed(parts->key.get(), names, *alternative, now, lifetime);
  const auto pin = leaf ? pin_of(leaf.get()) : std::nullopt;
  if (!pin) return err(TransportError::library_failure);
  parts->pin = *pin;
  parts->chain.push_back(std::move(leaf));
  return ServerCertificate(std::move(parts));
}

TransportResult<ServerCertificate> ServerCertificate::load(const std::filesystem::path& certificate_file,
                                                           const std::filesystem::path& key_file) {
  auto parts = std::make_shared<Parts>();
  SOTTO_TRY(parts->chain, read_certificates(certificate_file));
  const BioHandle bio(BIO_new_file(key_file.c_str(), "r"));
  if (!bio) return err(TransportError::file_failed);
  parts->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!parts->key || X509_check_private_key(parts->chain.front().get(), parts->key.get()) != 1) {
    ERR_clear_error();
    return err(TransportError::bad_certificate);
  }
  const auto pin = pin_of(parts->chain.front().get());
  if (!pin) return err(TransportError::library_failure);
  parts->pin = *pin;
  return ServerCertificate(std::move(parts));
}

TransportResult<void> ServerCertificate::save(const std::filesystem::path& certificate_file,
                                              const std::filesystem::path& key_file) const {
  const BioHandle key(BIO_new(BIO_s_secmem()));  // wiped when freed
  const BioHandle certificates(BIO_new(BIO_s_mem()));
  if (!key || !certificates ||
      PEM_write_bio_PrivateKey(key.get(), parts_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return err(TransportError::library_failure);
  }
  for (const CertificateHandle& certificate : parts_->chain) {
    if (PEM_write_bio_X509(certificates.get(), certificate.get()) != 1) {
      return err(TransportError::library_failure);
    }
  }
  if (!write_atomically(key_file, key.get()) || !write_atomically(certificate_file, certificates.get())) {
    return err(TransportError::file_failed);
  }
  return {};
}

SpkiPin ServerCertificate::pin() const { return parts_->pin; }

UnixMs ServerCertificate::not_after() const {
  tm broken_down{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(parts_->chain.front().get()), &broken_down) != 1) return {0};
  return {static_cast<std::uint64_t>(std::max<time_t>(timegm(&broken_down), 0)) * 1000};
}

bool ServerCertificate::install(ssl_ctx_st* context) const {
  STACK_OF(X509)* intermediates = sk_X509_new_null();
  bool good = intermediates != nullptr;
  for (std::size_t i = 1; good && i < parts_->chain.size(); ++i) {
    good = sk_X509_push(intermediates, parts_->chain[i].get()) > 0;
  }
  good = good && SSL_CTX_use_cert_and_key(context, parts_->chain.front().get(), parts_->key.get(),
                                          intermediates, 1) == 1;
  sk_X509_free(intermediates);
  return good;
}

TransportResult<SpkiPin> pin_of_file(const std::filesystem::path& certificate_file) {
  SOTTO_TRY(const std::vector<CertificateHandle> certificates, read_certificates(certificate_file));
  const auto pin = pin_of(certificates.front().get());
  if (!pin) return err(TransportError::bad_certificate);
  return *pin;
}

}  // namespace sotto::transport
