#include "transport/error.h"

namespace sotto::transport {

std::string_view describe(TransportError error) {
  switch (error) {
    case TransportError::file_failed: return "file_failed";
    case TransportError::bad_certificate: return "bad_certificate";
    case TransportError::library_failure: return "library_failure";
    case TransportError::address_unusable: return "address_unusable";
    case TransportError::dns_failed: return "dns_failed";
    case TransportError::unreachable: return "unreachable";
    case TransportError::timed_out: return "timed_out";
    case TransportError::tls_failed: return "tls_failed";
    case TransportError::certificate_mismatch: return "certificate_mismatch";
    case TransportError::certificate_untrusted: return "certificate_untrusted";
    case TransportError::not_post_quantum: return "not_post_quantum";
    case TransportError::bad_request: return "bad_request";
    case TransportError::upgrade_refused: return "upgrade_refused";
    case TransportError::protocol_error: return "protocol_error";
    case TransportError::unsupported_data: return "unsupported_data";
    case TransportError::too_large: return "too_large";
    case TransportError::slow_consumer: return "slow_consumer";
    case TransportError::closed_by_peer: return "closed_by_peer";
    case TransportError::closed_locally: return "closed_locally";
    case TransportError::shutting_down: return "shutting_down";
    case TransportError::connection_lost: return "connection_lost";
  }
  return "unknown";
}

}  // namespace sotto::transport
