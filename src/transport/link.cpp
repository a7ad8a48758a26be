#include "transport/link.h"

#include <cerrno>

namespace sotto::transport {
namespace {

using Wait = boost::asio::posix::descriptor_base;

/// More than any honest peer has in flight when it learns that the connection is over.
constexpr std::size_t kMaxDiscarded = 16 << 20;

/// Reads and drops what the socket holds. want_read: more may come.
IoStatus discard(int socket, std::size_t& discarded) {
  ByteArray<4096> sink;
  while (discarded < kMaxDiscarded) {
    const ssize_t got = ::recv(socket, sink.data(), sink.size(), 0);
    if (got > 0) {
      discarded += static_cast<std::size_t>(got);
    } else {
      return got < 0 && (errno == EAGAIN || errno == EINTR) ? IoStatus::want_read : IoStatus::closed;
    }
  }
  return IoStatus::closed;
}

}  // namespace

Link::Link(const Executor& executor, FileDescriptor socket) : descriptor(executor) {
  boost::system::error_code code;
  descriptor.assign(socket.get(), code);
  if (code) {
    aborted_ = true;  // the first wait fails; the descriptor is still ours to close
  } else {
    socket.release();
  }
}

Awaitable<bool> Link::ready(IoStatus want) {
  if (aborted_ || (want != IoStatus::want_read && want != IoStatus::want_write)) co_return false;
  const auto [code] = co_await descriptor.async_wait(
      want == IoStatus::want_read ? Wait::wait_read : Wait::wait_write, kAwait);
  co_return !code && !aborted_;
}

Awaitable<IoStatus> Link::handshake() {
  for (;;) {
    const IoStatus status = records->handshake().status;
    if (status != IoStatus::want_read && status != IoStatus::want_write) co_return status;
    if (!co_await ready(status)) co_return IoStatus::lost;
  }
}

Awaitable<IoStatus> Link::write_all(ByteView data) {
  while (!data.empty()) {
    const IoResult result = records->write(data);
    data = data.subspan(result.octets);
    if (result.status == IoStatus::done) continue;
    if (!co_await ready(result.status)) {
      co_return result.status == IoStatus::failed ? IoStatus::failed : IoStatus::lost;
    }
  }
  co_return IoStatus::done;
}

Awaitable<void> Link::linger() {
  records->shutdown();
  ::shutdown(socket(), SHUT_WR);
  std::size_t discarded = 0;
  while (discard(socket(), discarded) == IoStatus::want_read) {
    if (!co_await ready(IoStatus::want_read)) co_return;
  }
}

void Link::abort() {
  aborted_ = true;
  boost::system::error_code ignored;
  descriptor.cancel(ignored);
}

}  // namespace sotto::transport
