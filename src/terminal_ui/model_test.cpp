#include "terminal_ui/model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "terminal_ui/test_records.h"

namespace sotto::terminal_ui {
namespace {

using testing::conversation;
using testing::kMorning;
using testing::message;
using testing::page;
using testing::request;

class ModelTest : public ::testing::Test {
 protected:
  ModelTest() {
    testing::use_utc();
    model_.resize({24, 80});
    lists({conversation("bob", 2), conversation("carol")}, {request("mallory")});
    static_cast<void>(model_.take_wishes());
  }
  void lists(const std::vector<v1::Conversation>& all, const std::vector<v1::Conversation>& requests) {
    v1::ConversationList conversations;
    v1::ConversationList waiting;
    for (const auto& each : all) *conversations.add_conversations() = each;
    for (const auto& each : requests) *waiting.add_conversations() = each;
    model_.take_lists(conversations, waiting);
  }
  void press(KeyName name) { model_.press({name}, now_); }
  void press(KeyName name, const std::string& text) { model_.press({name, text}, now_); }
  void type(const std::string& text) {
    for (const char letter : text) press(KeyName::text, std::string(1, letter));
  }
  void open_bob() {
    press(KeyName::down);
    press(KeyName::enter);
    model_.take_page(page(0, 19, 20));
    static_cast<void>(model_.take_wishes());
  }
  template <typename T>
  std::vector<T> wished() {
    std::vector<T> out;
    for (auto& wish : model_.take_wishes()) {
      if (auto* found = std::get_if<T>(&wish)) out.push_back(std::move(*found));
    }
    return out;
  }

