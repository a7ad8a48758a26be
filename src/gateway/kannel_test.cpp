// Against the real Kannel: tests/journeys/sms_test.py.
#include "gateway/kannel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "bytes/hex.h"
#include "gateway/kannel_sender.h"

namespace sotto::gateway {
namespace {

const SmsRef kRef = *SmsRef::from(from_hex("000102030405060708090a0b0c0d0e0f").value());

bool has(const KannelRequest& request, std::string_view field) {
  return std::ranges::find(request.fields, field) != request.fields.end();
}

class KannelTest : public ::testing::Test {
 protected:
  Result<Callback, CallbackError> read(std::string_view target, std::string_view body = "hej",
                                       std::string_view type = "text/plain; charset=\"UTF-8\"",
                                       std::string_view method = "POST",
                                       std::string_view source = "127.0.0.1") {
    return read_callback({source, method, target, type, body}, rules);
  }
  IncomingSms text(std::string_view target, std::string_view body = "hej",
                   std::string_view type = "text/plain; charset=\"UTF-8\"") {
    const auto callback = read(target, body, type);
    EXPECT_TRUE(callback) << describe(callback.error());
    return std::get<IncomingSms>(*callback);
  }

  CallbackRules rules{"a secret+", {"127.0.0.1"}};
  KannelServer server{"http://127.0.0.1:13013/cgi-bin/sendsms", "sotto", "pass", "http://127.0.0.1:13080"};
};

TEST_F(KannelTest, AsksForReportsUnderTheReferenceAlone) {
  const KannelRequest request = kannel_request(server, {kRef, "+46700000001", "+46701112233", "hej å"}, true);
  EXPECT_EQ(request.body, "hej å");
  EXPECT_TRUE(has(request, "X-Kannel-From: +46700000001"));
  EXPECT_TRUE(has(request, "X-Kannel-To: +46701112233"));
  EXPECT_TRUE(has(request, "X-Kannel-Coding: 0"));
  EXPECT_TRUE(has(request,
                  "X-Kannel-DLR-Url: http://127.0.0.1:13080/kannel/report?"
                  "ref=000102030405060708090a0b0c0d0e0f&type=%d"));
  const KannelRequest wide = kannel_request(server, {kRef, "1", "2", "ж"}, false);
  EXPECT_TRUE(has(wide, "X-Kannel-Coding: 2"));
  EXPECT_TRUE(
      std::ranges::none_of(wide.fields, [](const auto& field) { return field.starts_with("X-Kannel-DLR"); }));
}

TEST_F(KannelTest, OnlyABadRequestIsFinal) {
  EXPECT_EQ(kannel_result(202), HandOver::accepted);
  EXPECT_EQ(kannel_result(400), HandOver::refused);
  for (const long status : {0L, 403L, 404L, 503L}) EXPECT_EQ(kannel_result(status), HandOver::failed);
}

TEST_F(KannelTest, ReadsATextWithItsNumbers) {
  const IncomingSms plain = text("/kannel/text?secret=a+secret%2b&from=%2B46701112233&to=46700000001&id=x1");
  EXPECT_EQ(plain.from, "+46701112233");
  EXPECT_EQ(plain.to, "46700000001");
  EXPECT_EQ(plain.gateway_id, "x1");
  EXPECT_EQ(plain.text, "hej");
  // A plus that nobody escaped.
  EXPECT_EQ(text("/kannel/text?from=+46701112233&to=1&secret=a%20secret%2B").from, "+46701112233");
  EXPECT_EQ(text("/kannel/text?secret=a+secret%2b&from=1&to=2", std::string_view("\0h\xd8\x3d\xde\0", 6),
                 "text/plain; charset=\"UTF-16BE\"")
                .text,
            "h😀");
}

TEST_F(KannelTest, RefusesWhoeverIsNotKannel) {
  const std::string good = "/kannel/text?secret=a+secret%2b&from=1&to=2";
  EXPECT_EQ(read(good, "x", "text/plain", "POST", "192.0.2.1").error(), CallbackError::wrong_source);
  EXPECT_EQ(read("/kannel/text?secret=another&from=1&to=2").error(), CallbackError::wrong_secret);
  EXPECT_EQ(read("/kannel/text?from=1&to=2").error(), CallbackError::wrong_secret);
  EXPECT_EQ(read("/elsewhere").error(), CallbackError::no_such_path);
}

TEST_F(KannelTest, RefusesWhatItCannotRead) {
  const std::string good = "/kannel/text?secret=a+secret%2b&from=1&to=2";
  EXPECT_EQ(read("/kannel/text?secret=a+secret%2b&from=1").error(), CallbackError::malformed);
  EXPECT_EQ(read("/kannel/text?secret=a+secret%2b&from=%4&to=2").error(), CallbackError::malformed);
  EXPECT_EQ(read(good + std::string(300, '2')).error(), CallbackError::malformed);
  EXPECT_EQ(read(good, "x", "text/plain", "GET").error(), CallbackError::malformed);
  EXPECT_EQ(read(good, "x", "application/octet-stream").error(), CallbackError::not_text);
  EXPECT_EQ(read(good, "\xff").error(), CallbackError::not_text);
  EXPECT_EQ(read(good, "\xd8", "text/plain; charset=UTF-16BE").error(), CallbackError::not_text);
}

TEST_F(KannelTest, ReadsReportsByTheirReference) {
  const std::string about = "/kannel/report?ref=000102030405060708090a0b0c0d0e0f&type=";
  const auto state = [&](const std::string& type) {
    return std::get<KannelReport>(read(about + type).value()).state;
  };
  EXPECT_EQ(state("1"), SmsState::delivered);
  EXPECT_EQ(state("2"), SmsState::failed);
  EXPECT_EQ(state("8"), SmsState::at_carrier);
  EXPECT_EQ(state("16"), SmsState::failed);
  EXPECT_TRUE(std::holds_alternative<Nothing>(read(about + "4").value()));
  EXPECT_EQ(read(about + "3").error(), CallbackError::malformed);
  EXPECT_EQ(read("/kannel/report?ref=00&type=1").error(), CallbackError::malformed);
}

TEST_F(KannelTest, TheSenderSaysWhatBecameOfEachTextAndStopsAtOnceWithoutItsServer) {
  log::NullLogger logger;
  server.url = "http://127.0.0.1:1/";
  const auto began = std::chrono::steady_clock::now();
  std::atomic<int> failed = 0;
  {
    KannelSender sender(
        server, "1",
        [&](const SmsRef& ref, HandOver result) { failed += ref == kRef && result == HandOver::failed; },
        logger);
    sender.send({kRef, "1", "2", "text"});
    while (failed == 0) std::this_thread::yield();
    std::size_t taken = 0;
    while (sender.send(Notice{.to = "2", .subject = "", .text = "code\n"})) ++taken;
    EXPECT_GE(taken, KannelSender::kMaxWaiting);
    EXPECT_LE(taken, KannelSender::kMaxWaiting + 1);  // one is in the worker's hands
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(4));
}

}  // namespace
}  // namespace sotto::gateway
