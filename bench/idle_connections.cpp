// Goals P5 and P5b (connect part): what an idle stream over post-quantum TLS costs the server, and what
// opening and echoing cost it. The clients run in a process of their own.
//
//   idle_connections [streams] [echo rounds]     default 2000 streams, 20 rounds of 1 KiB messages
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "result/check.h"
#include "transport/client_connection.h"
#include "transport/listener.h"

namespace {

using namespace sotto;
using namespace sotto::transport;

constexpr std::size_t kOpeningAtOnce = 64;
constexpr std::size_t kMessageOctets = 1024;
/// Streams per 127.0.0.x address: fewer than the kernel's range of local ports.
constexpr std::size_t kStreamsPerAddress = 20'000;

double cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

double resident_octets() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double heap_octets() { return static_cast<double>(::mallinfo2().uordblks); }

/// Opens all streams, then echoes in rounds whenever the server sends the first message.
class Clients final {
 public:
  Clients(std::size_t streams, std::uint16_t port, SpkiPin pin)
      : trust_(TlsClientContext::create(PinnedKeys{{pin}}).value()), port_(port), streams_(streams) {}

  void run() {
    for (std::size_t i = 0; i < std::min(kOpeningAtOnce, streams_); ++i) open_next();
    loop_.run();
  }

 private:
  struct Peer final : ClientConnectionHandler {
    explicit Peer(Clients& clients) : all(clients) {}
    void on_open(const ClientConnectionInfo&) override { all.open_next(); }
    void on_message(ByteView message) override { connection->send(message); }
    void on_close(const ConnectionEnd& end) override {
      if (end.reason != TransportError::closed_by_peer)
        fmt::print(stderr, "client: {}\n", describe(end.reason));
    }
    Clients& all;
    std::unique_ptr<ClientConnection> connection;
  };
  void open_next() {
    if (peers_.size() == streams_) return;
    ClientOptions options;
    options.endpoint = TcpEndpoint{fmt::format("127.0.0.{}", 1 + peers_.size() / kStreamsPerAddress), port_};
    options.connect_timeout = hours(1);
    options.ping_interval = hours(1);
    peers_.push_back(std::make_unique<Peer>(*this));
    peers_.back()->connection = ClientConnection::open(loop_, options, trust_, *peers_.back());
  }

  boost::asio::io_context loop_{1};
  TlsClientContext trust_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::uint16_t port_;
  std::size_t streams_;
};

class Server final : public ConnectionHandler {
 public:
  void on_open(const ConnectionInfo& info) override { ids.push_back(info.id); }
  void on_message(ConnectionId id, ByteView message) override {
    ++received;
    if (received + ids.size() <= wanted) listener->send(id, message);
  }
  void on_close(ConnectionId, TransportError) override { ++closed; }

  std::vector<ConnectionId> ids;
  std::size_t received = 0;
  std::size_t wanted = 0;
  std::size_t closed = 0;
  Listener* listener = nullptr;
};

void measure(std::size_t streams, std::size_t rounds, Listener& listener, Server& server,
             boost::asio::io_context& loop) {
  const double memory = resident_octets();
  const double heap = heap_octets();
  const double opening = cpu_us();
  while (server.ids.size() < streams && server.closed == 0) loop.run_one();
  const auto n = static_cast<double>(streams);
  fmt::print("{} idle streams: {:.0f} octets resident, {:.0f} on the heap each; {:.0f} us CPU to open\n",
             streams, (resident_octets() - memory) / n, (heap_octets() - heap) / n, (cpu_us() - opening) / n);
  server.wanted = streams * rounds;
  const double echoing = cpu_us();
  const Bytes message(kMessageOctets, 0x5a);
  for (const ConnectionId id : server.ids) listener.send(id, message);
  while (server.received < server.wanted && server.closed == 0) loop.run_one();
  fmt::print("{} messages of 1 KiB, one in flight per stream: {:.1f} us CPU each\n", server.received,
             (cpu_us() - echoing) / static_cast<double>(server.received));
  fmt::print("afterwards: {:.0f} octets resident, {:.0f} on the heap each\n",
             (resident_octets() - memory) / n, (heap_octets() - heap) / n);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t streams = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2000;
  const std::size_t rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 20;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  const auto certificate =
      ServerCertificate::self_signed({"localhost"}, SystemClock().now(), days(1)).value();
  int port_pipe[2];
  SOTTO_CHECK(::pipe(port_pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(port_pipe[1]);
    std::uint16_t port = 0;
    if (::read(port_pipe[0], &port, sizeof(port)) != sizeof(port)) return 1;
    Clients(streams, port, certificate.pin()).run();
    return 0;
  }
  boost::asio::io_context loop{1};
  Server server;
  ListenerOptions options;
  options.endpoint = TcpEndpoint{"0.0.0.0", 0};
  options.ping_interval = hours(1);
  options.handshake_timeout = hours(1);
  auto listener = Listener::start(loop, options, TlsServerContext::create(certificate).value(), {}, &server);
  SOTTO_CHECK(listener.has_value());
  server.listener = listener->get();
  const std::uint16_t port = (*listener)->port();
  SOTTO_CHECK(::write(port_pipe[1], &port, sizeof(port)) == sizeof(port));
  measure(streams, rounds, **listener, server, loop);
  (*listener)->stop(seconds(30), [] {});
  loop.run();
  ::waitpid(child, nullptr, 0);
  return server.closed == streams ? 0 : 1;
}
