// From an open connection to an authenticated one: greeting, server identity, registration, authentication.
#pragma once

#include "client/core/work.h"
#include "identity/authentication.h"

namespace sotto::client {

/// What the transport knows about the connection it opened.
struct ConnectionInfo {
  identity::ChannelBinding channel{};         ///< TLS exporter; zeros without TLS
  std::optional<identity::SpkiHash> tls_key;  ///< absent without TLS
  std::string tls_group;                      ///< empty without TLS
};

void greet(Work& work, const ConnectionInfo& info);
void on_welcome(Work& work, const Request& request, const v1::Welcome& welcome);
void on_registered(Work& work, const Request& request, const v1::Registered& answer);
void on_authenticated(Work& work, const Request& request, const v1::Authenticated& answer);
/// As a device of the account. Precondition: greeted.
void send_authentication(Work& work);
/// Hello, Register or Authenticate failed.
void on_sign_in_refused(Work& work, const Request& request, const v1::Error& error);

/// Everything the server had for this device is stored: tells watchers, once a connection.
void note_drained(Work& work);

}  // namespace sotto::client
