#include "transport/records.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>

#include "transport/openssl_handles.h"
#include "transport/tls_peer.h"

namespace sotto::transport {
namespace {

constexpr std::string_view kExporterLabel = "EXPORTER-sotto-v1";

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_socket(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL: a peer that went away would kill the process.
int bio_write(BIO* bio, const char* data, std::size_t length, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(bio_socket(bio), data, length, MSG_NOSIGNAL);
  if (sent < 0 && would_block()) BIO_set_retry_write(bio);
  *written = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  return sent > 0 ? 1 : -1;  // OpenSSL takes 0 from a write for success
}

int bio_read(BIO* bio, char* data, std::size_t length, std::size_t* received) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(bio_socket(bio), data, length, 0);
  if (got < 0 && would_block()) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  *received = got > 0 ? static_cast<std::size_t>(got) : 0;
  return got > 0 ? 1 : static_cast<int>(got);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sotto socket");
    if (made != nullptr) {
      BIO_meth_set_write_ex(made, bio_write);
      BIO_meth_set_read_ex(made, bio_read);
      BIO_meth_set_ctrl(made, bio_control);
    }
    return made;
  }();
  return method;
}

class PlainRecords final : public Records {
 public:
  explicit PlainRecords(int socket) : socket_(socket) {}

  IoResult handshake() override { return {IoStatus::done}; }
  IoResult read(MutableByteView buffer) override {
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got > 0) return {IoStatus::done, static_cast<std::size_t>(got)};
    if (got == 0) return {IoStatus::closed};
    return {would_block() ? IoStatus::want_read : IoStatus::lost};
  }
  IoResult write(ByteView data) override {
    const ssize_t sent = ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent > 0) return {IoStatus::done, static_cast<std::size_t>(sent)};
    return {would_block() ? IoStatus::want_write : IoStatus::lost};
  }
  [[nodiscard]] bool pending() const override { return false; }
  void shutdown() override {}
  [[nodiscard]] TransportResult<RecordsInfo> info() const override { return RecordsInfo{}; }
  [[nodiscard]] std::optional<SpkiPin> peer_pin() const override { return {}; }
  [[nodiscard]] RecordsFailure failure() const override { return {TransportError::connection_lost, {}}; }

 private:
  int socket_;
};

class TlsRecords final : public Records {
 public:
  TlsRecords(SslHandle ssl, std::shared_ptr<SSL_CTX> context)
      : context_(std::move(context)), ssl_(std::move(ssl)) {
    SSL_set_app_data(ssl_.get(), &peer_);
  }

  IoResult handshake() override {
    ERR_clear_error();
    const int outcome = SSL_do_handshake(ssl_.get());
    return outcome == 1 ? IoResult{IoStatus::done} : explain(outcome);
  }
  IoResult read(MutableByteView buffer) override {
    ERR_clear_error();
    std::size_t octets = 0;
    const int outcome = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &octets);
    return outcome == 1 ? IoResult{IoStatus::done, octets} : explain(outcome);
  }
  IoResult write(ByteView data) override {
    ERR_clear_error();
    std::size_t octets = 0;
    const int outcome = SSL_write_ex(ssl_.get(), data.data(), data.size(), &octets);
    return outcome == 1 ? IoResult{IoStatus::done, octets} : explain(outcome);
  }
  [[nodiscard]] bool pending() const override { return SSL_has_pending(ssl_.get()) == 1; }
  void shutdown() override {
    if (failed_ || SSL_is_init_finished(ssl_.get()) == 0) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  [[nodiscard]] TransportResult<RecordsInfo> info() const override {
    RecordsInfo info;
    if (SSL_export_keying_material(ssl_.get(), info.exporter.data(), info.exporter.size(),
                                   kExporterLabel.data(), kExporterLabel.size(), nullptr, 0, 0) != 1) {
      return err(TransportError::library_failure);
    }
    const char* group = SSL_get0_group_name(ssl_.get());
    info.tls_group = group != nullptr ? group : "";
    info.peer_pin = peer_.pin;
    return info;
  }
  [[nodiscard]] std::optional<SpkiPin> peer_pin() const override { return peer_.pin; }
  [[nodiscard]] RecordsFailure failure() const override;

 private:
  IoResult explain(int outcome);

  std::shared_ptr<SSL_CTX> context_;
  SslHandle ssl_;
  TlsPeer peer_;
  unsigned long error_ = 0;
  bool failed_ = false;
};

IoResult TlsRecords::explain(int outcome) {
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ: return {IoStatus::want_read};
    case SSL_ERROR_WANT_WRITE: return {IoStatus::want_write};
    case SSL_ERROR_ZERO_RETURN: return {IoStatus::closed};
    case SSL_ERROR_SYSCALL: failed_ = true; return {IoStatus::lost};
    default: break;
  }
  failed_ = true;
  error_ = ERR_peek_error();
  ERR_clear_error();
  return {ERR_GET_REASON(error_) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? IoStatus::lost : IoStatus::failed};
}

RecordsFailure TlsRecords::failure() const {
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict == X509_V_ERR_APPLICATION_VERIFICATION) {
    return {TransportError::certificate_mismatch, "the server's key is not a pinned one"};
  }
  if (verdict != X509_V_OK) {
    return {TransportError::certificate_untrusted, X509_verify_cert_error_string(verdict)};
  }
  const char* text = ERR_reason_error_string(error_);
  return {TransportError::tls_failed, text != nullptr ? text : "TLS failed"};
}

SslHandle new_ssl(int socket, SSL_CTX* context) {
  SslHandle ssl(SSL_new(context));
  BIO* bio = BIO_new(socket_method());
  if (!ssl || bio == nullptr) {
    BIO_free(bio);
    return nullptr;
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  return ssl;
}

/// Names go into SNI and the host name check; IP addresses only into the check (RFC 6066 3).
bool set_server_name(SSL* ssl, const std::string& name) {
  unsigned char address[sizeof(in6_addr)];
  X509_VERIFY_PARAM* check = SSL_get0_param(ssl);
  if (inet_pton(AF_INET, name.c_str(), address) == 1 || inet_pton(AF_INET6, name.c_str(), address) == 1) {
    return X509_VERIFY_PARAM_set1_ip_asc(check, name.c_str()) == 1;
  }
  X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 && SSL_set1_host(ssl, name.c_str()) == 1;
}

}  // namespace

std::unique_ptr<Records> plain_records(int socket) { return std::make_unique<PlainRecords>(socket); }

std::unique_ptr<Records> tls_server_records(int socket, const TlsServerContext& context) {
  SslHandle ssl = new_ssl(socket, context.native().get());
  if (!ssl) return nullptr;
  SSL_set_accept_state(ssl.get());
  return std::make_unique<TlsRecords>(std::move(ssl), context.native());
}

std::unique_ptr<Records> tls_client_records(int socket, const TlsClientContext& context,
                                            const std::string& server_name) {
  SslHandle ssl = new_ssl(socket, context.native().get());
  if (!ssl || !set_server_name(ssl.get(), server_name)) return nullptr;
  SSL_set_connect_state(ssl.get());
  return std::make_unique<TlsRecords>(std::move(ssl), context.native());
}

}  // namespace sotto::transport