  Model model_;
  UnixMs now_{kMorning};
};

TEST_F(ModelTest, OpensWhatTheCursorIsAtAndAsksForItsMessages) {
  EXPECT_EQ(model_.cursor(), "mallory");
  press(KeyName::down);
  EXPECT_EQ(model_.cursor(), "bob");
  EXPECT_TRUE(model_.take_wishes().empty()) << "moving the cursor opens nothing and marks nothing as read";
  press(KeyName::enter);
  const auto looks = wished<Look>();
  ASSERT_EQ(looks.size(), 1U);
  EXPECT_EQ(looks[0].request.conversation(), "bob");
  EXPECT_EQ(model_.focus(), Focus::composer);
}

TEST_F(ModelTest, MarksAsReadWhatIsShownOnceAndNotWhatIsNot) {
  press(KeyName::down);
  press(KeyName::enter);
  model_.take_page(page(0, 19, 20));
  EXPECT_EQ(wished<MarkRead>().size(), 1U);
  model_.take_page(page(0, 19, 20));
  EXPECT_TRUE(wished<MarkRead>().empty());
  press(KeyName::page_up);
  auto more = page(0, 19, 21);
  *more.add_messages() = message(20, "bob", "new");
  more.mutable_messages(20)->set_read(false);
  more.set_more_after(false);
  model_.take_page(more);
  EXPECT_TRUE(wished<MarkRead>().empty()) << "it is below what is shown";
  press(KeyName::page_down);
  press(KeyName::page_down);
  EXPECT_EQ(wished<MarkRead>().size(), 1U);
}

TEST_F(ModelTest, WhatCannotBeKeptAsADraftStaysOnTheScreen) {
  open_bob();
  type("to nobody yet");
  model_.tick(now_ + seconds(4));
  lists({conversation("bob"), conversation("carol")}, {});  // as if it had been refused
  EXPECT_EQ(model_.composer().text(), "to nobody yet");
}

TEST_F(ModelTest, AConversationStaysOpenWhenItsNameBecomesKnown) {
  auto stranger = request(std::string(64, 'a'));
  stranger.mutable_contact()->set_account(std::string(64, 'a'));
  lists({}, {stranger});
  press(KeyName::enter);
  stranger.set_conversation("mallory");
  lists({}, {stranger});
  EXPECT_EQ(model_.current()->conversation(), "mallory");
  EXPECT_EQ(model_.cursor(), "mallory");
  static_cast<void>(model_.take_wishes());
  model_.look();
  EXPECT_EQ(wished<Look>().at(0).request.conversation(), "mallory");
}

TEST_F(ModelTest, RingsForNewsThatIsNotBeforeTheEyes) {
  lists({conversation("bob", 2), conversation("carol", 1)}, {});
  EXPECT_EQ(wished<Ring>().size(), 1U);
  lists({conversation("bob", 2), conversation("carol", 1)}, {});
  EXPECT_TRUE(wished<Ring>().empty());
  auto muted = conversation("carol", 2);
  muted.mutable_settings()->set_muted_until_ms(now_.value * 2);
  press(KeyName::escape);
  lists({conversation("bob", 2), muted}, {});
  EXPECT_TRUE(wished<Ring>().empty());
  press(KeyName::enter);
  model_.take_page(page(0, 19, 20));
  static_cast<void>(model_.take_wishes());
  lists({conversation("bob", 3), muted}, {});
  EXPECT_TRUE(wished<Ring>().empty()) << "who looks at it need not hear it";
  press(KeyName::focus_out);
  lists({conversation("bob", 4), muted}, {});
  EXPECT_EQ(wished<Ring>().size(), 1U);
}

TEST_F(ModelTest, NothingIsReadWhileTheWindowHasNobodysAttention) {
  press(KeyName::focus_out);
  press(KeyName::down);
  press(KeyName::enter);
  model_.take_page(page(0, 19, 20));
  EXPECT_TRUE(wished<MarkRead>().empty());
  press(KeyName::focus_in);
  EXPECT_EQ(wished<MarkRead>().size(), 1U);
}

TEST_F(ModelTest, NothingIsReadBehindTheSearch) {
  open_bob();
  press(KeyName::control, "f");
  auto more = page(0, 19, 21);
  *more.add_messages() = message(20, "bob", "new");
  more.set_more_after(false);
  model_.take_page(more);
  EXPECT_TRUE(wished<MarkRead>().empty());
  press(KeyName::escape);
  EXPECT_EQ(wished<MarkRead>().size(), 1U);
}

TEST_F(ModelTest, ANarrowTerminalThatShowsTheListReadsNothing) {
  open_bob();
  model_.resize({12, 40});
  press(KeyName::tab);
  EXPECT_EQ(model_.focus(), Focus::list);
  auto more = page(0, 19, 21);
  *more.add_messages() = message(20, "bob", "new");
  more.set_more_after(false);
  static_cast<void>(model_.take_wishes());
  model_.take_page(more);
  EXPECT_TRUE(wished<MarkRead>().empty());
  press(KeyName::tab);
  EXPECT_EQ(wished<MarkRead>().size(), 1U);
}

TEST_F(ModelTest, EnterSendsAndAltEnterBeginsALine) {
  open_bob();
  type("Hello");
  press(KeyName::alt_enter);
  type("you");
  press(KeyName::enter);
  const auto sent = wished<Send>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].request.conversation(), "bob");
  EXPECT_EQ(sent[0].request.text(), "Hello\nyou");
  EXPECT_TRUE(model_.composer().empty());
  press(KeyName::enter);
  EXPECT_TRUE(wished<Send>().empty()) << "nothing is no message";
}

TEST_F(ModelTest, APasteIsTextWhateverItLooksLike) {
  open_bob();
  press(KeyName::paste_begin);
  type("a");
  press(KeyName::enter);
  press(KeyName::control, "q");
  press(KeyName::control, "f");
  type("b");
  press(KeyName::paste_end);
  EXPECT_EQ(model_.composer().text(), "a\nb");
  EXPECT_TRUE(wished<Quit>().empty());
  EXPECT_EQ(model_.mode(), Mode::normal);
  press(KeyName::tab);
  press(KeyName::paste_begin);
  type("ddmmpp");
  press(KeyName::paste_end);
  EXPECT_TRUE(wished<Change>().empty()) << "a paste into the list is not a row of commands";
}

