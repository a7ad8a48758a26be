#include "http_get.h"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

namespace sotto::audit_cli {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxHeader = 16 * 1024;

struct Url {
  std::string host;
  std::string port;
  std::string path;
};

Outcome<Url> parse_url(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  Url out{.host = {}, .port = "80", .path = "/"};
  if (!url.starts_with(kScheme)) return err(Failure{ExitCode::usage, url + " does not begin with http://"});
  std::string authority = url.substr(kScheme.size());
  if (const auto slash = authority.find('/'); slash != std::string::npos) {
    out.path = authority.substr(slash);
    authority.resize(slash);
  }
  const auto colon = authority.rfind(':');
  if (colon != std::string::npos && authority.find(']', colon) == std::string::npos) {
    out.port = authority.substr(colon + 1);
    authority.resize(colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  out.host = authority;
  const bool printable = out.path.find_first_of(" \r\n") == std::string::npos;
  if (out.host.empty() || out.port.empty() || !printable)
    return err(Failure{ExitCode::usage, url + " is no address"});
  return out;
}

/// The exchange; its result stands in `answer` when the context has nothing left to do.
class Exchange {
 public:
  Exchange(asio::io_context& context, const Url& url, std::size_t max_octets)
      : resolver_(context), socket_(context), max_octets_(max_octets) {
    const bool v6 = url.host.find(':') != std::string::npos;
    request_ = fmt::format("GET {} HTTP/1.1\r\nHost: {}{}{}\r\nConnection: close\r\n\r\n", url.path,
                           v6 ? "[" : "", url.host, v6 ? "]" : "");
    resolver_.async_resolve(url.host, url.port, [this](boost::system::error_code error, const auto& results) {
      if (!note(error)) connect(results);
    });
  }

  std::string answer;
  std::string failure;

 private:
  bool note(boost::system::error_code error) {
    if (error) failure = error.message();
    return error.failed();
  }
  void connect(const asio::ip::tcp::resolver::results_type& results) {
    asio::async_connect(socket_, results, [this](boost::system::error_code error, const auto&) {
      if (note(error)) return;
      asio::async_write(socket_, asio::buffer(request_),
                        [this](boost::system::error_code unsent, std::size_t) {
                          if (!note(unsent)) read();
                        });
    });
  }
  void read() {
    asio::async_read(socket_, asio::dynamic_buffer(answer, max_octets_),
                     [this](boost::system::error_code error, std::size_t) {
                       if (error != asio::error::eof) note(error);
                     });
  }

  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  std::string request_;
  std::size_t max_octets_;
};

}  // namespace

Outcome<Bytes> http_get(const std::string& url, std::size_t max_octets, DurationMs patience) {
  SOTTO_TRY(const Url parsed, parse_url(url));
  asio::io_context context(1);
  Exchange exchange(context, parsed, max_octets + kMaxHeader);
  context.run_for(std::chrono::milliseconds(patience.value));
  if (!context.stopped()) exchange.failure = "no answer in time";
  const auto failed = [&url](const std::string& why) {
    return err(Failure{ExitCode::unreachable, "cannot get " + url + ": " + why});
  };
  if (!exchange.failure.empty()) return failed(exchange.failure);
  const std::string_view answer = exchange.answer;
  const auto body = answer.find("\r\n\r\n");
  const bool good = answer.starts_with("HTTP/1.1 200 ") || answer.starts_with("HTTP/1.0 200 ");
  if (body == std::string_view::npos || !good)
    return failed(std::string(answer.substr(0, answer.find("\r\n"))));
  if (answer.size() - body - 4 > max_octets) return failed("more than such an answer can be");
  return to_bytes(as_bytes(answer.substr(body + 4)));
}

}  // namespace sotto::audit_cli
