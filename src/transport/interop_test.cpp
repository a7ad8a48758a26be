// Other people's clients against our listener: python3-websockets and curl, both over TLS.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <csignal>

#include "paths/paths.h"
#include "transport/link.h"
#include "transport/test_loop.h"

extern char** environ;

namespace sotto::transport {
namespace {

using testing::LoopbackTest;

constexpr int kSkipped = 77;
constexpr const char* kPython = "/usr/bin/python3";
constexpr const char* kCurl = "/usr/bin/curl";

class Interop : public LoopbackTest {
 protected:
  /// Runs a program beside the loop: its exit code, or kSkipped when there is no such program.
  int run(std::vector<std::string> command) {
    int pipe_ends[2];
    EXPECT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
    FileDescriptor reader(pipe_ends[0]);
    FileDescriptor writer(pipe_ends[1]);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, writer.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, writer.get(), 2);
    pid_t child = 0;
    const int spawned = ::posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    writer = FileDescriptor();
    if (spawned != 0) return kSkipped;
    Descriptor output(loop.get_executor(), reader.release());
    drain(output);
    EXPECT_TRUE(until([&] { return finished_; })) << "the program did not end";
    if (!finished_) ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int python(const std::string& test_case) {
    server.echo_through = listener.get();
    return run({kPython, paths::source_dir() + "/src/transport/interop_client.py",
                "wss://127.0.0.1:" + std::to_string(listener->port()) + "/v1/stream", test_case});
  }
  int curl(std::vector<std::string> options, const std::string& path) {
    std::vector<std::string> command = {kCurl, "--silent", "--show-error", "--insecure", "--max-time", "50"};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back("https://127.0.0.1:" + std::to_string(listener->port()) + path);
    return run(std::move(command));
  }
  std::string output_;

 private:
  void drain(Descriptor& from) {
    from.async_read_some(boost::asio::buffer(piece_),
                         [this, &from](boost::system::error_code code, std::size_t n) {
                           output_.append(piece_.data(), n);
                           if (code) {
                             finished_ = true;
                           } else {
                             drain(from);
                           }
                         });
  }
  std::array<char, 4096> piece_{};
  bool finished_ = false;
};

class WebSocketInterop : public Interop, public ::testing::WithParamInterface<const char*> {};

TEST_P(WebSocketInterop, PythonWebsocketsAgreesWithUs) {
  ListenerOptions options;
  options.require_post_quantum = std::string_view(GetParam()) == "refused";
  listen(options);
  const int code = python(GetParam());
  if (code == kSkipped) GTEST_SKIP() << "python3-websockets is not installed";
  EXPECT_EQ(code, 0) << output_;
}

INSTANTIATE_TEST_SUITE_P(Cases, WebSocketInterop,
                         ::testing::Values("echo", "many", "fragments", "ping", "text", "oversize",
                                           "refused"),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(Interop, TheStreamIsRefusedOverAClassicalGroupAndCounted) {
  listen();
  if (python("refused") == kSkipped) GTEST_SKIP() << "python3-websockets is not installed";
  EXPECT_EQ(ended(TransportError::not_post_quantum), 1U) << output_;
  EXPECT_TRUE(server.opened.empty());
}

TEST_F(Interop, CurlReadsHealthz) {
  listen();
  const int code = curl({}, "/healthz");
  if (code == kSkipped) GTEST_SKIP() << "curl is not installed";
  EXPECT_EQ(code, 0) << output_;
  EXPECT_EQ(output_, "ok\n");
}

TEST_F(Interop, CurlUploadsABody) {
  listen();
  const int code = curl({"--http1.1", "--data-binary", std::string(100'000, 'b')}, "/echo");
  if (code == kSkipped) GTEST_SKIP() << "curl is not installed";
  EXPECT_EQ(output_, std::string(100'000, 'b'));
}

TEST_F(Interop, CurlCannotUseOlderTls) {
  listen();
  const int code = curl({"--tls-max", "1.2"}, "/healthz");
  if (code == kSkipped) GTEST_SKIP() << "curl is not installed";
  EXPECT_EQ(code, 35) << "CURLE_SSL_CONNECT_ERROR: " << output_;
}

TEST_F(Interop, CurlCannotConnectWhenClassicalGroupsAreOff) {
  listen({}, /*tls=*/true, {.allow_classical_groups = false});
  const int code = curl({"--curves", "X25519"}, "/healthz");
  if (code == kSkipped) GTEST_SKIP() << "curl is not installed";
  EXPECT_EQ(code, 35) << output_;
}

}  // namespace
}  // namespace sotto::transport