TEST_F(ModelTest, WhatCouldNotBeSentComesBack) {
  open_bob();
  type("Hello");
  press(KeyName::enter);
  const auto sent = wished<Send>();
  ASSERT_EQ(sent.size(), 1U);
  model_.give_back(sent[0].request);
  EXPECT_EQ(model_.composer().text(), "Hello");
}

TEST_F(ModelTest, KeepsADraftForEachConversation) {
  open_bob();
  type("to bob");
  press(KeyName::control, "n");
  auto drafts = wished<KeepDraft>();
  ASSERT_EQ(drafts.size(), 1U);
  EXPECT_EQ(drafts[0].request.conversation(), "bob");
  EXPECT_EQ(drafts[0].request.text(), "to bob");
  EXPECT_TRUE(model_.composer().empty());
  auto bob = conversation("bob");
  bob.set_draft("to bob");
  lists({bob, conversation("carol")}, {});
  press(KeyName::control, "p");
  EXPECT_EQ(model_.composer().text(), "to bob");
  press(KeyName::enter);
  drafts = wished<KeepDraft>();
  ASSERT_EQ(drafts.size(), 1U);
  EXPECT_EQ(drafts[0].request.text(), "") << "what was sent is no draft any more";
}

TEST_F(ModelTest, KeepsADraftWhenTheTypingRestsAndAtTheEnd) {
  open_bob();
  type("half a");
  static_cast<void>(model_.take_wishes());
  model_.tick(now_ + seconds(1));
  EXPECT_TRUE(wished<KeepDraft>().empty());
  model_.tick(now_ + seconds(4));
  EXPECT_EQ(wished<KeepDraft>().size(), 1U);
  model_.tick(now_ + seconds(5));
  EXPECT_TRUE(wished<KeepDraft>().empty());
  type(" thought");
  press(KeyName::control, "q");
  const auto wishes = model_.take_wishes();
  ASSERT_FALSE(wishes.empty());
  EXPECT_TRUE(std::holds_alternative<Quit>(wishes.back()));
  EXPECT_TRUE(
      std::ranges::any_of(wishes, [](const Wish& wish) { return std::holds_alternative<KeepDraft>(wish); }));
}

TEST_F(ModelTest, ADraftOfAnotherDeviceAppearsUnlessSomethingElseIsBeingWritten) {
  open_bob();
  auto bob = conversation("bob");
  bob.set_draft("from the telephone");
  lists({bob}, {});
  EXPECT_EQ(model_.composer().text(), "from the telephone");
  type("!");
  bob.set_draft("other");
  lists({bob}, {});
  EXPECT_EQ(model_.composer().text(), "from the telephone!");
}

TEST_F(ModelTest, TellsThatSomebodyWritesNotAtEveryKeyAndThatItIsOver) {
  open_bob();
  type("abc");
  auto told = wished<TellTyping>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].request.active());
  model_.tick(now_ + seconds(9));
  told = wished<TellTyping>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].request.active());
}

