#include "client/events/webhooks.h"

#include <gtest/gtest.h>

#include "bytes/hex.h"
#include "client/events/event_log.h"
#include "client/store/schema.h"

namespace sotto::client {
namespace {

class WebhooksTest : public ::testing::Test {
 protected:
  WebhooksTest() { EXPECT_TRUE(store::migrate(*database_)); }
  Result<v1::Webhook, WebhookError> add(const std::string& name, const std::string& url) {
    v1::Webhook wish;
    wish.set_name(name);
    wish.set_url(url);
    return add_webhook(*database_, wish, random_);
  }
  void happen() {
    database_->run("INSERT INTO event_log (time_ms, kind, row, detail) VALUES (0, 1, 0, x'')");
  }

  crypto::DeterministicRandom random_{5};
  std::unique_ptr<store::Database> database_ = store::Database::in_memory();
  UnixMs now_{1'750'000'000'000};
};

TEST(WebhookUrl, PlainHttpLeadsToThisMachineOnly) {
  const auto far = parse_webhook_url("https://example.org/hook?x=1");
  ASSERT_TRUE(far);
  EXPECT_TRUE(far->secure);
  EXPECT_EQ(far->host, "example.org");
  EXPECT_EQ(far->port, 443);
  EXPECT_EQ(far->target, "/hook?x=1");
  const auto near = parse_webhook_url("http://127.0.0.1:8080");
  ASSERT_TRUE(near);
  EXPECT_EQ(near->port, 8080);
  EXPECT_EQ(near->target, "/");
  EXPECT_EQ(parse_webhook_url("http://[::1]:81/a")->host, "::1");
  EXPECT_EQ(parse_webhook_url("http://localhost?a")->target, "/?a");
  for (const std::string url :
       {"", "example.org", "ftp://example.org", "http://example.org/", "http://127.0.0.1.example.org/",
        "https://", "https://user@example.org/", "https://a b/", "https://example.org:0/",
        "https://example.org:99999/", "https://example.org:8x/", "http://[::1/", "https://example.org/#part",
        "https://example.org/\r\nX: y", "http://127.0.0.1@example.org/"}) {
    EXPECT_FALSE(parse_webhook_url(url)) << url;
  }
  EXPECT_FALSE(parse_webhook_url("https://example.org/" + std::string(3000, 'a')));
}

TEST_F(WebhooksTest, OneIsAddedOnceAndShowsItsSecretOnce) {
  const auto added = add("hook", "https://example.org/");
  ASSERT_TRUE(added);
  EXPECT_EQ(added->secret().size(), 64U);
  EXPECT_EQ(add("hook", "https://example.org/").error(), WebhookError::taken);
  EXPECT_EQ(add("", "https://example.org/").error(), WebhookError::bad_name);
  EXPECT_EQ(add("other", "http://example.org/").error(), WebhookError::bad_url);
  ASSERT_EQ(webhooks(*database_).size(), 1U);
  EXPECT_EQ(webhooks(*database_)[0].secret(), "");
  EXPECT_TRUE(remove_webhook(*database_, "hook"));
  EXPECT_EQ(remove_webhook(*database_, "hook").error(), WebhookError::no_webhook);
  for (std::int64_t i = 0; i < kMaxWebhooks; ++i) ASSERT_TRUE(add(std::to_string(i), "https://example.org/"));
  EXPECT_EQ(add("one more", "https://example.org/").error(), WebhookError::too_many);
  for (const auto error : {WebhookError::bad_name, WebhookError::bad_url, WebhookError::taken,
                           WebhookError::too_many, WebhookError::no_webhook}) {
    EXPECT_FALSE(describe(error).empty());
  }
}

TEST_F(WebhooksTest, AFailureIsFollowedByLongerAndLongerPauses) {
  ASSERT_TRUE(add("hook", "http://127.0.0.1:1/"));
  EXPECT_FALSE(due_webhook(*database_, now_));
  happen();
  auto due = due_webhook(*database_, now_);
  ASSERT_TRUE(due);
  EXPECT_EQ(due->acknowledged, 0U);
  EXPECT_FALSE(has_failing_webhook(*database_));
  std::uint64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    webhook_failed(*database_, "hook", "status 500", now_);
    EXPECT_FALSE(due_webhook(*database_, now_));
    EXPECT_TRUE(has_failing_webhook(*database_));
    const UnixMs before = now_;
    while (!due_webhook(*database_, now_)) now_ = now_ + seconds(1);
    EXPECT_GE(elapsed(before, now_).value, last);
    last = elapsed(before, now_).value;
  }
  EXPECT_EQ(last, kLongestWebhookPause.value);
  EXPECT_EQ(webhooks(*database_)[0].failures(), 20U);
  EXPECT_EQ(webhooks(*database_)[0].last_failure(), "status 500");
  webhook_told(*database_, "hook", 1);
  EXPECT_FALSE(due_webhook(*database_, now_));
  EXPECT_EQ(webhooks(*database_)[0].failures(), 0U);
}

TEST(WebhookSignature, IsTheHmacOfRfc4231) {
  // RFC 4231 4.2, test case 1
  EXPECT_EQ(webhook_signature(Bytes(20, 0x0b), "Hi There"),
            "sha256=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

}  // namespace
}  // namespace sotto::client
