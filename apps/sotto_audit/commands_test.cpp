// The commands over real TLS and real files, against a log that lies on demand.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fstream>
#include <future>
#include <thread>

#include "audit/test_world.h"
#include "bytes/hex.h"
#include "data_folder.h"
#include "follow.h"
#include "http_get.h"
#include "paths/test_folder.h"
#include "publication.h"
#include "transport/listener.h"
#include "verify.h"

namespace sotto::audit_cli {
namespace {

using audit::testing::LogServer;
using audit::testing::TestKeys;
namespace fs = std::filesystem;

/// A log's server on a port of its own, in a thread of its own.
class RealServer final : private transport::ConnectionHandler {
 public:
  RealServer(const TestKeys& keys, crypto::RandomSource& random, UnixMs now)
      : certificate_(transport::ServerCertificate::self_signed({"localhost"}, now, days(30)).value()),
        log_(keys, random, {now.value - 60'000}, certificate_.pin()) {}
  ~RealServer() override { stop(); }

  void start() {
    transport::ListenerOptions options;
    options.endpoint = transport::TcpEndpoint{"127.0.0.1", 0};
    const auto not_found = [](const transport::HttpRequest&) {
      return transport::HttpResponse{.status = 404};
    };
    listener_ = transport::Listener::start(context_, std::move(options),
                                           transport::TlsServerContext::create(certificate_).value(),
                                           transport::at_once(not_found), this)
                    .value();
    port_ = listener_->port();
    thread_ = std::thread([this] { context_.run(); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    context_.stop();
    thread_.join();
    listener_.reset();
    context_.restart();
  }
  /// Changes the log in the server's thread.
  void with_log(const std::function<void(LogServer&)>& change) {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      change(log_);
      done.set_value();
    });
    done.get_future().wait();
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string pin() const { return to_hex(certificate_.pin()); }

 private:
  void on_open(const transport::ConnectionInfo&) override {}
  void on_message(transport::ConnectionId id, ByteView message) override {
    v1::ClientFrame frame;
    if (!wire::decode(message, wire::kMaxFrameBytes, frame)) return;
    listener_->send(id, wire::encode(log_.answer(frame)));
  }
  void on_close(transport::ConnectionId, transport::TransportError) override {}

  transport::ServerCertificate certificate_;
  LogServer log_;
  boost::asio::io_context context_{1};
  std::uint16_t port_ = 0;
  std::unique_ptr<transport::Listener> listener_;
  std::thread thread_;
};

class CommandsTest : public ::testing::Test {
 protected:
  CommandsTest() {
    server.start();
    server.with_log([](LogServer& log) { log.grow(11); });
  }

  FollowOptions options(const std::string& name = "data") {
    FollowOptions out;
    out.server = server.address();
    out.data_dir = root / name;
    out.once = true;
    out.wait_s = 30;
    return out;
  }
  ExitCode follow_once(const FollowOptions& with) {
    const auto end = follow(with, report);
    return end ? *end : end.error().code;
  }
  ExitCode follow_once() { return follow_once(options()); }
  ExitCode judge(const std::string& log = {}) {
    const auto end = verify({.file = root / "data" / "evidence", .log = log}, report);
    return end ? *end : end.error().code;
  }
  ExitCode compare_heads(std::vector<std::string> heads, const fs::path& evidence = {}) {
    CompareOptions with{.heads = std::move(heads),
                        .server = server.address(),
                        .pin = server.pin(),
                        .data_dir = {},
                        .evidence = evidence};
    const auto end = compare(with, report);
    return end ? *end : end.error().code;
  }
  [[nodiscard]] std::string log_id() const { return to_hex(transparency::log_id(keys.public_keys())); }

  crypto::SystemRandom random;
  TestKeys keys{random};
  RealServer server{keys, random, SystemClock().now()};
  Report report{true};
  paths::TestFolder folder;
  const fs::path& root = folder.path();
};

TEST_F(CommandsTest, FollowsKeepsAndGoesOn) {
  EXPECT_EQ(follow_once(), ExitCode::ok);
  struct stat status{};
  ASSERT_EQ(::stat((root / "data" / "witness.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  server.with_log([](LogServer& log) {
    EXPECT_EQ(log.cosigned.size(), 1U);
    log.grow(5);
  });
  EXPECT_EQ(follow_once(), ExitCode::ok);
  server.with_log([](LogServer& log) { EXPECT_EQ(log.cosigned.size(), 2U); });
  auto folder = DataFolder::open(root / "data");
  ASSERT_TRUE(folder);
  EXPECT_EQ((*folder->head())->head.size, 17U);
  EXPECT_FALSE(DataFolder::open(root / "data")) << "a second process is refused";
}

TEST_F(CommandsTest, GoesOnAfterEveryLossOfAFile) {
  ASSERT_EQ(follow_once(), ExitCode::ok);
  fs::resize_file(root / "data" / "history", fs::file_size(root / "data" / "history") - 7);
  EXPECT_EQ(follow_once(), ExitCode::ok);
  fs::remove(root / "data" / "state");
  EXPECT_EQ(follow_once(), ExitCode::ok);
  fs::remove(root / "data" / "history");
  EXPECT_EQ(follow_once(), ExitCode::ok);
  std::ofstream(root / "data" / "state") << "no state";
  EXPECT_EQ(follow_once(), ExitCode::ok);
  std::ofstream(root / "data" / "log") << "no log";
  EXPECT_EQ(follow_once(), ExitCode::failed);
}

TEST_F(CommandsTest, RaisesAnAlarmThatStaysUntilSomebodyActs) {
  ASSERT_EQ(follow_once(), ExitCode::ok);
  server.with_log([](LogServer& log) {
    log.log.tree.replace(3, {});
    log.time = log.time + seconds(1);
  });
  const fs::path program = root / "program";
  std::ofstream(program) << "#!/bin/sh\ncp \"$1\" \"" << (root / "copy").string() << ".part\" && mv \""
                         << (root / "copy").string() << ".part\" \"" << (root / "copy").string() << "\"\n";
  fs::permissions(program, fs::perms::owner_all);
  FollowOptions with = options();
  with.on_alarm = program;
  EXPECT_EQ(follow_once(with), ExitCode::alarm);
  EXPECT_TRUE(fs::exists(root / "data" / "ALARM"));
  EXPECT_EQ(judge(), ExitCode::alarm);
  EXPECT_EQ(judge(log_id()), ExitCode::alarm);
  EXPECT_EQ(judge(std::string(64, '0')), ExitCode::other_log);
  for (int i = 0; i < 1000 && !fs::exists(root / "copy"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(fs::exists(root / "copy")) << "--on-alarm was not run";
  // A log that is honest again does not undo it.
  server.stop();
  EXPECT_EQ(follow_once(), ExitCode::alarm);
}

TEST_F(CommandsTest, ReportsWhatIsNoPortableProof) {
  server.with_log([](LogServer& log) { log.log.entries[4].map_root[0] ^= 1; });
  EXPECT_EQ(follow_once(), ExitCode::alarm);
  EXPECT_EQ(judge(log_id()), ExitCode::alarm);
  Bytes spoilt = **read_file(root / "data" / "evidence", 1 << 20);
  spoilt[spoilt.size() / 2] ^= 1;
  ASSERT_TRUE(replace_file(root / "data" / "evidence", spoilt));
  EXPECT_EQ(judge(), ExitCode::failed);
}

TEST_F(CommandsTest, ItsOwnFilesMayNotContradictTheHeadItCosigned) {
  ASSERT_EQ(follow_once(), ExitCode::ok);
  RealServer other(keys, random, SystemClock().now());
  other.start();
  other.with_log([](LogServer& log) { log.grow(11); });
  FollowOptions elsewhere = options("other");
  elsewhere.server = other.address();
  ASSERT_EQ(follow_once(elsewhere), ExitCode::ok);
  fs::copy_file(root / "other" / "history", root / "data" / "history", fs::copy_options::overwrite_existing);
  fs::remove(root / "data" / "state");
  EXPECT_EQ(follow_once(), ExitCode::alarm);
  EXPECT_EQ(judge(), ExitCode::alarm);
}

TEST_F(CommandsTest, NoticesAnotherLogAndASilentOrUnknownServer) {
  ASSERT_EQ(follow_once(), ExitCode::ok);
  const TestKeys others(random);
  RealServer other(others, random, SystemClock().now());
  other.start();
  FollowOptions with = options();
  with.server = other.address();
  EXPECT_EQ(follow_once(with), ExitCode::other_log);
  with.server = "127.0.0.1:1";
  with.wait_s = 1;
  EXPECT_EQ(follow_once(with), ExitCode::unreachable);
  with.server = "nonsense";
  EXPECT_EQ(follow_once(with), ExitCode::usage);
  FollowOptions pinned = options("pinned");
  pinned.pin = other.pin();
  pinned.wait_s = 1;
  EXPECT_EQ(follow_once(pinned), ExitCode::unreachable) << "a server with another TLS key was believed";
  pinned.pin = server.pin();
  pinned.wait_s = 30;
  EXPECT_EQ(follow_once(pinned), ExitCode::ok);
}

TEST_F(CommandsTest, ComparesHeadsOfTwoAuditors) {
  ASSERT_EQ(follow_once(), ExitCode::ok);
  const std::string first = (root / "data" / "head").string();
  server.with_log([](LogServer& log) { log.grow(3); });
  ASSERT_EQ(follow_once(options("second")), ExitCode::ok);
  const std::string second = (root / "second" / "head").string();
  EXPECT_EQ(compare_heads({first, second}), ExitCode::ok);
  EXPECT_EQ(compare_heads({first, (root / "nothing").string()}), ExitCode::failed);
  // The same keys, shown to the second auditor: another log.
  server.with_log([](LogServer& log) { log.log.tree.replace(2, {}); });
  transparency::SignedTreeHead split;
  server.with_log([&](LogServer& log) { split = log.log.head(log.time); });
  ASSERT_TRUE(replace_file(root / "split", head_octets(split)));
  EXPECT_EQ(compare_heads({first, (root / "split").string()}, root / "proof"), ExitCode::alarm);
  const auto judged = verify({.file = root / "proof", .log = log_id()}, report);
  ASSERT_TRUE(judged);
  EXPECT_EQ(*judged, ExitCode::alarm);
}

TEST_F(CommandsTest, PublishesHeadKeyHealthAndMetrics) {
  ASSERT_EQ(follow_once(), ExitCode::ok);
  PublishedState state;
  const auto get = [&](const std::string& target, transport::HttpFields fields = {}) {
    const auto key = crypto::HybridPrivateKey::generate(random);
    return publish({.method = "GET", .target = target, .fields = std::move(fields)}, state, &key.public_key(),
                   SystemClock().now());
  };
  EXPECT_EQ(get("/healthz").status, 503U);
  EXPECT_EQ(get("/v1/head").status, 503U);
  auto folder = DataFolder::open(root / "data");
  ASSERT_TRUE(folder);
  state.head = folder->head().value();
  EXPECT_EQ(get("/healthz").status, 200U);
  EXPECT_TRUE(equal(as_bytes(get("/v1/head").body), head_octets(*state.head)));
  EXPECT_NE(get("/v1/head.json").body.find("\"size\":12"), std::string::npos);
  EXPECT_EQ(get("/v1/head", {{"Accept", "application/json"}}).body, get("/v1/head.json").body);
  EXPECT_EQ(get("/v1/key").body.size(), 2 * crypto::kHybridPublicKeySize + 1);
  EXPECT_NE(get("/metrics").body.find("sotto_audit_head_entries 12"), std::string::npos);
  EXPECT_EQ(get("/v1/evidence").status, 404U);
  EXPECT_EQ(get("/").status, 404U);
  EXPECT_EQ(publish({.method = "POST", .target = "/v1/head"}, state, nullptr, SystemClock().now()).status,
            405U);
  state.head->head.time = {1};
  EXPECT_EQ(get("/healthz").status, 503U);
  state.alarm = "ALARM";
  state.evidence = {1};
  EXPECT_EQ(get("/healthz").body, "ALARM");
  EXPECT_EQ(get("/v1/evidence").status, 200U);
}

TEST_F(CommandsTest, FetchesOverHttpWithinBounds) {
  boost::asio::io_context context(1);
  transport::ListenerOptions listening;
  listening.endpoint = transport::TcpEndpoint{"127.0.0.1", 0};
  const auto answer = [](const transport::HttpRequest& request) {
    if (request.path() == "/large") return transport::HttpResponse{.body = std::string(100'000, 'x')};
    if (request.path() == "/good") return transport::HttpResponse{.body = "body"};
    return transport::HttpResponse{.status = 404};
  };
  auto listener = transport::Listener::start(context, std::move(listening), std::nullopt,
                                             transport::at_once(answer), nullptr)
                      .value();
  std::thread thread([&context] { context.run(); });
  const std::string base = "http://127.0.0.1:" + std::to_string(listener->port());
  const auto get = [](const std::string& url) { return http_get(url, 1'000, seconds(20)); };
  EXPECT_EQ(get(base + "/good").value(), to_bytes(as_bytes("body")));
  EXPECT_EQ(get(base + "/bad").error().code, ExitCode::unreachable);
  EXPECT_EQ(get(base + "/large").error().code, ExitCode::unreachable);
  EXPECT_EQ(get("ftp://127.0.0.1/").error().code, ExitCode::usage);
  EXPECT_EQ(get("http:///x").error().code, ExitCode::usage);
  EXPECT_EQ(get("http://127.0.0.1:1/").error().code, ExitCode::unreachable);
  context.stop();
  thread.join();
}

}  // namespace
}  // namespace sotto::audit_cli