TEST_F(ModelTest, ShowsWhoWritesUntilTheMessageComes) {
  open_bob();
  v1::TypingState typing;
  typing.set_conversation("bob");
  typing.set_sender("bob");
  typing.set_active(true);
  typing.set_until_ms(now_.value + 15'000);
  model_.take_typing(typing);
  EXPECT_EQ(model_.typing(now_), "bob");
  EXPECT_EQ(model_.typing(now_ + seconds(16)), "");
  auto more = page(0, 19, 21);
  *more.add_messages() = message(21, "bob", "here");
  more.set_more_after(false);
  model_.take_page(more);
  EXPECT_EQ(model_.typing(now_), "");
}

TEST_F(ModelTest, AnswersReactsEditsAndTakesBackTheChosenMessage) {
  open_bob();
  press(KeyName::up);
  EXPECT_EQ(model_.focus(), Focus::timeline);
  press(KeyName::up);
  ASSERT_EQ(model_.timeline().selected()->message_id(), "id18");
  press(KeyName::text, "t");
  type("1");
  press(KeyName::enter);
  const auto reactions = wished<React>();
  ASSERT_EQ(reactions.size(), 1U);
  EXPECT_EQ(reactions[0].request.emoji(), "\U0001F44D");
  EXPECT_EQ(reactions[0].request.message_id(), "id18");
  press(KeyName::text, "u");
  EXPECT_TRUE(wished<Unsend>().empty()) << "not without being asked";
  press(KeyName::text, "y");
  EXPECT_EQ(wished<Unsend>().size(), 1U);
  press(KeyName::text, "r");
  type("Yes");
  press(KeyName::enter);
  auto sent = wished<Send>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].request.reply_to(), "id18");
  press(KeyName::up);
  press(KeyName::up);
  press(KeyName::text, "e");
  EXPECT_EQ(model_.composer().text(), "message 18");
  type("!");
  press(KeyName::enter);
  const auto edits = wished<Edit>();
  ASSERT_EQ(edits.size(), 1U);
  EXPECT_EQ(edits[0].request.text(), "message 18!");
  EXPECT_TRUE(model_.composer().empty());
}

TEST_F(ModelTest, MessagesOfOthersAreNeitherEditedNorTakenBack) {
  open_bob();
  press(KeyName::up);
  ASSERT_EQ(model_.timeline().selected()->message_id(), "id19");
  press(KeyName::text, "e");
  press(KeyName::text, "u");
  EXPECT_EQ(model_.mode(), Mode::normal);
  EXPECT_FALSE(model_.edits());
  press(KeyName::text, "x");
  press(KeyName::text, "n");
  EXPECT_TRUE(wished<Erase>().empty());
  press(KeyName::text, "l");
  EXPECT_EQ(wished<RevealLinks>().size(), 1U);
}

TEST_F(ModelTest, ForwardsTheChosenMessageToSomebody) {
  open_bob();
  press(KeyName::up);
  press(KeyName::text, "f");
  press(KeyName::enter);
  EXPECT_TRUE(wished<Forward>().empty()) << "to nobody";
  press(KeyName::text, "f");
  type("carol");
  press(KeyName::enter);
  const auto forwarded = wished<Forward>();
  ASSERT_EQ(forwarded.size(), 1U);
  EXPECT_EQ(forwarded[0].request.message_id(), "id19");
  EXPECT_EQ(forwarded[0].request.to(), "carol");
}

TEST_F(ModelTest, EscapeLeavesAnEditAndBringsTheDraftBack) {
  open_bob();
  type("draft");
  press(KeyName::up);
  press(KeyName::up);
  press(KeyName::text, "e");
  EXPECT_EQ(model_.composer().text(), "message 18");
  press(KeyName::escape);
  EXPECT_FALSE(model_.edits());
  EXPECT_EQ(model_.composer().text(), "draft");
}

TEST_F(ModelTest, RequestsAreAcceptedDeletedAndBlocked) {
  press(KeyName::text, "a");
  auto decided = wished<Decide>();
  ASSERT_EQ(decided.size(), 1U);
  EXPECT_EQ(decided[0].what, Decide::What::accept);
  EXPECT_EQ(decided[0].conversation, "mallory");
  press(KeyName::text, "d");
  EXPECT_EQ(model_.mode(), Mode::confirm);
  press(KeyName::text, "n");
  EXPECT_TRUE(wished<Decide>().empty());
  press(KeyName::enter);
  EXPECT_EQ(model_.focus(), Focus::timeline);
  press(KeyName::text, "b");
  press(KeyName::text, "y");
  decided = wished<Decide>();
  ASSERT_EQ(decided.size(), 1U);
  EXPECT_EQ(decided[0].what, Decide::What::block);
  EXPECT_FALSE(model_.current().has_value()) << "what was blocked is closed";
}

