// Methods of services Messages and Conversations: what a caller sees.
#include "client/api/messages.h"

#include <gtest/gtest.h>

#include "client/api/conversations.h"
#include "client/api/test_api.h"

namespace sotto::client::api {
namespace {

TEST_F(ApiTest, AMessageIsAnsweredOnceItIsDurableHere) {
  sign_up_both();
  const auto sent = say(alice_, "bob", "hello");
  EXPECT_EQ(sent.state(), v1::Message::QUEUED);
  auto api = api_of(alice_);
  v1::MessageRequest request;
  request.set_conversation("bob");
  request.set_message_id(sent.message_id());
  EXPECT_EQ(get_message(api, request)->state(), v1::Message::DELIVERED);
  request.set_message_id("ffff");
  EXPECT_EQ(get_message(api, request).error().code, ExitCode::usage);
}

TEST_F(ApiTest, AMessageIsOneThingAndWithinItsBounds) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::SendRequest request;
  request.set_conversation("bob");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.set_text("hello");
  request.mutable_poll()->set_question("?");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.clear_poll();
  request.set_require("no such thing");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.set_require("verified");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::insecure);
  request.clear_require();
  request.set_expires_in_s(~std::uint64_t{0});
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.clear_expires_in_s();
  request.clear_text();
  request.mutable_sticker()->set_emoji("👍");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage) << "without a picture";
  request.clear_sticker();
  request.mutable_voice_note();
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.clear_voice_note();
  request.mutable_location()->set_live_until_ms(now_.value + 60'000);
  EXPECT_TRUE(send_message(api, request));
  request.mutable_location()->set_live_until_ms(now_.value);
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
}

TEST_F(ApiTest, AMessageIsCheckedBeforeAnybodyIsAskedAboutIt) {
  v1::SendRequest request;
  request.set_text("see https://example.org/");
  request.mutable_preview()->set_url("https://example.org/");
  EXPECT_TRUE(check_outgoing(request, now_));
  request.mutable_preview()->set_url("https://elsewhere.example/");
  EXPECT_EQ(check_outgoing(request, now_).error().code, ExitCode::usage);
  request.clear_preview();
  request.set_require("no such thing");
  EXPECT_EQ(check_outgoing(request, now_).error().code, ExitCode::usage);
}

TEST_F(ApiTest, AnOwnMessageIsFoundByItsWholeIdUntilItIsGone) {
  sign_up_both();
  const auto sent = say(alice_, "bob", "hello");
  auto alice = api_of(alice_);
  auto bob = api_of(bob_);
  const auto known = own_message(alice, sent.message_id());
  ASSERT_TRUE(known && *known);
  EXPECT_EQ((*known)->state(), v1::Message::DELIVERED);
  const auto another = own_message(bob, sent.message_id());
  EXPECT_TRUE(another && !*another);
  EXPECT_EQ(own_message(alice, sent.message_id().substr(0, 8)).error().code, ExitCode::usage);
  v1::MessageRequest which;
  which.set_conversation("bob");
  which.set_message_id(sent.message_id());
  ASSERT_TRUE(erase_message(alice, which));
  const auto gone = own_message(alice, sent.message_id());
  EXPECT_TRUE(gone && !*gone);
}

TEST_F(ApiTest, AMessageThatIsSentLaterMakesNoDemandsThatNobodyWouldKeep) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::SendRequest request;
  request.set_conversation("bob");
  request.set_text("later");
  request.set_due_ms(now_.value + 60'000);
  request.set_require("pq>=3");
  EXPECT_EQ(schedule(api, request).error().code, ExitCode::usage);
  request.clear_require();
  request.set_expires_in_s(60);
  EXPECT_EQ(schedule(api, request).error().code, ExitCode::usage);
  request.clear_expires_in_s();
  request.set_reply_to("last");
  EXPECT_EQ(schedule(api, request).error().code, ExitCode::usage);
  request.clear_reply_to();
  const auto waiting = schedule(api, request);
  ASSERT_TRUE(waiting) << waiting.error().message;
  EXPECT_EQ(list_scheduled(api, {})->scheduled_size(), 1);
  v1::MessageRequest which;
  which.set_message_id(waiting->message_id());
  EXPECT_EQ(withdraw_scheduled(api, which)->body(), "later");
  EXPECT_EQ(list_scheduled(api, {})->scheduled_size(), 0);
  EXPECT_EQ(cancel_scheduled(api, which).error().code, ExitCode::usage);
}

