#include "terminal_ui/timeline.h"

#include <gtest/gtest.h>

#include "terminal_ui/test_records.h"

namespace sotto::terminal_ui {
namespace {

using testing::page;

constexpr Extent kShown{10, 40};
constexpr int kMany = 100'000;

std::string text_of(const std::vector<Line>& lines) {
  std::string out;
  for (const auto& line : lines) {
    for (const auto& piece : line.pieces) out += piece.text;
    out += "\n";
  }
  return out;
}

/// What a client answers, of a conversation with kMany messages.
v1::MessagePage answer(const v1::HistoryRequest& request) {
  const int limit = static_cast<int>(request.limit());
  if (request.around().empty()) return page(kMany - limit, kMany - 1, kMany);
  const int middle = std::stoi(request.around().substr(2));
  const int first = std::max(0, middle - limit / 2);
  return page(first, std::min(kMany - 1, first + limit), kMany);
}

class TimelineTest : public ::testing::Test {
 protected:
  TimelineTest() {
    testing::use_utc();
    timeline_.open("bob");
    load();
  }
  void load() {
    timeline_.take(answer(timeline_.wanted(kShown)), kShown);
    EXPECT_LE(timeline_.page().messages_size(), static_cast<int>(kWindow) + 1);
  }
  Timeline timeline_;
};

TEST_F(TimelineTest, FollowsTheNewestUntilSomebodyScrolls) {
  EXPECT_TRUE(timeline_.at_end());
  EXPECT_EQ(timeline_.lines(kShown).size(), 10U);
  EXPECT_NE(text_of(timeline_.lines(kShown)).find("message 99999"), std::string::npos);
  timeline_.scroll(3, kShown);
  EXPECT_FALSE(timeline_.at_end());
  EXPECT_FALSE(timeline_.wanted(kShown).around().empty());
  timeline_.scroll(-3, kShown);
  EXPECT_TRUE(timeline_.at_end());
}

TEST_F(TimelineTest, ScrollsThroughALongConversationWithAWindowOfIt) {
  std::string seen;
  for (int i = 0; i < 200; ++i) {
    timeline_.scroll(8, kShown);
    if (timeline_.wants_more(kShown)) load();
    EXPECT_EQ(timeline_.lines(kShown).size(), 10U);
    seen += text_of(timeline_.lines(kShown));
  }
  for (int number = kMany - 400; number < kMany - 10; ++number) {
    ASSERT_NE(seen.find("message " + std::to_string(number)), std::string::npos) << number;
  }
  for (int i = 0; i < 300; ++i) {
    timeline_.scroll(-8, kShown);
    if (timeline_.wants_more(kShown)) load();
  }
  EXPECT_TRUE(timeline_.at_end());
}

TEST_F(TimelineTest, JumpsToAMessageFarAway) {
  timeline_.to_message("id4711");
  load();
  EXPECT_NE(text_of(timeline_.lines(kShown)).find("message 4711"), std::string::npos);
  ASSERT_NE(timeline_.selected(), nullptr);
  EXPECT_EQ(timeline_.selected()->message_id(), "id4711");
  load();
  EXPECT_NE(text_of(timeline_.lines(kShown)).find("message 4711"), std::string::npos);
}

TEST_F(TimelineTest, ChoosesMessagesAndKeepsThemVisible) {
  for (int i = 0; i < 60; ++i) {
    timeline_.select_older(kShown);
    if (timeline_.wants_more(kShown)) load();
    ASSERT_NE(timeline_.selected(), nullptr);
    const auto lines = timeline_.lines(kShown);
    EXPECT_TRUE(std::ranges::any_of(lines, [](const Line& line) { return line.chosen; })) << i;
  }
  EXPECT_EQ(timeline_.selected()->message_id(), "id" + std::to_string(kMany - 60));
  for (int i = 0; i < 80; ++i) timeline_.select_newer(kShown);
  EXPECT_EQ(timeline_.selected()->message_id(), "id" + std::to_string(kMany - 1));
  EXPECT_TRUE(timeline_.at_end());
}

TEST_F(TimelineTest, ANewMessageDoesNotMoveWhoReadsFurtherUp) {
  timeline_.scroll(20, kShown);
  load();
  const std::string before = text_of(timeline_.lines(kShown));
  auto next = answer(timeline_.wanted(kShown));
  *next.add_messages() = testing::message(kMany, "bob", "new");
  timeline_.take(std::move(next), kShown);
  EXPECT_EQ(text_of(timeline_.lines(kShown)), before);
}

TEST_F(TimelineTest, AMessageThatIsGoneLeadsBackToTheNewest) {
  timeline_.to_message("id5");
  timeline_.lose_place();
  load();
  EXPECT_TRUE(timeline_.at_end());
  EXPECT_EQ(timeline_.selected(), nullptr);
}

TEST_F(TimelineTest, AMessageLongerThanTheScreenIsScrolledLineByLine) {
  v1::MessagePage one;
  std::string body;
  for (int i = 0; i < 100; ++i) body += "line " + std::to_string(i) + "\n";
  *one.add_messages() = testing::message(1, "bob", body);
  one.set_total(1);
  timeline_.open("bob");
  timeline_.take(one, kShown);
  timeline_.scroll(90, kShown);
  EXPECT_NE(text_of(timeline_.lines(kShown)).find("line 4\n"), std::string::npos);
  timeline_.scroll(1000, kShown);
  EXPECT_NE(text_of(timeline_.lines(kShown)).find("line 0\n"), std::string::npos);
  EXPECT_EQ(timeline_.lines(kShown).size(), 10U);
}

TEST_F(TimelineTest, NothingIsThereBeforeAnythingWasSaid) {
  timeline_.open("carol");
  timeline_.take({}, kShown);
  EXPECT_TRUE(timeline_.lines(kShown).empty());
  EXPECT_TRUE(timeline_.at_end());
  timeline_.scroll(5, kShown);
  timeline_.select_older(kShown);
  EXPECT_EQ(timeline_.selected(), nullptr);
}

}  // namespace
}  // namespace sotto::terminal_ui
