#include "agent/line_channel.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace sotto::agent {
namespace {

/// Without descriptors or memory nobody can be let in.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

std::string_view describe(SocketError error) {
  switch (error) {
    case SocketError::path_too_long:
      return "the path is too long for a socket; give a shorter one with --socket";
    case SocketError::in_use: return "another agent listens on this socket; use that one, or end it first";
    case SocketError::unusable: return "no socket can be made there; give another path with --socket";
  }
  return "unknown error";
}

std::shared_ptr<LineChannel> LineChannel::start(boost::asio::io_context& loop, int input, int output,
                                                Agent& agent, Ended ended) {
  std::shared_ptr<LineChannel> channel(new LineChannel(loop, input, output, agent, std::move(ended)));
  channel->read();
  return channel;
}

LineChannel::LineChannel(boost::asio::io_context& loop, int input, int output, Agent& agent, Ended ended)
    : input_(loop, input),
      output_(loop, output == input ? ::dup(output) : output),
      agent_(agent),
      ended_(std::move(ended)),
      session_(agent.open(*this)) {
  boost::system::error_code ignored;
  input_.non_blocking(true, ignored);
  output_.non_blocking(true, ignored);
}

LineChannel::~LineChannel() {
  if (!over_) agent_.close(session_);
}

void LineChannel::read() {
  input_.async_read_some(
      boost::asio::buffer(chunk_),
      [self = shared_from_this()](const boost::system::error_code& failure, std::size_t got) {
        if (failure) return self->end();
        self->line_.append(self->chunk_.data(), got);
        self->take_lines();
        if (!self->over_) self->read();
      });
}

void LineChannel::take_lines() {
  for (std::size_t at = line_.find('\n'); at != std::string::npos && !over_; at = line_.find('\n')) {
    const std::string text = line_.substr(0, at);
    line_.erase(0, at + 1);
    if (text.find_first_not_of(" \t\r") != std::string::npos) agent_.take(session_, text);
  }
  if (line_.size() <= kMaxRequestOctets || over_) return;
  // What follows cannot be told from the rest of it.
  agent_.take(session_, line_);
  end();
}

void LineChannel::send(const std::string& text) {
  if (over_) return;
  if (unread() + text.size() > kMaxUnwritten) return end();
  waiting_ += text;
  waiting_ += '\n';
  if (writing_.empty()) write();
}

void LineChannel::write() {
  if (written_ == writing_.size()) {
    writing_ = std::exchange(waiting_, {});
    written_ = 0;
    if (writing_.empty()) return agent_.resume(session_);
  }
  output_.async_write_some(
      boost::asio::buffer(writing_.data() + written_, writing_.size() - written_),
      [self = shared_from_this()](const boost::system::error_code& failure, std::size_t put) {
        if (failure) return self->end();
        self->written_ += put;
        self->write();
      });
}

void LineChannel::end() {
  if (std::exchange(over_, true)) return;
  agent_.close(session_);
  boost::system::error_code ignored;
  input_.cancel(ignored);
  output_.cancel(ignored);
  // What was said last, as far as it can be taken at once.
  if (written_ < writing_.size()) {
    [[maybe_unused]] const ssize_t last =
        ::write(output_.native_handle(), writing_.data() + written_, writing_.size() - written_);
  }
  if (!waiting_.empty()) {
    [[maybe_unused]] const ssize_t last = ::write(output_.native_handle(), waiting_.data(), waiting_.size());
  }
  input_.close(ignored);
  output_.close(ignored);
  ended_(shared_from_this());
}

LineListener::LineListener(boost::asio::io_context& loop, std::string path, Agent& agent)
    : loop_(loop), path_(std::move(path)), agent_(agent), acceptor_(loop), pause_(loop) {}

Result<std::unique_ptr<LineListener>, SocketError> LineListener::start(boost::asio::io_context& loop,
                                                                       const std::string& path,
                                                                       Agent& agent) {
  using boost::asio::local::stream_protocol;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) return err(SocketError::path_too_long);
  const stream_protocol::endpoint endpoint(path);
  boost::system::error_code failure;
  stream_protocol::socket probe(loop);
  probe.connect(endpoint, failure);
  if (!failure) return err(SocketError::in_use);
  struct stat before{};
  if (::lstat(path.c_str(), &before) == 0 && S_ISSOCK(before.st_mode)) ::unlink(path.c_str());
  std::unique_ptr<LineListener> listener(new LineListener(loop, path, agent));
  const mode_t mask = ::umask(0177);
  listener->acceptor_.open(endpoint.protocol(), failure);
  if (!failure) listener->acceptor_.bind(endpoint, failure);
  ::umask(mask);
  if (failure) {
    listener->path_.clear();
    return err(SocketError::unusable);
  }
  listener->acceptor_.listen(boost::asio::socket_base::max_listen_connections, failure);
  if (failure) return err(SocketError::unusable);
  listener->accept();
  return listener;
}

LineListener::~LineListener() {
  if (!path_.empty()) ::unlink(path_.c_str());
  while (!channels_.empty()) (*channels_.begin())->end();
}

void LineListener::accept() {
  acceptor_.async_accept(
      [this](const boost::system::error_code& failure, boost::asio::local::stream_protocol::socket socket) {
        if (failure == boost::asio::error::operation_aborted) return;
        if (failure) {
          pause_.expires_after(kAcceptPause);
          pause_.async_wait([this](const boost::system::error_code& ended) {
            if (!ended) accept();
          });
          return;
        }
        if (channels_.size() < kMaxSockets) {
          const int descriptor = socket.release();
          channels_.insert(LineChannel::start(
              loop_, descriptor, descriptor, agent_,
              [this](const std::shared_ptr<LineChannel>& channel) { channels_.erase(channel); }));
        }
        accept();
      });
}

}  // namespace sotto::agent
