#include <gtest/gtest.h>

#include "bytes/hex.h"
#include "server/blob_edge.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;

class BlobRequestsTest : public ::testing::Test, protected testing::TestWorld {
 protected:
  BlobRequestsTest() {
    register_account(alice_account(), "alice");
    register_account(bob_account(), "bob");
  }
  static const testing::TestAccount& alice_account() {
    static crypto::DeterministicRandom keys(61);
    static const testing::TestAccount made(keys);
    return made;
  }
  static const testing::TestAccount& bob_account() {
    static crypto::DeterministicRandom keys(62);
    static const testing::TestAccount made(keys);
    return made;
  }
  static TestDevice device(const testing::TestAccount& account) {
    return {account.account.id, &account.device};
  }
  static v1::ClientFrame creation(std::uint64_t size) {
    v1::ClientFrame frame;
    frame.mutable_create_blob()->set_size(size);
    return frame;
  }
  static v1::ClientFrame keeping(const std::string& capability) {
    v1::ClientFrame frame;
    frame.mutable_keep_blob()->set_capability(capability);
    return frame;
  }
  static v1::ClientFrame releasing(const std::string& capability) {
    v1::ClientFrame frame;
    frame.mutable_release_blob()->set_capability(capability);
    return frame;
  }
  v1::BlobCreated create(ConnectionId connection, std::uint64_t size) {
    const auto answered = ask(connection, creation(size));
    EXPECT_TRUE(answered.has_blob_created()) << answered.ShortDebugString();
    return answered.blob_created();
  }
  transport::HttpResponse http(const std::string& method, const std::string& capability,
                               transport::HttpFields fields = {}, std::string body = "") {
    transport::HttpRequest request;
    request.method = method;
    request.target = std::string(kBlobPath) + to_hex(wire::octets(capability));
    request.fields = std::move(fields);
    request.body = std::move(body);
    request.remote_address = "192.0.2.9";
    std::optional<transport::HttpResponse> out;
    core->on_blob_request(request, now,
                          [&out](transport::HttpResponse response) { out = std::move(response); });
    settle();
    EXPECT_TRUE(out);
    return out.value_or(transport::HttpResponse{.status = 0});
  }
  transport::HttpResponse put(const v1::BlobCreated& blob, const std::string& octets) {
    const std::string length = std::to_string(octets.size());
    return http("PUT", blob.capability(),
                {{"Authorization", "Sotto-Upload " + to_hex(wire::octets(blob.upload_token()))},
                 {"Content-Range", "bytes 0-" + std::to_string(octets.size() - 1) + "/" + length}},
                octets);
  }
};

TEST_F(BlobRequestsTest, ADeviceOpensABlobAndAnybodyWithTheCapabilityReadsIt) {
  const auto alice = connect(device(alice_account()));
  const auto blob = create(alice, 5);
  EXPECT_EQ(blob.capability().size(), 32u);
  EXPECT_EQ(blob.expires_ms(), (now + options.blobs.ttl).value);
  EXPECT_EQ(put(blob, "abcde").status, 204u);
  const auto read = http("GET", blob.capability());
  EXPECT_EQ(read.status, 200u);
  EXPECT_EQ(read.long_body->next(), to_bytes(as_bytes("abcde")));
  EXPECT_EQ(core->counts().blobs.completed, 1u);
}

TEST_F(BlobRequestsTest, StrangersOpenKeepAndReleaseNothing) {
  const auto stranger = open();
  hello(stranger);
  EXPECT_EQ(error_of(stranger, creation(5)), v1::Error::NOT_AUTHENTICATED);
  EXPECT_EQ(error_of(stranger, keeping(std::string(32, 'x'))), v1::Error::NOT_AUTHENTICATED);
  EXPECT_EQ(error_of(stranger, releasing(std::string(32, 'x'))), v1::Error::NOT_AUTHENTICATED);
}