TEST_F(ApiTest, ATimerIsSaidByAMessageAndWhoTypesIsToldWhetherAnybodySeesIt) {
  sign_up_both();
  say(alice_, "bob", "hello");
  auto api = api_of(alice_);
  v1::TimerRequest timer;
  timer.set_conversation("bob");
  timer.set_seconds(3600);
  const auto said = say_timer(api, timer);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->kind(), v1::Message::TIMER);
  EXPECT_EQ(said->timer_s(), 3600U);
  EXPECT_EQ(set_timer(api, timer)->settings().timer_s(), 3600U);
  timer.set_seconds(~std::uint64_t{0});
  EXPECT_EQ(set_timer(api, timer).error().code, ExitCode::usage);
  v1::TypingRequest typing;
  typing.set_conversation("bob");
  typing.set_active(true);
  EXPECT_TRUE(signal_typing(api, typing).value());
  EXPECT_TRUE(set_typing(api, typing));
  now_ = now_ + days(1);
  EXPECT_FALSE(signal_typing(api, typing).value()) << "nobody was there lately";
}

TEST_F(ApiTest, APreviewIsMadeByWhoAsksAndGoesAlong) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::PreviewRequest page;
  page.set_url("https://example.org/");
  EXPECT_EQ(finish(alice_, preview_page(api, page)).error().code, ExitCode::failed) << "nobody makes any";
  PreviewOutcome outcome = err(PreviewError::no_title);
  api.preview = [&](const std::string& url, bool private_addresses,
                    const std::function<void(PreviewOutcome)>& done) {
    EXPECT_EQ(url, "https://example.org/");
    EXPECT_FALSE(private_addresses);
    done(outcome);
  };
  const auto refused = finish(alice_, preview_page(api, page));
  EXPECT_EQ(refused.error().code, ExitCode::failed);
  EXPECT_NE(refused.error().message.find("what it is called"), std::string::npos);
  outcome = err(PreviewError::private_address);
  EXPECT_EQ(finish(alice_, preview_page(api, page)).error().code, ExitCode::refused)
      << "the user may want it";
  v1::LinkPreview made;
  made.set_url(page.url());
  made.set_title("Example");
  outcome = made;
  v1::SendRequest request;
  request.set_conversation("bob");
  request.set_text("see https://example.org/");
  *request.mutable_preview() = finish(alice_, preview_page(api, page)).value();
  ASSERT_TRUE(send_message(api, request));
  settle();
  EXPECT_EQ(bob_.newest("alice").preview().title(), "Example");
}

TEST_F(ApiTest, AMessageIsPassedOn) {
  sign_up_both();
  const auto said = say(alice_, "bob", "hello");
  auto api = api_of(bob_);
  v1::ForwardRequest request;
  request.set_conversation("alice");
  request.set_message_id(said.message_id());
  request.set_to("bob");
  const auto sent = forward_message(api, request);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_TRUE(sent->forwarded());
  EXPECT_EQ(sent->body(), "hello");
  request.set_require("pq>=9");
  EXPECT_EQ(forward_message(api, request).error().code, ExitCode::usage);
  request.clear_require();
  request.set_message_id("00000000");
  EXPECT_EQ(forward_message(api, request).error().code, ExitCode::usage);
}

