// One socket with its record layer on an event loop: the waits that servers and clients share. Internal to
// the module; the only header of it that includes asio.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>

#include "transport/records.h"
#include "transport/socket.h"

namespace sotto::transport {

// Concrete executor types: a type-erased executor costs an allocation and virtual calls per operation.
using Executor = boost::asio::io_context::executor_type;
template <typename T>
using Awaitable = boost::asio::awaitable<T, Executor>;
using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
using Timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
/// Completion token: co_await gives std::tuple<error_code, ...> and never throws.
inline constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<Executor>> kAwait{};

class Link {
 public:
  Link(const Executor& executor, FileDescriptor socket);

  [[nodiscard]] int socket() { return descriptor.native_handle(); }
  /// Waits for what `want` says. False when aborted or when `want` is neither want_read nor want_write.
  Awaitable<bool> ready(IoStatus want);
  /// Status done, closed, lost (also when aborted) or failed.
  Awaitable<IoStatus> handshake();
  /// Writes everything; the octets must outlive the call. Status as handshake().
  Awaitable<IoStatus> write_all(ByteView data);
  /// Tells the peer that nothing more comes and discards what it still sends until it closes too: closing at
  /// once would make the kernel reset the connection, which can overtake our last octets.
  Awaitable<void> linger();
  /// Wakes every wait. Stops ready() and all that use it, now and from now on.
  void abort();
  [[nodiscard]] bool aborted() const { return aborted_; }

  Descriptor descriptor;
  std::unique_ptr<Records> records;

 private:
  bool aborted_ = false;
};

}  // namespace sotto::transport
