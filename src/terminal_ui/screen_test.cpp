#include "terminal_ui/screen.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "paths/paths.h"
#include "terminal_ui/test_records.h"
#include "terminal_ui/text.h"

namespace sotto::terminal_ui {
namespace {

using testing::conversation;
using testing::kMorning;
using testing::message;
using testing::request;

v1::ConversationList list_of(const std::vector<v1::Conversation>& all) {
  v1::ConversationList out;
  for (const auto& each : all) *out.add_conversations() = each;
  return out;
}

v1::Message from_bob(int number, const std::string& body) { return message(number, "bob", body); }

/// A bit of everything that a conversation has.
v1::MessagePage everything() {
  v1::MessagePage out;
  *out.add_messages() = from_bob(-1000, "Are you coming on Saturday?");
  *out.add_messages() =
      message(0, "alice", "Yes, at noon. I bring \u6F22\u5B57 and cre\u0300me, and a rather long line.");
  auto& answer = *out.add_messages();
  answer = from_bob(1, "Good!");
  auto* quote = answer.mutable_reply_to();
  quote->set_sender("alice");
  quote->set_body("Yes, at noon.");
  quote->set_known(true);
  auto* reaction = answer.add_reactions();
  reaction->set_sender("alice");
  reaction->set_emoji("\U0001F44D");
  auto& edited = *out.add_messages();
  edited = from_bob(2, "Bring the map.");
  edited.set_edited_ms(kMorning);
  auto* file = edited.add_files();
  file->set_name("map.jpg");
  file->set_mime("image/jpeg");
  file->set_size(2'100'000);
  file->set_state(v1::AttachedFile::REMOTE);
  auto& unsent = *out.add_messages();
  unsent = from_bob(3, "");
  unsent.set_unsent(true);
  auto& text = *out.add_messages();
  text = message(20, "alice", "By text");
  text.mutable_security()->set_end_to_end(false);
  text.set_state(v1::Message::SENT);
  auto& system = *out.add_messages();
  system = message(21, "bob", "bob has a new device 3f2a9c01");
  system.mutable_system()->set_kind(v1::SystemLine::DEVICE_ADDED);
  auto& failed = *out.add_messages();
  failed = message(22, "alice", "And this");
  failed.set_state(v1::Message::FAILED);
  failed.set_failure("the recipient is gone");
  failed.set_expires_ms(kMorning + 3'600'000);
  out.set_total(8);
  return out;
}

class ScreenTest : public ::testing::Test {
 protected:
  ScreenTest() {
    testing::use_utc();
    model_.set_self("alice");
    model_.set_connection("connected");
  }
  void open(Extent extent) {
    model_.resize(extent);
    auto carol = conversation("carol", 3);
    carol.mutable_settings()->set_pinned(true);
    auto sms = conversation("sms:+46701112233");
    sms.set_kind(v1::Conversation::SMS);
    auto group = conversation("#aabb");
    group.set_kind(v1::Conversation::GROUP);
    group.set_title("Allotment");
    model_.take_lists(list_of({carol, conversation("bob"), group, sms}), list_of({request("mallory")}));
    model_.press({KeyName::down}, UnixMs{kMorning});
    model_.press({KeyName::down}, UnixMs{kMorning});
    model_.press({KeyName::enter}, UnixMs{kMorning});
    model_.take_page(everything());
  }
  [[nodiscard]] std::string drawn() const {
    const Grid grid = draw(model_);
    std::string out;
    for (int row = 0; row < grid.extent().rows; ++row) out += grid.row_text(row) + "\n";
    return out;
  }
  void expect_golden(const std::string& name) const {
    const auto path = paths::source_dir() + "/src/terminal_ui/goldens/" + name;
    std::ifstream file(path);
    std::stringstream golden;
    golden << file.rdbuf();
    EXPECT_EQ(drawn(), golden.str()) << path << " is otherwise; if this is how it should look:\n" << drawn();
  }
  Model model_;
};

TEST_F(ScreenTest, LooksAsItShouldIn80Columns) {
  open({24, 80});
  expect_golden("80x24.txt");
}

TEST_F(ScreenTest, ShowsOnePaneIn40Columns) {
  open({12, 40});
  expect_golden("40x12-conversation.txt");
  model_.press({KeyName::tab}, UnixMs{kMorning});
  expect_golden("40x12-list.txt");
}

TEST_F(ScreenTest, FillsALargeTerminal) {
  open({60, 200});
  expect_golden("200x60.txt");
}

TEST_F(ScreenTest, ShowsHelpSearchAndQuestionsOverThePanes) {
  open({24, 80});
  model_.press({KeyName::help}, UnixMs{kMorning});
  expect_golden("80x24-help.txt");
  model_.press({KeyName::escape}, UnixMs{kMorning});
  model_.press({KeyName::control, "f"}, UnixMs{kMorning});
  for (const char* letter : {"n", "o", "o", "n"}) model_.press({KeyName::text, letter}, UnixMs{kMorning});
  v1::MessageList found;
  *found.add_messages() = message(0, "alice", "Yes, at noon.");
  model_.take_found(found);
  expect_golden("80x24-search.txt");
}

TEST_F(ScreenTest, EveryCellHoldsOneHarmlessCharacterWhateverWasSaid) {
  std::string wall = "x";
  while (wall.size() < 1'000'000) wall += "\u0301\u0489";
  const std::vector<std::string> hostile = {
      "\033[2J\033[H\033]0;owned\007\033[31m",
      "\xc2\x9b"
      "2J",
      "\r\n\b\b\b",
      wall,
      "\u202Egpj.exe\u2066",
      "\xff\xfe\xf0",
      "\U0001F469\u200D\u2764\uFE0F\u200D\U0001F468\U0001F1F8\U0001F1EA",
      std::string(100'000, 'w'),
      "\u0E33\u0E33",
      "\u1100\u1161\u11A8",
      std::string("a\0b", 3),
      "\t\t\t\v\f",
      "\u200B\u200C\uFEFF\u00AD"};
  for (const Extent extent : {Extent{24, 80}, Extent{12, 40}, Extent{60, 200}, Extent{5, 20}}) {
    open(extent);
    for (const auto& text : hostile) {
      v1::MessagePage page;
      *page.add_messages() = from_bob(1, text);
      page.mutable_messages(0)->set_sender(text.substr(0, 200));
      page.set_total(1);
      model_.take_page(page);
      auto said = conversation(text.substr(0, 100));
      said.set_draft(text);
      *said.mutable_newest() = page.messages(0);
      model_.take_lists(list_of({said}), {});
      model_.remark(text);
      const Grid grid = draw(model_);
      for (int row = 0; row < extent.rows; ++row) {
        int columns = 0;
        for (int column = 0; column < extent.columns; ++column) {
          const auto& cell = grid.at(row, column).text;
          for (const char octet : cell) EXPECT_GE(static_cast<unsigned char>(octet), 0x20U);
          EXPECT_LE(cell.size(), 4 * (1 + kMaxMarks));
          columns += columns_of(cell);
        }
        EXPECT_EQ(columns, extent.columns) << row;
      }
    }
  }
}

TEST_F(ScreenTest, SaysInWordsWhatIsNotEncryptedAndWhoseKeyChanged) {
  open({24, 80});
  auto bob = conversation("bob");
  bob.mutable_contact()->set_changed_fingerprint("ab");
  model_.take_current(bob);
  EXPECT_NE(drawn().find("KEY CHANGED: nothing is sent"), std::string::npos);
  bob.mutable_contact()->set_known_key_again(true);
  model_.take_current(bob);
  EXPECT_NE(drawn().find("KNOWN KEY AGAIN: nothing is sent"), std::string::npos);
  bob = conversation("bob");
  bob.set_kind(v1::Conversation::SMS);
  model_.take_current(bob);
  EXPECT_NE(drawn().find("green: text messages, NOT end-to-end encrypted"), std::string::npos);
  EXPECT_NE(drawn().find("green: NOT encrypted"), std::string::npos);
  bob = conversation("bob");
  bob.add_guests()->set_name("Grandma");
  model_.take_current(bob);
  EXPECT_NE(drawn().find("1 guest reads it by text message"), std::string::npos);
}

TEST_F(ScreenTest, ALineSaysWhereWhatIsNewBegins) {
  model_.resize({24, 80});
  model_.take_lists(list_of({conversation("bob", 1)}), {});
  model_.press({KeyName::enter}, UnixMs{kMorning});
  auto page = testing::page(0, 3, 4);
  page.mutable_messages(3)->set_read(false);
  model_.take_page(page);
  const std::string shown = drawn();
  EXPECT_LT(shown.find("message 2"), shown.find("\u2500 new \u2500"));
  EXPECT_LT(shown.find("\u2500 new \u2500"), shown.find("message 3"));
}

TEST_F(ScreenTest, ARequestSaysWhoItPretendsToBeAndThatNobodyIsTold) {
  model_.resize({24, 120});
  auto stranger = request("b0b");
  stranger.mutable_contact()->set_resembles("bob");
  model_.take_lists({}, list_of({stranger}));
  model_.press({KeyName::enter}, UnixMs{kMorning});
  v1::MessagePage page;
  *page.add_messages() = message(1, "b0b", "see http://evil.example/x");
  auto* link = page.mutable_messages(0)->add_links();
  link->set_start(4);
  link->set_length(21);
  link->set_host("evil.example");
  link->set_inert(true);
  model_.take_page(page);
  EXPECT_NE(drawn().find("looks like bob and is somebody else"), std::string::npos);
  EXPECT_NE(drawn().find("they are told nothing"), std::string::npos);
  EXPECT_NE(drawn().find("see [link to evil.example]"), std::string::npos);
  EXPECT_EQ(drawn().find("http://"), std::string::npos);
}

TEST_F(ScreenTest, AWideCharacterHalfOfWhichGoesGoesWhole) {
  Grid grid({1, 6});
  grid.put(0, 0, "\u6F22\u5B57\u6F22", Style::plain, 6);
  grid.put(0, 1, "xx", Style::plain, 2);
  EXPECT_EQ(grid.row_text(0), " xx \u6F22");
  EXPECT_EQ(grid.put(0, 0, "\u6F22\u5B57", Style::plain, 3), 3);
}

}  // namespace
}  // namespace sotto::terminal_ui
