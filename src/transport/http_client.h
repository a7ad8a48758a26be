// Plain HTTP requests to one server, one after the other over one connection that is made when it is needed
// and made anew when the server closed it in between. Not concerned with repeating what failed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "result/result.h"
#include "transport/endpoint.h"
#include "transport/error.h"
#include "transport/http.h"
#include "transport/tls.h"

namespace boost::asio {
class io_context;
}

namespace sotto::transport {

struct HttpClientOptions {
  Endpoint endpoint;
  std::string server_name;            ///< as ClientOptions has it
  DurationMs patience = seconds(20);  ///< without a connection or an octet in either direction
  std::size_t max_body_octets = std::size_t{8} << 20;
};

struct HttpFailure {
  TransportError reason;
  std::string detail;  ///< for a person or a log; may be empty
};

using HttpOutcome = Result<HttpAnswer, HttpFailure>;

class HttpClientCore;

/// Use from the io_context's thread only. Destroying it drops the connection and what is asked; nothing is
/// answered then.
class HttpClient {
 public:
  /// `tls` empty: plain, for tests. `context` must outlive the client.
  HttpClient(boost::asio::io_context& context, HttpClientOptions options,
             std::optional<TlsClientContext> tls);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Precondition: nothing is being asked. `done` is called from the loop, never from inside; it may ask
  /// again.
  void ask(HttpAsk request, std::function<void(HttpOutcome)> done);
  [[nodiscard]] bool busy() const;

 private:
  std::shared_ptr<HttpClientCore> core_;
};

}  // namespace sotto::transport
