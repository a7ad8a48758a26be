// A peer that speaks octets, for tests of what honest peers do not do.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "transport/socket.h"

namespace sotto::transport::testing {

class RawPeer {
 public:
  RawPeer() = default;
  /// Connects to a port of 127.0.0.1; the kernel completes it without the listener's loop.
  explicit RawPeer(std::uint16_t port) {
    auto [socket, start] = start_connect(*literal_address("127.0.0.1", port));
    EXPECT_NE(start, ConnectStart::failed);
    socket_ = std::move(socket);
  }
  explicit RawPeer(FileDescriptor socket) : socket_(std::move(socket)) {}

  void send(std::string_view octets) {
    const ssize_t sent = ::send(socket_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    EXPECT_EQ(sent, static_cast<ssize_t>(octets.size()));
  }
  /// As much as the kernel takes; false when it takes nothing.
  bool try_send(std::string_view octets) {
    return ::send(socket_.get(), octets.data(), octets.size(), MSG_NOSIGNAL) > 0;
  }
  /// Takes what has arrived.
  void poll() {
    char buffer[4096];
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
      if (got > 0) received.append(buffer, static_cast<std::size_t>(got));
      if (got == 0 || (got < 0 && errno != EAGAIN)) gone = true;
      if (got <= 0) return;
    }
  }
  bool is_gone() {
    poll();
    return gone;
  }
  bool has(std::string_view text) {
    poll();
    return received.find(text) != std::string::npos;
  }
  void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_ = FileDescriptor(); }
  /// Breaks the connection instead of closing it.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
    close();
  }

  std::string received;
  bool gone = false;

 private:
  FileDescriptor socket_;
};

}  // namespace sotto::transport::testing
