// Blobs at a real sottod: over TLS, killed, restarted and with a full disk.
#include "bytes/hex.h"
#include "crypto/random.h"
#include "test_sottod.h"
#include "transport/http_client.h"

namespace sotto::sottod::testing {
namespace {

constexpr std::size_t kPart = std::size_t{1} << 20;

class BlobProcessTest : public SottodTest {
 protected:
  transport::HttpOutcome ask(transport::HttpAsk request) {
    boost::asio::io_context context;
    transport::HttpClientOptions options;
    options.endpoint = transport::TcpEndpoint{"127.0.0.1", port_};
    const auto pin = transport::pin_of_file(folder_ / "certificate.pem").value();
    transport::HttpClient client(context, options,
                                 transport::TlsClientContext::create(transport::PinnedKeys{{pin}}).value());
    std::optional<transport::HttpOutcome> out;
    client.ask(std::move(request), [&out](transport::HttpOutcome outcome) { out = std::move(outcome); });
    while (!out && context.run_one_for(std::chrono::seconds(60)) > 0) {
    }
    EXPECT_TRUE(out);
    return out ? *std::move(out) : err(transport::HttpFailure{});
  }
  static transport::HttpAsk about(std::string_view method, const v1::BlobCreated& blob, bool writing) {
    transport::HttpAsk request;
    request.method = method;
    request.target = "/v1/blobs/" + to_hex(wire::octets(blob.capability()));
    if (writing) {
      request.fields.emplace_back("Authorization",
                                  "Sotto-Upload " + to_hex(wire::octets(blob.upload_token())));
    }
    return request;
  }
  transport::HttpOutcome put(const v1::BlobCreated& blob, ByteView octets, std::size_t at) {
    const ByteView part = octets.subspan(at, std::min(kPart, octets.size() - at));
    auto request = about("PUT", blob, true);
    request.fields.emplace_back("Content-Range", "bytes " + std::to_string(at) + "-" +
                                                     std::to_string(at + part.size() - 1) + "/" +
                                                     std::to_string(octets.size()));
    request.body = std::string(as_chars(part));
    return ask(std::move(request));
  }
  std::size_t received(const v1::BlobCreated& blob) {
    const auto answer = ask(about("HEAD", blob, true));
    EXPECT_EQ(answer->status, 204u);
    return std::stoul(std::string(answer->field("Upload-Offset")));
  }
  v1::BlobCreated create(std::size_t size) {
    const auto client = connect(account(1), "alice");
    v1::ClientFrame frame;
    frame.mutable_create_blob()->set_size(size);
    return client->ask(frame).blob_created();
  }
  static Bytes some_octets(std::size_t size) {
    crypto::DeterministicRandom random(7);
    Bytes out(size);
    random.fill(out);
    return out;
  }
};

TEST_F(BlobProcessTest, AnUploadGoesOnAfterEachOfThreeKillsAndTheOctetsAreEqual) {
  start();
  const Bytes octets = some_octets(6 * kPart + 12'345);
  const auto blob = create(octets.size());
  ASSERT_EQ(blob.capability().size(), 32u);
  std::size_t at = 0;
  for (int cut = 0; at < octets.size(); ++cut) {
    const auto answer = put(blob, octets, at);
    ASSERT_TRUE(answer) << answer.error().detail;
    ASSERT_EQ(answer->status, 204u);
    at = std::stoul(std::string(answer->field("Upload-Offset")));
    if (cut == 1 || cut == 3 || cut == 4) {
      server_->finish(SIGKILL);
      start();
      EXPECT_EQ(received(blob), at) << "what was acknowledged is there";
    }
  }
  const auto read = ask(about("GET", blob, false));
  ASSERT_EQ(read->status, 200u);
  EXPECT_EQ(read->body, octets);
  auto range = about("GET", blob, false);
  range.fields.emplace_back("Range", "bytes=1048570-1048589");
  EXPECT_EQ(ask(std::move(range))->body, Bytes(octets.begin() + 1'048'570, octets.begin() + 1'048'590));
}

TEST_F(BlobProcessTest, AFullDiskRefusesOctetsAndTheUploadGoesOnLater) {
  start();
  const Bytes octets = some_octets(4 * kPart);
  const auto blob = create(octets.size());
  ASSERT_EQ(put(blob, octets, 0)->status, 204u);
  server_->finish(SIGTERM);
  start(std::size_t{1} << 20);  // no file may grow beyond that
  const std::size_t before = received(blob);
  EXPECT_EQ(before, kPart);
  const auto refused = put(blob, octets, before);
  EXPECT_EQ(refused->status, 503u) << "507 where the disk itself says that it is full";
  EXPECT_EQ(received(blob), before);
  server_->finish(SIGKILL);
  start();
  for (std::size_t at = received(blob); at < octets.size(); at += kPart) {
    ASSERT_EQ(put(blob, octets, at)->status, 204u);
  }
  EXPECT_EQ(ask(about("GET", blob, false))->body, octets);
}

}  // namespace
}  // namespace sotto::sottod::testing
