// For tests: the real sottod binary as a child process, and a client that is just a connection.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config.h"
#include "identity/authentication.h"
#include "identity/server_statement.h"
#include "identity/test_support.h"
#include "identity/wire_form.h"
#include "sotto/v1/stream.pb.h"
#include "transport/client_connection.h"
#include "wire/decode.h"

namespace sotto::sottod::testing {

/// A child process; killed when the test forgets it.
class Process {
 public:
  /// `max_file_octets`: what the process may write into one file, as a disk that is nearly full.
  explicit Process(const std::vector<std::string>& arguments, std::optional<rlim_t> max_file_octets = {}) {
    int out[2];
    int errors[2];
    if (::pipe(out) != 0 || ::pipe(errors) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) start(arguments, out[1], errors[1], max_file_octets);
    ::close(out[1]);
    ::close(errors[1]);
    out_ = out[0];
    errors_ = errors[0];
  }
  ~Process() {
    if (pid_ > 0) finish(SIGKILL);
    ::close(out_);
    ::close(errors_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// The next line of standard output; empty at its end.
  std::string line() { return read(out_, true); }
  std::string rest_of_output() { return read(out_, false); }
  std::string rest_of_errors() { return read(errors_, false); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Waits for the end; the exit status, or minus the signal.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  int finish(int signal) {
    ::kill(pid_, signal);
    return wait();
  }

 private:
  [[noreturn]] static void start(const std::vector<std::string>& arguments, int out, int errors,
                                 std::optional<rlim_t> max_file_octets) {
    ::dup2(out, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    if (max_file_octets) {
      const rlimit limit{*max_file_octets, RLIM_INFINITY};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      ::signal(SIGXFSZ, SIG_IGN);  // a write fails with EFBIG instead
    }
    std::vector<char*> argv;
    std::string program = SOTTOD_PATH;
    argv.push_back(program.data());
    std::vector<std::string> copies = arguments;
    for (std::string& argument : copies) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(SOTTOD_PATH, argv.data());
    ::_exit(127);
  }
  static std::string read(int descriptor, bool one_line) {
    std::string text;
    char c = 0;
    while (::read(descriptor, &c, 1) == 1) {
      if (one_line && c == '\n') return text;
      text.push_back(c);
    }
    return text;
  }

  pid_t pid_ = -1;
  int out_ = -1;
  int errors_ = -1;
};

/// The whole response to a GET without TLS.
inline std::string http_get(std::uint16_t port, const std::string& path) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket(context);
  boost::system::error_code error;
  socket.connect({boost::asio::ip::address_v4::loopback(), port}, error);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  boost::asio::write(socket, boost::asio::buffer(request), error);
  std::string response;
  boost::asio::read(socket, boost::asio::dynamic_buffer(response), error);
  return response;
}

/// A device's connection that waits for each answer.
class RawClient : private transport::ClientConnectionHandler {
 public:
  RawClient(std::uint16_t port, const transport::SpkiPin& pin) {
    transport::ClientOptions options;
    options.endpoint = transport::TcpEndpoint{"127.0.0.1", port};
    auto tls = transport::TlsClientContext::create(transport::PinnedKeys{{pin}});
    connection_ = transport::ClientConnection::open(context_, options, *tls, *this);
    run_until([&] { return exporter_.has_value() || closed_; });
  }

  [[nodiscard]] bool closed() const { return closed_; }
  /// Sends without waiting; the request's id.
  std::uint64_t post(v1::ClientFrame frame) {
    frame.set_request_id(++last_request_);
    connection_->send(wire::encode(frame));
    return last_request_;
  }
  /// The answer, or nothing if the connection ends first.
  std::optional<v1::ServerFrame> wait_for(std::uint64_t request) {
    std::optional<v1::ServerFrame> found;
    run_until([&] {
      for (const auto& frame : frames_) {
        if (frame.request_id() == request) found = frame;
      }
      return found.has_value() || closed_;
    });
    return found;
  }
  v1::ServerFrame ask(const v1::ClientFrame& frame) {
    auto answer = wait_for(post(frame));
    EXPECT_TRUE(answer) << "the connection ended";
    return answer.value_or(v1::ServerFrame{});
  }
  template <typename Done>
  void run_until(const Done& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      context_.restart();
      context_.run_one_for(std::chrono::seconds(1));
    }
    EXPECT_TRUE(done()) << "nothing happened for a minute";
  }
  void wait_for_end() {
    run_until([&] { return closed_; });
  }

  v1::Welcome hello() {
    v1::ClientFrame frame;
    frame.mutable_hello()->set_protocol_version(1);
    frame.mutable_hello()->set_client_nonce(std::string(32, 'n'));
    return ask(frame).welcome();
  }
  static v1::ClientFrame registration(const identity::testing::TestAccount& account,
                                      const std::string& handle) {
    v1::ClientFrame frame;
    frame.mutable_register_()->set_account(wire::field(account.account.id.view()));
    frame.mutable_register_()->set_handle(handle);
    identity::to_wire(account.manifest.signed_manifest(), *frame.mutable_register_()->mutable_manifest());
    return frame;
  }
  v1::ServerFrame register_account(const identity::testing::TestAccount& account, const std::string& handle) {
    return ask(registration(account, handle));
  }
  v1::ServerFrame authenticate(const identity::testing::TestAccount& account, const v1::Welcome& welcome) {
    crypto::SystemRandom random;
    const identity::AuthenticationContext proof{welcome.server_name(),
                                                {account.account.id, account.device.id},
                                                to_array<32>(wire::octets(welcome.server_nonce())),
                                                to_array<32>(Bytes(32, 'n')),
                                                *exporter_};
    v1::ClientFrame frame;
    frame.mutable_authenticate()->set_account(wire::field(account.account.id.view()));
    frame.mutable_authenticate()->set_device(wire::field(account.device.id.view()));
    const auto signature = identity::sign_authentication(proof, account.device.key, random);
    frame.mutable_authenticate()->set_signature(wire::field(signature));
    return ask(frame);
  }
  static v1::ClientFrame submission(const identity::testing::TestAccount& to, const std::string& payload) {
    v1::ClientFrame frame;
    auto& target = *frame.mutable_submit()->add_targets();
    target.set_account(wire::field(to.account.id.view()));
    target.set_manifest_version(1);
    target.add_devices()->set_device(wire::field(to.device.id.view()));
    target.mutable_devices(0)->add_envelopes(payload);
    return frame;
  }
  void acknowledge(std::uint64_t sequence) {
    v1::ClientFrame frame;
    frame.mutable_acknowledge()->set_sequence(sequence);
    post(frame);
  }
  [[nodiscard]] std::vector<v1::Envelope> delivered() const {
    std::vector<v1::Envelope> out;
    for (const auto& frame : frames_) {
      for (const auto& envelope : frame.deliver().envelopes()) out.push_back(envelope);
    }
    return out;
  }
  [[nodiscard]] const std::vector<v1::ServerFrame>& frames() const { return frames_; }

 private:
  void on_open(const transport::ClientConnectionInfo& info) override { exporter_ = info.exporter; }
  void on_message(ByteView message) override {
    v1::ServerFrame frame;
    EXPECT_TRUE(wire::decode(message, std::size_t{4} << 20, frame));
    frames_.push_back(std::move(frame));
  }
  void on_close(const transport::ConnectionEnd&) override { closed_ = true; }

  boost::asio::io_context context_;
  std::unique_ptr<transport::ClientConnection> connection_;
  std::optional<transport::Exporter> exporter_;
  std::vector<v1::ServerFrame> frames_;
  std::uint64_t last_request_ = 0;
  bool closed_ = false;
};

}  // namespace sotto::sottod::testing
