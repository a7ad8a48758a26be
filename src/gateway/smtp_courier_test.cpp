// Against a real SMTP server: tests/journeys/handles_test.py.
#include "gateway/smtp_courier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace sotto::gateway {
namespace {

TEST(SmtpCourier, WritesLettersThatMailServersTake) {
  const std::string text =
      mail_text({.to = "bob@example.org", .subject = "Your code: 123456", .text = "One.\n.\nThree.\n"},
                "sotto@example.org");
  EXPECT_TRUE(text.starts_with(
      "From: Sotto <sotto@example.org>\r\nTo: <bob@example.org>\r\nSubject: Your code: 123456\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\nOne.\r\n.\r\nThree.\r\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::count(text.begin(), text.end(), '\r'));
}

TEST(SmtpCourier, TakesABoundedNumberAndStopsAtOnceWithoutItsServer) {
  log::NullLogger logger;
  const auto began = std::chrono::steady_clock::now();
  {
    SmtpCourier courier({.url = "smtp://127.0.0.1:1", .from = "sotto@example.org"}, logger);
    std::size_t taken = 0;
    while (courier.send({.to = "bob@example.org", .subject = "s", .text = "t\n"})) ++taken;
    EXPECT_GE(taken, SmtpCourier::kMaxWaiting);
    EXPECT_LE(taken, SmtpCourier::kMaxWaiting + 1);  // one is in the worker's hands
  }
  // It sits in its pause of five seconds when it is told to stop.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(4));
}

}  // namespace
}  // namespace sotto::gateway
