// Pages asked for previews, over TLS on this machine.
#include "client/runtime/previews.h"

#include "transport/socket.h"
#include "transport/test_loop.h"

namespace sotto::client {
namespace {

using transport::HttpRequest;
using transport::HttpResponse;

class PreviewTest : public transport::testing::LoopbackTest {
 protected:
  void SetUp() override {
    transport::ListenerOptions options;
    options.endpoint = transport::TcpEndpoint{"127.0.0.1", 0};
    auto tls = transport::TlsServerContext::create(transport::testing::test_certificate(), {}).value();
    listener = transport::Listener::start(loop, std::move(options), tls,
                                          transport::at_once([this](const HttpRequest& request) {
                                            asked.push_back(request);
                                            return answer_to(request);
                                          }),
                                          &server)
                   .value();
  }
  static HttpResponse page(std::string body) {
    return {.content_type = "text/html; charset=utf-8", .body = std::move(body), .fields = {}};
  }
  static HttpResponse elsewhere(std::string location) {
    return {.status = 302, .body = {}, .fields = {{"Location", std::move(location)}}};
  }
  static HttpResponse answer_to(const HttpRequest& request) {
    const auto path = request.path();
    if (path == "/page") return page("<title>A page</title><meta name=description content='of words'>");
    if (path == "/pictured") return page("<title>P</title><meta property='og:image' content='/picture.png'>");
    if (path == "/here") return elsewhere("there/");
    if (path == "/there/") return elsewhere("/page#x");
    if (path == "/circle") return elsewhere("/circle");
    if (path == "/out") return elsewhere("http://127.0.0.1/");
    if (path == "/untitled") return page("<p>nothing");
    if (path == "/long") return page(std::string((std::size_t{2} << 20) + 1, ' '));
    if (path == "/text") return {.body = "<title>no page</title>", .fields = {}};
    return {.status = 404, .body = {}, .fields = {}};
  }
  [[nodiscard]] std::string address(const std::string& path) const {
    return "https://127.0.0.1:" + std::to_string(listener->port()) + path;
  }
  PreviewOutcome fetch(const std::string& url, bool private_addresses = true, PreviewOptions options = {}) {
    if (std::holds_alternative<transport::AuthorityTrust>(options.verification) && trusted) {
      options.verification = transport::PinnedKeys{{transport::testing::test_certificate().pin()}};
    }
    PreviewFetcher fetcher(loop, "/nowhere/sotto-media", options);
    std::optional<PreviewOutcome> outcome;
    fetcher.fetch(url, private_addresses, [&](PreviewOutcome made) { outcome = std::move(made); });
    EXPECT_FALSE(outcome) << "not from inside";
    EXPECT_TRUE(until([&] { return outcome.has_value(); }));
    return outcome ? *std::move(outcome) : err(PreviewError::timed_out);
  }

  std::vector<HttpRequest> asked;
  bool trusted = true;
};

TEST_F(PreviewTest, SaysWhatThePageSaysAndTellsItNothing) {
  const auto made = fetch(address("/page#part"));
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(made->url(), address("/page#part"));
  EXPECT_EQ(made->title(), "A page");
  EXPECT_EQ(made->description(), "of words");
  EXPECT_EQ(made->picture(), "");
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].target, "/page");
  for (const auto* field : {"Cookie", "Referer", "Accept-Language", "Authorization"}) {
    EXPECT_EQ(asked[0].field(field), "") << field;
  }
}

TEST_F(PreviewTest, FollowsAFewRedirectsAndNoneOutOfTls) {
  EXPECT_EQ(fetch(address("/here"))->title(), "A page");
  EXPECT_EQ(fetch(address("/circle")).error(), PreviewError::too_many_redirects);
  EXPECT_EQ(fetch(address("/out")).error(), PreviewError::bad_url);
}

TEST_F(PreviewTest, APictureThatCannotBeHadIsLeftOut) {
  const auto made = fetch(address("/pictured"));
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(made->title(), "P");
  EXPECT_EQ(made->picture(), "");
  EXPECT_EQ(asked.back().path(), "/picture.png");
}

TEST_F(PreviewTest, AsksNoPrivateNetworkUnlessTold) {
  EXPECT_EQ(fetch(address("/page"), false).error(), PreviewError::private_address);
  EXPECT_EQ(fetch("https://localhost:" + std::to_string(listener->port()) + "/page", false).error(),
            PreviewError::private_address);
  EXPECT_TRUE(asked.empty());
}

TEST_F(PreviewTest, WhatIsNoPageIsSaid) {
  EXPECT_EQ(fetch("http://127.0.0.1/page").error(), PreviewError::bad_url);
  EXPECT_EQ(fetch(address("/none")).error(), PreviewError::refused);
  EXPECT_EQ(fetch(address("/text")).error(), PreviewError::not_a_page);
  EXPECT_EQ(fetch(address("/untitled")).error(), PreviewError::no_title);
  EXPECT_EQ(fetch(address("/long")).error(), PreviewError::too_large);
}

TEST_F(PreviewTest, AServerThatIsNotWhoItSaysIsNotBelieved) {
  trusted = false;
  EXPECT_EQ(fetch(address("/page")).error(), PreviewError::unreachable);
}

TEST_F(PreviewTest, TakesNoLongerThanItMay) {
  auto silent = transport::open_listening_socket(transport::TcpEndpoint{"127.0.0.1", 0}, false).value();
  const auto port = transport::bound_port(silent.get());
  PreviewOptions options;
  options.deadline = {50};
  EXPECT_EQ(fetch("https://127.0.0.1:" + std::to_string(port) + "/", true, options).error(),
            PreviewError::timed_out);
}

TEST_F(PreviewTest, MakesOneAtATime) {
  PreviewFetcher fetcher(
      loop, "/nowhere/sotto-media",
      {.verification = transport::PinnedKeys{{transport::testing::test_certificate().pin()}}});
  std::vector<PreviewOutcome> outcomes;
  const auto take = [&](PreviewOutcome made) { outcomes.push_back(std::move(made)); };
  fetcher.fetch(address("/page"), true, take);
  fetcher.fetch(address("/page"), true, take);
  ASSERT_TRUE(until([&] { return outcomes.size() == 2; }));
  EXPECT_EQ(outcomes[0].error(), PreviewError::busy);
  EXPECT_TRUE(outcomes[1]);
  fetcher.fetch(address("/page"), true, take);
  ASSERT_TRUE(until([&] { return outcomes.size() == 3; }));
  EXPECT_TRUE(outcomes[2]);
}

TEST(PreviewProblem, SaysWhyThereIsNone) {
  const auto problem = preview_problem(describe(PreviewError::no_title), "https://example.org/");
  EXPECT_EQ(problem.code(), v1::Problem::PREVIEW_FAILED);
  EXPECT_EQ(problem.subject(), "https://example.org/");
  EXPECT_NE(problem.detail().find("without a preview"), std::string::npos);
}

}  // namespace
}  // namespace sotto::client
