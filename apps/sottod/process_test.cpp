// The real server as a process: what was acknowledged survives its death, what is wrong is said.
#include "test_sottod.h"

namespace sotto::sottod {
namespace {

using paths::TestFolder;
using testing::Process;
using testing::RawClient;
using testing::SottodTest;

TEST_F(SottodTest, WhatWasAcknowledgedSurvivesKillNine) {
  start();
  const auto alice = connect(account(1), "alice");
  const auto bob = connect(account(2), "bob");
  std::vector<std::uint64_t> requests;
  for (int i = 0; i < 500; ++i) {
    requests.push_back(bob->post(RawClient::submission(account(1), std::to_string(i))));
  }
  ASSERT_TRUE(bob->wait_for(requests[100]));
  server_->finish(SIGKILL);
  bob->wait_for_end();
  std::vector<std::string> accepted;
  for (const auto& frame : bob->frames()) {
    if (frame.has_submitted() && frame.submitted().results(0).devices(0).accepted() == 1) {
      accepted.push_back(std::to_string(frame.request_id() - requests[0]));
    }
  }
  ASSERT_GE(accepted.size(), 100u);

  start();
  const auto again = connect(account(1));
  std::vector<std::string> delivered;
  again->run_until([&] {
    if (!again->delivered().empty()) again->acknowledge(again->delivered().back().sequence());
    return again->delivered().size() >= accepted.size();
  });
  for (const auto& envelope : again->delivered()) delivered.push_back(envelope.payload());
  delivered.resize(accepted.size());  // a submission may be durable though nobody was told any more
  EXPECT_EQ(delivered, accepted);
}

TEST_F(SottodTest, AcknowledgedEnvelopesStayAwayAfterAnOrderlyRestart) {
  start();
  {
    const auto alice = connect(account(1), "alice");
    ASSERT_TRUE(alice->ask(RawClient::submission(account(1), "to myself")).has_submitted());
    alice->run_until([&] { return alice->delivered().size() == 1; });
    alice->acknowledge(alice->delivered()[0].sequence());
    v1::ClientFrame status;
    status.mutable_get_account_status();
    EXPECT_EQ(alice->ask(status).account_status().mailboxes(0).envelopes(), 0u);
    EXPECT_EQ(server_->finish(SIGTERM), 0);
    alice->wait_for_end();
    EXPECT_EQ(alice->frames().back().goodbye().reason(), v1::Goodbye::SHUTTING_DOWN);
  }
  start();
  auto client = connect();
  const auto welcome = client->hello();
  EXPECT_EQ(client->authenticate(account(1), welcome).authenticated().queued_envelopes(), 0u);
}

TEST_F(SottodTest, TheServerKeepsItsIdentityAndStatementAcrossRestarts) {
  start();
  const auto first = connect()->hello();
  server_->finish(SIGKILL);
  start();
  const auto second = connect()->hello();
  EXPECT_EQ(first.server_identity(), second.server_identity());
  EXPECT_EQ(first.statement(), second.statement());
  const auto key = crypto::HybridPublicKey::decode(wire::octets(first.server_identity()));
  ASSERT_TRUE(key);
  const auto pin = transport::pin_of_file(folder_ / "certificate.pem");
  EXPECT_TRUE(identity::verify_server_statement(*key, wire::octets(first.statement()),
                                                wire::octets(first.statement_signature()),
                                                {"localhost", *pin, SystemClock().now()}));
}

TEST_F(SottodTest, AFullDiskRefusesSubmissionsAndTheServerRecovers) {
  start(rlim_t{1} << 20);
  const auto bob = connect(account(2), "bob");
  const std::string payload(32'000, 'x');
  v1::DeviceResult result;
  for (int i = 0; i < 200 && result.refusal() == v1::DeviceResult::NONE; ++i) {
    result = bob->ask(RawClient::submission(account(2), payload)).submitted().results(0).devices(0);
  }
  EXPECT_EQ(result.refusal(), v1::DeviceResult::STORAGE_UNAVAILABLE);
  EXPECT_EQ(result.accepted(), 0u);
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ASSERT_EQ(::prlimit(server_->pid(), RLIMIT_FSIZE, &unlimited, nullptr), 0);
  bob->run_until([&] {
    result = bob->ask(RawClient::submission(account(2), payload)).submitted().results(0).devices(0);
    return result.accepted() == 1;
  });
  EXPECT_EQ(server_->finish(SIGTERM), 0);
}

TEST_F(SottodTest, AnswersHealthChecksAndAdministrators) {
  configure("registration = \"invite\"\n");
  start();
  EXPECT_EQ(admin({"status"})["state"], "running");
  const std::string invite = admin({"create-invite", "--days", "3"})["invite"];
  EXPECT_EQ(invite.size(), 32u);
  EXPECT_EQ(admin({"revoke-invite", invite})["revoked"], true);
  auto client = connect();
  client->hello();
  EXPECT_EQ(client->register_account(account(1), "alice").error().code(), v1::Error::REGISTRATION_CLOSED);
  EXPECT_NE(complaint({"admin", "report", "nobody"}).find("no such handle"), std::string::npos);
  const auto swept = admin({"blobs", "gc", "--dry-run"});
  EXPECT_EQ(swept["blobs"], 0);
  EXPECT_EQ(swept["would_erase"], 0);
  EXPECT_EQ(admin({"blobs", "gc"})["erased"], 0);
  EXPECT_NE(admin({"counts"})["metrics"].get<std::string>().find("sottod_connections"), std::string::npos);
}

TEST_F(SottodTest, SpeaksPlainHttpBehindAProxyAndShowsItsHealthAndMetrics) {
  const std::string proxy = "listen = \"127.0.0.1:0\"\nmetrics = \"127.0.0.1:0\"\nmode = \"proxy\"\n";
  std::ofstream(folder_ / "sottod.toml") << proxy;
  EXPECT_NE(complaint({"run"}).find("needs tls.certificate"), std::string::npos);
  const auto certificate =
      transport::ServerCertificate::self_signed({"localhost"}, SystemClock().now(), days(30));
  ASSERT_TRUE(certificate && certificate->save(folder_ / "proxy.pem", folder_ / "proxy.key"));
  std::ofstream(folder_ / "sottod.toml") << proxy << "[tls]\ncertificate = \"proxy.pem\"\n";
  start();
  EXPECT_TRUE(testing::http_get(port_, "/healthz").ends_with("ok\n"));
  EXPECT_TRUE(testing::http_get(port_, "/secret").starts_with("HTTP/1.1 404"));
  const std::uint16_t metrics = admin({"status"})["metrics_port"];
  EXPECT_NE(testing::http_get(metrics, "/metrics").find("sottod_connections 0"), std::string::npos);
  EXPECT_TRUE(testing::http_get(metrics, "/").starts_with("HTTP/1.1 404"));
}

TEST_F(SottodTest, TakesLargeFramesFromDevicesOnly) {
  start();
  const auto stranger = connect();
  v1::ClientFrame large;
  large.mutable_submit()->set_shared_body(std::string(200'000, 'x'));
  large.mutable_submit()->add_targets();
  stranger->post(large);
  stranger->wait_for_end();
  const auto alice = connect(account(1), "alice");
  EXPECT_EQ(alice->ask(large).error().code(), v1::Error::MALFORMED);
}

TEST_F(SottodTest, ReportsWhatIsKeptAboutAnAccount) {
  start();
  const auto alice = connect(account(1), "alice");
  alice->ask(RawClient::submission(account(1), "12345"));
  const auto report = admin({"warrant-report", "alice"});
  EXPECT_EQ(report["handles"], nlohmann::json::array({"alice"}));
  EXPECT_EQ(report["devices"][0]["waiting_octets"], 5);
}

TEST_F(SottodTest, ASecondServerOnTheSameDataSaysSo) {
  start();
  EXPECT_NE(complaint({"run"}).find("another process has the database open"), std::string::npos);
  EXPECT_EQ(server_->finish(SIGINT), 0);
}

TEST_F(SottodTest, ATakenPortIsNamed) {
  start();
  const TestFolder other;
  Process second(
      {"--data-dir", other.path().string(), "--listen", "127.0.0.1:" + std::to_string(port_), "run"});
  EXPECT_NE(second.rest_of_errors().find("cannot listen on 127.0.0.1:"), std::string::npos);
  EXPECT_EQ(second.wait(), 1);
}

TEST_F(SottodTest, MistakesInTheConfigurationAreNamedByFileAndLine) {
  configure("lisen = 1\n");
  EXPECT_NE(complaint({"check-config"}).find("sottod.toml:3: lisen: there is no such key"),
            std::string::npos);
  EXPECT_NE(complaint({"run"}).find("sottod.toml:3"), std::string::npos);
  configure("[tls]\ncertificate = \"missing.pem\"\nprivate_key = \"missing.pem\"\n");
  EXPECT_NE(complaint({"check-config"}).find("missing.pem"), std::string::npos);
  configure("[transparency]\nwitnesses = [\"nobody.key\"]\n");
  EXPECT_NE(complaint({"check-config"}).find("nobody.key"), std::string::npos);
  std::ofstream(folder_ / "nobody.key") << "0123";
  EXPECT_NE(complaint({"check-config"}).find("is not a witness key"), std::string::npos);
  configure("");
  EXPECT_NE(complaint({"--listen", "nowhere", "check-config"}).find("--listen nowhere"), std::string::npos);
}

TEST_F(SottodTest, ADamagedKeyFileAndDatabaseAreRefused) {
  start();
  server_->finish(SIGTERM);
  std::filesystem::resize_file(folder_ / "identity.key", 10);
  EXPECT_NE(complaint({"run"}).find("identity.key"), std::string::npos);
  std::filesystem::remove(folder_ / "identity.key");
  EXPECT_NE(complaint({"run"}).find("made with other keys"), std::string::npos);
  std::filesystem::resize_file(folder_ / "transparency.key", 10);
  EXPECT_NE(complaint({"run"}).find("transparency.key"), std::string::npos);
  std::filesystem::remove(folder_ / "transparency.key");
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "database")) {
    if (entry.path().filename().string().starts_with("MANIFEST"))
      std::filesystem::resize_file(entry.path(), 3);
  }
  EXPECT_NE(complaint({"run"}).find("database"), std::string::npos);
}

TEST_F(SottodTest, AdminWithoutAServerSaysWhatToDo) {
  EXPECT_NE(complaint({"admin", "status"}).find("is it started"), std::string::npos);
}

TEST_F(SottodTest, InitWritesACommentedConfigurationOnce) {
  std::filesystem::remove(folder_ / "sottod.toml");
  EXPECT_EQ(Process(arguments({"init"})).wait(), 0);
  EXPECT_GT(std::filesystem::file_size(folder_ / "sottod.toml"), 1000u);
  configure("");
  EXPECT_EQ(Process(arguments({"init"})).wait(), 0);
  EXPECT_LT(std::filesystem::file_size(folder_ / "sottod.toml"), 100u);
}

}  // namespace
}  // namespace sotto::sottod
