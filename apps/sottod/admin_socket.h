// The unix socket through which `sottod admin` talks to the running server: one line of JSON in, one line of
// JSON out, then it closes. Only the user that runs sottod may open it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "failure.h"

namespace sotto::sottod {

using AdminReply = std::function<void(nlohmann::json)>;
/// Answers one request by calling the reply once, now or later.
using AdminHandler = std::function<void(const nlohmann::json& request, AdminReply reply)>;

class AdminSocket {
 public:
  /// Replaces a socket file that nobody listens on.
  static Outcome<std::unique_ptr<AdminSocket>> listen(boost::asio::io_context& context,
                                                      const std::filesystem::path& path,
                                                      AdminHandler handler);
  /// Removes the socket file.
  ~AdminSocket();
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

 private:
  using Protocol = boost::asio::local::stream_protocol;
  AdminSocket(boost::asio::io_context& context, std::filesystem::path path, AdminHandler handler)
      : acceptor_(context), pause_(context), path_(std::move(path)), handler_(std::move(handler)) {}
  void accept();

  Protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;  ///< after an accept that failed, for want of descriptors
  std::filesystem::path path_;
  AdminHandler handler_;
};

/// Asks the server that listens on `path`.
Outcome<nlohmann::json> ask_server(const std::filesystem::path& path, const nlohmann::json& request);

}  // namespace sotto::sottod