TEST_F(BlobRequestsTest, WhoForwardsKeepsItWhenTheOwnerGivesItUp) {
  const auto alice = connect(device(alice_account()));
  const auto bob = connect(device(bob_account()));
  const auto blob = create(alice, 5);
  EXPECT_EQ(error_of(bob, keeping(blob.capability())), v1::Error::NO_SUCH_BLOB) << "not complete";
  put(blob, "abcde");
  EXPECT_EQ(ask(bob, keeping(blob.capability())).blob_kept().expires_ms(), (now + options.blobs.ttl).value);
  EXPECT_TRUE(ask(alice, releasing(blob.capability())).has_done());
  EXPECT_EQ(error_of(alice, releasing(blob.capability())), v1::Error::NO_SUCH_BLOB);
  EXPECT_EQ(http("HEAD", blob.capability()).status, 200u);
  EXPECT_TRUE(ask(bob, releasing(blob.capability())).has_done());
  EXPECT_EQ(http("HEAD", blob.capability()).status, 404u);
}

TEST_F(BlobRequestsTest, BoundsAreAnnouncedAndHold) {
  options.blobs.blob_octets = 1000;
  options.blobs.account_octets = 1500;
  crash_and_restart();
  const auto alice = open();
  const auto welcome = hello(alice);
  EXPECT_EQ(welcome.welcome().limits().max_blob_bytes(), 1000u);
  ask(alice, authentication(alice, device(alice_account()), welcome));
  EXPECT_EQ(error_of(alice, creation(0)), v1::Error::MALFORMED);
  EXPECT_EQ(error_of(alice, creation(1001)), v1::Error::TOO_LARGE);
  create(alice, 1000);
  EXPECT_EQ(error_of(alice, creation(1000)), v1::Error::BLOB_QUOTA);
  store.fail_next_commits(1, storage::StorageError::no_space);
  EXPECT_EQ(error_of(alice, creation(10)), v1::Error::STORAGE_UNAVAILABLE);
  store.fail_next_commits(1, storage::StorageError::overloaded);
  EXPECT_EQ(error_of(alice, creation(10)), v1::Error::OVERLOADED);
  store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(error_of(alice, keeping(std::string(32, 'x'))), v1::Error::INTERNAL);
}

TEST_F(BlobRequestsTest, AnAddressAsksNoMoreThanItMay) {
  options.limits.blob_requests_per_address = {1, 2};
  crash_and_restart();
  EXPECT_EQ(http("GET", std::string(32, 'x')).status, 404u);
  EXPECT_EQ(http("GET", std::string(32, 'x')).status, 404u);
  const auto limited = http("GET", std::string(32, 'x'));
  EXPECT_EQ(limited.status, 429u);
  EXPECT_EQ(limited.fields.front(), (std::pair<std::string, std::string>{"Retry-After", "2"}));
}

TEST_F(BlobRequestsTest, AServerThatStopsTakesNoMore) {
  core->begin_drain(now);
  EXPECT_EQ(http("GET", std::string(32, 'x')).status, 503u);
}

TEST_F(BlobRequestsTest, WhatTheOperatorSeesAndTakesAway) {
  const auto alice = connect(device(alice_account()));
  const auto blob = create(alice, 5);
  put(blob, "abcde");
  EXPECT_EQ(core->holdings("alice", now)->blobs.octets, 5u);
  now = now + options.blobs.ttl;
  std::optional<blobs::SweepReport> report;
  const auto keep_report = [&](const blobs::BlobResult<blobs::SweepReport>& swept) {
    report = swept.value();
  };
  core->sweep_blobs(true, keep_report);
  settle();
  EXPECT_EQ(report->expired, 1u);
  core->sweep_blobs(false, keep_report);
  settle();
  EXPECT_EQ(core->counts().blobs.erased, 1u);
  EXPECT_EQ(core->holdings("alice", now)->blobs.octets, 0u);
}

}  // namespace
}  // namespace sotto::server
