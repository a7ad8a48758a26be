#include "agent/upload_edge.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <chrono>
#include <vector>

#include "agent/file_edge.h"
#include "paths/test_folder.h"

namespace sotto::agent {
namespace {

using transport::HttpBodySinkPtr;
using transport::HttpRequest;
using transport::HttpResponse;

/// Longer than anything takes here, even under sanitizers on a busy machine.
constexpr std::chrono::seconds kPatience{60};

class UploadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    bool made = false;
    agent_.call(
        R"({"jsonrpc":"2.0","id":1,"method":"profile.create","params":{"passphrase":"correct horse"}})",
        [&](const std::string&) { made = true; });
    ASSERT_TRUE(until([&] { return made && agent_.client() != nullptr; }));
  }
  bool until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (!condition() && std::chrono::steady_clock::now() < limit) {
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(5));
    }
    return condition();
  }
  HttpBodySinkPtr upload(const std::string& query, transport::HttpFields fields = {}) {
    HttpRequest head;
    head.method = "POST";
    head.target = std::string(kFilesPath) + "?" + query;
    head.fields = std::move(fields);
    return edge_->take(head,
                       [](HttpResponse& response) { response.fields.emplace_back("X-Protected", "1"); });
  }
  /// Empty when the octets were taken.
  std::optional<HttpResponse> take(transport::HttpBodySink& sink, std::string octets) {
    std::optional<std::optional<HttpResponse>> out;
    sink.take(std::move(octets), [&](std::optional<HttpResponse> refusal) { out = std::move(refusal); });
    EXPECT_TRUE(until([&] { return out.has_value(); }));
    return out.value_or(std::nullopt);
  }
  HttpResponse finish(transport::HttpBodySink& sink) {
    std::optional<HttpResponse> out;
    sink.finish([&](HttpResponse response) { out = std::move(response); });
    EXPECT_TRUE(until([&] { return out.has_value(); }));
    return out.value_or(HttpResponse{});
  }
  [[nodiscard]] std::filesystem::path attachments() const { return folder_ / "profile" / "attachments"; }
  [[nodiscard]] std::ptrdiff_t stored() const {
    if (!std::filesystem::exists(attachments())) return 0;
    return std::distance(std::filesystem::directory_iterator(attachments()), {});
  }
  /// What stands between `before` and the next quotation mark.
  static std::string value(const std::string& text, std::string_view before) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + before.size();
    return text.substr(begin, text.find('"', begin) - begin);
  }
  static bool has(const HttpResponse& response, std::string_view words) {
    return response.body.find(words) != std::string::npos;
  }
  static bool is_protected(const HttpResponse& response) {
    for (const auto& [name, content] : response.fields) {
      if (name == "X-Protected") return true;
    }
    return false;
  }

  paths::TestFolder folder_;
  boost::asio::io_context loop_{1};
  Agent agent_{loop_, {.profile = folder_ / "profile", .version = "1"}};
  std::optional<UploadEdge> edge_{std::in_place, loop_, agent_};
};

