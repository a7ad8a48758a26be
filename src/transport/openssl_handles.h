// Owners for the OpenSSL objects this module uses. Internal to the module.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>

#include "transport/certificate.h"

namespace sotto::transport {

template <auto Free>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioHandle = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using CertificateHandle = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>>;
using SslHandle = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;

/// The certificate's pin, or nullopt when OpenSSL cannot encode its key.
std::optional<SpkiPin> pin_of(const X509* certificate);

}  // namespace sotto::transport
