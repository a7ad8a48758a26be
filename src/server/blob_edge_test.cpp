#include "server/blob_edge.h"

#include <gtest/gtest.h>

#include "blobs/test_world.h"
#include "bytes/hex.h"

namespace sotto::server {
namespace {

using blobs::kPieceOctets;

class BlobEdgeTest : public blobs::testing::BlobsTest {
 protected:
  transport::HttpResponse ask(const std::string& method, const std::string& target,
                              transport::HttpFields fields = {}, ByteView body = {}) {
    transport::HttpRequest request;
    request.method = method;
    request.target = std::string(kBlobPath) + target;
    request.fields = std::move(fields);
    request.body = std::string(as_chars(body));
    std::optional<transport::HttpResponse> out;
    answer_blob_request(*blobs, request, now, [&](transport::HttpResponse got) { out = std::move(got); });
    settle();
    EXPECT_TRUE(out);
    return out.value_or(transport::HttpResponse{.status = 0});
  }
  static transport::HttpFields writing(const blobs::Created& blob, std::uint64_t at, std::size_t length,
                                       std::uint64_t size) {
    return {{"Authorization", "Sotto-Upload " + to_hex(blob.token)},
            {"Content-Range", "bytes " + std::to_string(at) + "-" + std::to_string(at + length - 1) + "/" +
                                  std::to_string(size)}};
  }
  static std::string field(const transport::HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.fields) {
      if (key == name) return value;
    }
    return "";
  }
  static Bytes body(const transport::HttpResponse& response) {
    Bytes out;
    while (response.long_body && out.size() < response.long_body->octets) {
      const Bytes part = response.long_body->next();
      if (part.empty()) break;
      out.insert(out.end(), part.begin(), part.end());
    }
    return out;
  }
};

TEST_F(BlobEdgeTest, AnUploadIsWrittenAskedAboutAndRead) {
  const Bytes octets = some_octets(kPieceOctets + 10);
  const auto blob = create(alice, octets.size()).value();
  const std::string name = to_hex(blob.capability);
  auto done =
      ask("PUT", name, writing(blob, 0, kPieceOctets, octets.size()), ByteView(octets).first(kPieceOctets));
  EXPECT_EQ(done.status, 204u);
  EXPECT_EQ(field(done, "Upload-Offset"), std::to_string(kPieceOctets));
  const auto progress = ask("HEAD", name, {{"Authorization", "Sotto-Upload " + to_hex(blob.token)}});
  EXPECT_EQ(progress.status, 204u);
  EXPECT_EQ(field(progress, "Upload-Offset"), std::to_string(kPieceOctets));
  EXPECT_EQ(field(progress, "Upload-Length"), std::to_string(octets.size()));
  EXPECT_EQ(ask("GET", name).status, 404u);
  done = ask("PUT", name, writing(blob, kPieceOctets, 10, octets.size()),
             ByteView(octets).subspan(kPieceOctets));
  EXPECT_EQ(done.status, 204u);
  const auto read = ask("GET", name);
  EXPECT_EQ(read.status, 200u);
  EXPECT_EQ(body(read), octets);
  EXPECT_EQ(field(read, "X-Content-Type-Options"), "nosniff");
  const auto head = ask("HEAD", name);
  EXPECT_EQ(head.status, 200u);
  EXPECT_EQ(head.long_body->octets, octets.size());
}

TEST_F(BlobEdgeTest, RangesAreServed) {
  const Bytes octets = some_octets(kPieceOctets + 10);
  const std::string name = to_hex(create_complete(alice, octets).capability);
  const auto read = ask("GET", name, {{"Range", "bytes=262140-"}});
  EXPECT_EQ(read.status, 206u);
  EXPECT_EQ(field(read, "Content-Range"), "bytes 262140-262153/262154");
  EXPECT_EQ(body(read), Bytes(octets.begin() + 262140, octets.end()));
  const auto past = ask("GET", name, {{"Range", "bytes=262154-"}});
  EXPECT_EQ(past.status, 416u);
  EXPECT_EQ(field(past, "Content-Range"), "bytes */262154");
}

TEST_F(BlobEdgeTest, ABlobThatGoesWhileItIsReadEndsTheBodyEarly) {
  const Bytes octets = some_octets(kPieceOctets + 10);
  const auto blob = create_complete(alice, octets);
  const auto read = ask("GET", to_hex(blob.capability));
  EXPECT_EQ(read.long_body->next().size(), kPieceOctets);
  ASSERT_TRUE(release(alice, blob.capability));
  EXPECT_TRUE(read.long_body->next().empty());
}

TEST_F(BlobEdgeTest, RefusalsHaveTheirStatus) {
  const Bytes octets = some_octets(kPieceOctets);
  const auto blob = create(alice, 2 * octets.size()).value();
  const std::string name = to_hex(blob.capability);
  const std::uint64_t size = 2 * octets.size();
  EXPECT_EQ(ask("POST", name).status, 405u);
  EXPECT_EQ(field(ask("DELETE", name), "Allow"), "GET, HEAD, PUT");
  EXPECT_EQ(ask("GET", "nonsense").status, 404u);
  EXPECT_EQ(ask("GET", std::string(64, 'g')).status, 404u);
  EXPECT_EQ(ask("PUT", name, {}, octets).status, 404u) << "without a token";
  auto wrong = blob;
  wrong.token[0] ^= 1;
  EXPECT_EQ(ask("PUT", name, writing(wrong, 0, octets.size(), size), octets).status, 404u);
  EXPECT_EQ(ask("HEAD", name, {{"Authorization", "Sotto-Upload " + to_hex(wrong.token)}}).status, 404u);
  EXPECT_EQ(ask("PUT", name, {{"Authorization", "Sotto-Upload " + to_hex(blob.token)}}, octets).status, 400u);
  EXPECT_EQ(ask("PUT", name, writing(blob, 0, octets.size(), size + 1), octets).status, 400u);
  EXPECT_EQ(ask("PUT", name, writing(blob, 0, octets.size() - 1, size), octets).status, 400u);
  EXPECT_EQ(ask("PUT", name, writing(blob, 0, 5, size), ByteView(octets).first(5)).status, 400u);
  const auto conflict = ask("PUT", name, writing(blob, octets.size(), octets.size(), size), octets);
  EXPECT_EQ(conflict.status, 409u);
  EXPECT_EQ(field(conflict, "Upload-Offset"), "0");
  store.fail_next_commits(1, storage::StorageError::no_space);
  EXPECT_EQ(ask("PUT", name, writing(blob, 0, octets.size(), size), octets).status, 507u);
  store.fail_next_commits(1, storage::StorageError::io_error);
  const auto later = ask("PUT", name, writing(blob, 0, octets.size(), size), octets);
  EXPECT_EQ(later.status, 503u);
  EXPECT_EQ(field(later, "Retry-After"), "1");
  store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(ask("GET", name).status, 500u);
}

TEST(BlobRangesTest, AreReadAsTheStandardSays) {
  const auto range = [](std::string_view text) -> std::pair<std::uint64_t, std::uint64_t> {
    const auto asked = parse_range(text, 100);
    if (!asked.range) return {asked.unsatisfiable ? 1 : 0, 0};
    return {asked.range->first, asked.range->last};
  };
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(range("bytes=0-0"), (Pair{0, 0}));
  EXPECT_EQ(range("bytes=5-"), (Pair{5, 99}));
  EXPECT_EQ(range("bytes=5-1000"), (Pair{5, 99}));
  EXPECT_EQ(range("bytes=-10"), (Pair{90, 99}));
  EXPECT_EQ(range("bytes=-1000"), (Pair{0, 99}));
  for (const char* ignored : {"", "items=0-1", "bytes=", "bytes=5", "bytes=a-b", "bytes=9-5", "bytes=0-1,5-6",
                              "bytes=5-x", "bytes=-", "bytes=99999999999999999999-"}) {
    EXPECT_EQ(range(ignored), (Pair{0, 0})) << ignored;
    EXPECT_FALSE(parse_range(ignored, 100).unsatisfiable) << ignored;
  }
  EXPECT_TRUE(parse_range("bytes=100-", 100).unsatisfiable);
  EXPECT_TRUE(parse_range("bytes=-0", 100).unsatisfiable);

  EXPECT_EQ(parse_content_range("bytes 5-9/10")->range.first, 5u);
  for (const char* wrong : {"", "bytes 5-9", "bytes 5-9/*", "bytes 9-5/10", "bytes 5-10/10", "bytes */10",
                            "5-9/10", "bytes 5/9-10", "bytes -9/10", "bytes 5-9/10 "}) {
    EXPECT_FALSE(parse_content_range(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace sotto::server