TEST_F(ApiTest, AHistoryIsReadInPagesFromAnyOfItsMessages) {
  sign_up_both();
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) ids.push_back(say(alice_, "bob", std::to_string(i)).message_id());
  auto api = api_of(alice_);
  const auto page = [&](const std::function<void(v1::HistoryRequest&)>& set) {
    v1::HistoryRequest request;
    request.set_conversation("bob");
    request.set_limit(3);
    set(request);
    return conversation_history(api, request);
  };
  const auto texts = [](const CommandResult<v1::MessagePage>& got) {
    std::string out;
    if (!got) return got.error().message;
    for (const auto& message : got->messages()) out += message.body();
    return out;
  };
  const auto newest = page([](v1::HistoryRequest&) {});
  EXPECT_EQ(texts(newest), "456");
  EXPECT_TRUE(newest->more_before());
  EXPECT_FALSE(newest->more_after());
  EXPECT_EQ(newest->position(), 4U);
  EXPECT_EQ(newest->total(), 7U);
  const auto before = page([&](v1::HistoryRequest& request) { request.set_before(ids[4]); });
  EXPECT_EQ(texts(before), "123");
  EXPECT_TRUE(before->more_before());
  EXPECT_TRUE(before->more_after());
  EXPECT_EQ(before->position(), 1U);
  const auto first = page([&](v1::HistoryRequest& request) { request.set_before(ids[0]); });
  EXPECT_EQ(texts(first), "");
  EXPECT_FALSE(first->more_before());
  EXPECT_TRUE(first->more_after());
  const auto after = page([&](v1::HistoryRequest& request) { request.set_after(ids[4]); });
  EXPECT_EQ(texts(after), "56");
  EXPECT_TRUE(after->more_before());
  EXPECT_FALSE(after->more_after());
  const auto around = page([&](v1::HistoryRequest& request) { request.set_around(ids[3]); });
  EXPECT_EQ(texts(around), "234");
  EXPECT_TRUE(around->more_before());
  EXPECT_TRUE(around->more_after());
  EXPECT_EQ(around->position(), 2U);
  EXPECT_EQ(
      texts(page([&](v1::HistoryRequest& request) { request.set_limit(1), request.set_around(ids[6]); })),
      "6");
  EXPECT_EQ(page([](v1::HistoryRequest& request) { request.set_before("00ff"); }).error().code,
            ExitCode::usage);
}

TEST_F(ApiTest, AConversationCanBeOpenedBeforeAnythingIsSaid) {
  sign_up_both();
  auto api = api_of(alice_);
  EXPECT_EQ(get_conversation(api, with("bob")).error().code, ExitCode::no_such_user);
  EXPECT_EQ(get_conversation(api, with("?")).error().code, ExitCode::usage);
  const auto opened = finish(alice_, open_conversation(api, with("Bob")));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->conversation(), "bob");
  EXPECT_EQ(opened->contact().handle(), "bob");
  EXPECT_TRUE(get_conversation(api, with("bob")));
  EXPECT_EQ(finish(alice_, open_conversation(api, with("nobody"))).error().code, ExitCode::no_such_user);
  EXPECT_EQ(finish(alice_, open_conversation(api, with("alice")))->kind(), v1::Conversation::NOTES);
}

TEST_F(ApiTest, SettingsChangeTogetherAndTheRestStays) {
  sign_up_both();
  say(alice_, "bob", "hello");
  auto api = api_of(alice_);
  v1::SettingsRequest request;
  request.set_conversation("bob");
  request.set_pinned(true);
  request.set_read_receipts(false);
  request.set_name("Bob from work");
  const auto changed = change_settings(api, request);
  ASSERT_TRUE(changed);
  EXPECT_TRUE(changed->settings().pinned());
  EXPECT_FALSE(changed->settings().read_receipts());
  EXPECT_TRUE(changed->settings().delivery_receipts());
  EXPECT_EQ(changed->settings().name(), "Bob from work");
  v1::SettingsRequest none;
  none.set_conversation("bob");
  EXPECT_TRUE(change_settings(api, none)->settings().pinned());
  request.set_name(std::string(300, 'x'));
  EXPECT_EQ(change_settings(api, request).error().code, ExitCode::usage);
  v1::DraftRequest draft;
  draft.set_conversation("bob");
  draft.set_text("Dear Bob,");
  EXPECT_EQ(set_draft(api, draft)->draft(), "Dear Bob,");
}

TEST_F(ApiTest, SearchTakesWordsAndFilters) {
  sign_up_both();
  say(alice_, "bob", "lunch at noon");
  say(alice_, "bob", "dinner");
  auto api = api_of(alice_);
  v1::SearchRequest request;
  request.set_words("lunch");
  EXPECT_EQ(search_messages(api, request)->messages_size(), 1);
  request.set_has_files(true);
  EXPECT_EQ(search_messages(api, request)->messages_size(), 0);
  request.clear_has_files();
  request.set_sender("bob");
  EXPECT_EQ(search_messages(api, request)->messages_size(), 0);
  request.set_sender("nobody");
  EXPECT_EQ(search_messages(api, request).error().code, ExitCode::no_such_user);
  request.clear_sender();
  request.add_kinds(static_cast<v1::Message::Kind>(99));
  EXPECT_EQ(search_messages(api, request).error().code, ExitCode::usage);
}

}  // namespace
}  // namespace sotto::client::api
