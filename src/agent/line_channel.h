// A peer whose texts are lines: on the agent's unix socket, or on standard input and output.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "agent/agent.h"
#include "result/result.h"

namespace sotto::agent {

/// Who leaves so much unread is not there any more.
inline constexpr std::size_t kMaxUnwritten = std::size_t{16} << 20;
inline constexpr std::size_t kMaxSockets = 64;

class LineChannel final : public Peer, public std::enable_shared_from_this<LineChannel> {
 public:
  using Ended = std::function<void(const std::shared_ptr<LineChannel>&)>;

  /// Takes the descriptors over; both may be the same. `ended` is called once, when either side is over.
  static std::shared_ptr<LineChannel> start(boost::asio::io_context& loop, int input, int output,
                                            Agent& agent, Ended ended);
  ~LineChannel() override;

  void send(const std::string& text) override;
  [[nodiscard]] std::size_t unread() const override { return waiting_.size() + writing_.size() - written_; }
  /// Hangs up.
  void end();

 private:
  LineChannel(boost::asio::io_context& loop, int input, int output, Agent& agent, Ended ended);
  void read();
  void take_lines();
  void write();

  boost::asio::posix::stream_descriptor input_;
  boost::asio::posix::stream_descriptor output_;
  Agent& agent_;
  Ended ended_;
  SessionId session_;
  std::string line_;     ///< what came of it
  std::string waiting_;  ///< to be written next
  std::string writing_;
  std::size_t written_ = 0;
  std::array<char, 16384> chunk_{};
  bool over_ = false;
};

enum class SocketError : std::uint8_t {
  path_too_long,  ///< for a unix socket's address
  in_use,         ///< another agent listens there
  unusable,       ///< the folder cannot be written to
};
std::string_view describe(SocketError error);

/// The agent's unix socket, mode 0600. Gone with the object.
class LineListener {
 public:
  static Result<std::unique_ptr<LineListener>, SocketError> start(boost::asio::io_context& loop,
                                                                  const std::string& path, Agent& agent);
  ~LineListener();
  LineListener(const LineListener&) = delete;
  LineListener& operator=(const LineListener&) = delete;

 private:
  LineListener(boost::asio::io_context& loop, std::string path, Agent& agent);
  void accept();

  boost::asio::io_context& loop_;
  std::string path_;
  Agent& agent_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::set<std::shared_ptr<LineChannel>> channels_;
};

}  // namespace sotto::agent