TEST_F(UploadTest, PiecesBecomeAFileThatAMessageCanCarry) {
  const std::string octets(200'000, 'x');
  const auto sink = upload("name=a%20b.bin&mime=text/plain");
  EXPECT_FALSE(take(*sink, octets.substr(0, 70'000)));
  EXPECT_FALSE(take(*sink, octets.substr(70'000)));
  const HttpResponse response = finish(*sink);
  EXPECT_EQ(response.status, 200U);
  EXPECT_TRUE(is_protected(response));
  EXPECT_EQ(value(response.body, R"("name":")"), "a b.bin");
  EXPECT_EQ(value(response.body, R"("size":")"), "200000");
  const auto file = agent_.uploads()->take(value(response.body, R"("upload":")"));
  ASSERT_TRUE(file) << response.body;
  EXPECT_EQ(file->mime, "text/plain");
  const client::AttachmentFolder folder(folder_ / "profile");
  EXPECT_EQ(as_chars(folder.open_beginning(file->keys, file->shape, file->tags_hash, 300'000).value()),
            octets);
  const auto empty = upload("name=empty");
  EXPECT_EQ(value(finish(*empty).body, R"("size":")"), "0");
}

TEST_F(UploadTest, OneThatIsCutLeavesNothing) {
  auto sink = upload("name=a.bin");
  EXPECT_FALSE(take(*sink, std::string(100'000, 'x')));
  EXPECT_EQ(stored(), 1);
  sink.reset();
  EXPECT_EQ(stored(), 0);
}

TEST_F(UploadTest, WhoLeavesBeforeTheAnswerIsForgottenWithTheFile) {
  auto sink = upload("name=a.bin");
  EXPECT_FALSE(take(*sink, std::string(100'000, 'x')));
  sink->finish([](const HttpResponse&) { ADD_FAILURE(); });
  sink.reset();
  EXPECT_TRUE(until([&] { return stored() == 0; }));
}

TEST_F(UploadTest, OneThatOutlivesItsProfileIsRefusedAndLeavesNothing) {
  auto piece = upload("name=a.bin");
  auto end = upload("name=b.bin");
  auto between = upload("name=c.bin");
  for (const auto& each : {&piece, &end, &between}) EXPECT_FALSE(take(**each, std::string(100'000, 'x')));
  std::optional<HttpResponse> response;
  between->finish([&](HttpResponse given) { response = std::move(given); });
  agent_.lock();
  const auto refused = take(*piece, "more");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503U);
  EXPECT_TRUE(has(*refused, "locked"));
  EXPECT_EQ(finish(*end).status, 503U);
  EXPECT_TRUE(until([&] { return response.has_value(); }));
  EXPECT_EQ(response->status, 503U);
  EXPECT_EQ(finish(*upload("name=d.bin")).status, 404U);
  for (const auto& each : {&piece, &end, &between}) each->reset();
  EXPECT_TRUE(until([&] { return stored() == 0; }));
}

TEST_F(UploadTest, OneThatOutlivesTheEdgeIsNotAnswered) {
  auto sink = upload("name=a.bin");
  EXPECT_FALSE(take(*sink, std::string(100'000, 'x')));
  edge_.reset();
  sink->take("more", [](const std::optional<HttpResponse>&) { ADD_FAILURE(); });
  sink.reset();
  EXPECT_EQ(stored(), 0);
}

TEST_F(UploadTest, NoMoreThanSoManyAtATime) {
  std::vector<HttpBodySinkPtr> all;
  for (std::size_t i = 0; i < kMaxUploadsAtOnce; ++i) all.push_back(upload("name=a.bin"));
  EXPECT_FALSE(take(*all.back(), "x"));
  const HttpResponse refused = finish(*upload("name=b.bin"));
  EXPECT_EQ(refused.status, 503U);
  EXPECT_TRUE(is_protected(refused));
  EXPECT_TRUE(has(refused, "wait until one is through"));
  all.pop_back();
  EXPECT_EQ(finish(*upload("name=b.bin")).status, 200U);
}

TEST_F(UploadTest, WhatCannotBeSentIsRefused) {
  EXPECT_EQ(finish(*upload("name=../a")).status, 500U);
  const auto picture = take(*upload("name=a.gif"), "GIF89a" + std::string(100, 'x'));
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->status, 422U);
  EXPECT_TRUE(is_protected(*picture));
  EXPECT_FALSE(take(*upload("name=a.gif&keep_metadata=1"), "GIF89a" + std::string(100, 'x')));
  const auto large = take(*upload("name=a.bin", {{"Content-Length", "8589934593"}}), "x");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->status, 413U);
  EXPECT_TRUE(has(*large, "8 GiB"));
}

TEST_F(UploadTest, AFullDiskIsSaidWithWhatToDoAndNothingIsLeftOnIt) {
  std::filesystem::create_directories(attachments());
  if (::mount("tmpfs", attachments().c_str(), "tmpfs", 0, "size=512k") != 0) {
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  const auto announced = take(*upload("name=a.bin", {{"Content-Length", "1000000"}}), "x");
  ASSERT_TRUE(announced);
  EXPECT_EQ(announced->status, 507U);
  EXPECT_TRUE(has(*announced, "a.bin: the disk is full; free some space and try again"));
  auto sink = upload("name=b.bin");
  std::optional<HttpResponse> full;
  for (int i = 0; i < 20 && !full; ++i) full = take(*sink, std::string(64 * 1024, 'x'));
  ASSERT_TRUE(full);
  EXPECT_EQ(full->status, 507U);
  sink.reset();
  EXPECT_EQ(stored(), 0);
  const auto small = upload("name=c.bin");
  EXPECT_FALSE(take(*small, "x"));
  EXPECT_EQ(finish(*small).status, 200U) << "there is room again";
  agent_.lock();
  ::umount(attachments().c_str());
}

}  // namespace
}  // namespace sotto::agent