TEST_F(ModelTest, NobodyWritesToARequestBeforeItIsAccepted) {
  press(KeyName::enter);
  press(KeyName::tab);
  press(KeyName::tab);
  type("Hi");
  press(KeyName::enter);
  for (const auto& wish : model_.take_wishes()) {
    EXPECT_FALSE(std::holds_alternative<Send>(wish));
    EXPECT_FALSE(std::holds_alternative<TellTyping>(wish));
    EXPECT_FALSE(std::holds_alternative<KeepDraft>(wish));
  }
}

TEST_F(ModelTest, SearchesEverywhereOrHereAndJumpsToWhatWasFound) {
  open_bob();
  press(KeyName::control, "f");
  type("w");
  EXPECT_TRUE(wished<Find>().empty());
  type("o");
  auto finds = wished<Find>();
  ASSERT_EQ(finds.size(), 1U);
  EXPECT_EQ(finds[0].request.words(), "wo");
  EXPECT_EQ(finds[0].request.conversation(), "");
  press(KeyName::tab);
  finds = wished<Find>();
  ASSERT_EQ(finds.size(), 1U);
  EXPECT_EQ(finds[0].request.conversation(), "bob");
  v1::MessageList found;
  *found.add_messages() = message(3, "bob", "words");
  *found.add_messages() = message(7, "carol", "words too");
  found.mutable_messages(1)->set_conversation("carol");
  model_.take_found(found);
  press(KeyName::down);
  press(KeyName::down);
  press(KeyName::enter);
  EXPECT_EQ(model_.mode(), Mode::normal);
  EXPECT_EQ(model_.current()->conversation(), "carol");
  const auto looks = wished<Look>();
  ASSERT_EQ(looks.size(), 1U) << "the newest are not asked for where others are wanted";
  EXPECT_EQ(looks[0].request.around(), "id7");
}

TEST_F(ModelTest, SettingsOfTheListGoToTheClient) {
  press(KeyName::down);
  press(KeyName::text, "p");
  press(KeyName::text, "m");
  const auto changes = wished<Change>();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_TRUE(changes[0].request.pinned());
  EXPECT_EQ(changes[1].request.muted_until_ms(), (now_ + hours(8)).value);
}

TEST_F(ModelTest, OpensSomebodyWhoIsInNoList) {
  press(KeyName::control, "o");
  type("dave");
  press(KeyName::enter);
  const auto opens = wished<Open>();
  ASSERT_EQ(opens.size(), 1U);
  EXPECT_EQ(opens[0].name, "dave");
  auto dave = conversation("dave");
  model_.opened(dave);
  ASSERT_TRUE(model_.current().has_value());
  EXPECT_EQ(model_.current()->conversation(), "dave");
  EXPECT_EQ(wished<Look>().size(), 1U);
}

TEST_F(ModelTest, RemarksThatMatterStayUntilEscape) {
  model_.remark("somebody signed in", true);
  model_.remark("looking for somebody");
  model_.remark("there is nobody of that name");
  press(KeyName::down);
  ASSERT_EQ(model_.remarks().size(), 2U);
  EXPECT_EQ(model_.remarks().back().words, "there is nobody of that name");
  press(KeyName::escape);
  press(KeyName::down);
  EXPECT_TRUE(model_.remarks().empty());
  for (std::size_t i = 0; i < 100; ++i) model_.remark("again", true);
  EXPECT_EQ(model_.remarks().size(), kMaxRemarks);
}

TEST_F(ModelTest, ControlKeysQuitSuspendAndDrawAnewFromEverywhere) {
  press(KeyName::control, "z");
  EXPECT_EQ(wished<Suspend>().size(), 1U);
  press(KeyName::control, "l");
  EXPECT_EQ(wished<Redraw>().size(), 1U);
  press(KeyName::help);
  EXPECT_EQ(model_.mode(), Mode::help);
  press(KeyName::control, "c");
  EXPECT_EQ(wished<Quit>().size(), 1U);
  open_bob();
  press(KeyName::control, "d");
  EXPECT_EQ(wished<Quit>().size(), 1U);
}

}  // namespace
}  // namespace sotto::terminal_ui
