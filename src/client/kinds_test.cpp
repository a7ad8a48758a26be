// Entries that are more than text, and messages that are to go later: docs/specs/content.md 2, 8.
#include "client/conversations/kinds.h"

#include "client/conversations/schedule.h"
#include "client/test_content.h"

namespace sotto::client::testing {
namespace {

TEST_F(ContentTest, ALiveLocationMovesUntilItEnds) {
  begin();
  v1::Location place;
  place.set_latitude_e7(593'425'400);
  place.set_longitude_e7(180'498'500);
  place.set_name("Odenplan");
  const auto content = location_content(place, hours(1), now_);
  ASSERT_TRUE(content);
  const auto id = act(alice_, [&](Work& work) { return send_entry(work, "bob", *content, {}); });
  ASSERT_TRUE(id);
  EXPECT_EQ(bob_.newest("alice").body(), "Live location: Odenplan (59.34254, 18.04985)");
  const auto move = [&](TestClient& client, std::string_view with, const std::optional<v1::Location>& where) {
    return act(client, [&](Work& work) {
      return move_location(work, *open_message(work, with, to_hex(*id), Whose::anybody), where);
    });
  };
  place.set_latitude_e7(-1);
  place.clear_name();
  ASSERT_TRUE(move(alice_, "bob", place));
  EXPECT_EQ(bob_.newest("alice").location().latitude_e7(), -1);
  EXPECT_EQ(bob_.newest("alice").body(), "Live location: -0.00000, 18.04985");
  EXPECT_EQ(move(bob_, "alice", place).error(), KindError::not_live);
  place.set_latitude_e7(900'000'001);
  EXPECT_EQ(move(alice_, "bob", place).error(), KindError::bad_location);
  EXPECT_EQ(location_content(place, {}, now_).error(), KindError::bad_location);
  ASSERT_TRUE(move(alice_, "bob", std::nullopt));
  EXPECT_LE(bob_.newest("alice").location().live_until_ms(), now_.value + 1000);
  pass(seconds(2));
  EXPECT_EQ(move(alice_, "bob", std::nullopt).error(), KindError::not_live);
  EXPECT_EQ(location_content(content->location(), hours(9), now_).error(), KindError::bad_location);
}

TEST_F(ContentTest, StickersAndVoiceNotesHaveWords) {
  begin();
  v1::Sticker sticker;
  EXPECT_EQ(sticker_content(sticker).error(), KindError::bad_sticker);
  sticker.set_emoji("\U0001f600");
  ASSERT_TRUE(
      act(alice_, [&](Work& work) { return send_entry(work, "bob", *sticker_content(sticker), {}); }));
  EXPECT_EQ(bob_.newest("alice").body(), "Sticker: \U0001f600");
  EXPECT_EQ(bob_.newest("alice").kind(), v1::Message::STICKER);
  sticker.set_pack("Cats");
  v1::Content note;
  note.mutable_voice_note();
  for (const auto& [length_ms, words] :
       {std::pair(0U, "Voice note"), std::pair(999U, "Voice note"), std::pair(1'000U, "Voice note, 1 second"),
        std::pair(75'000U, "Voice note, 75 seconds")}) {
    note.mutable_voice_note()->set_duration_ms(length_ms);
    ASSERT_TRUE(act(alice_, [&](Work& work) { return send_entry(work, "bob", note, {}); }));
    EXPECT_EQ(bob_.newest("alice").body(), words);
  }
  ASSERT_TRUE(
      act(alice_, [&](Work& work) { return send_entry(work, "bob", *sticker_content(sticker), {}); }));
  EXPECT_EQ(bob_.newest("alice").body(), "Sticker: \U0001f600 (Cats)");
}

TEST_F(ContentTest, APollCountsTheNewestVoteOfEachUntilItIsClosed) {
  begin();
  v1::Poll poll;
  poll.set_question("Where?");
  EXPECT_EQ(poll_content(poll).error(), KindError::bad_poll);
  poll.add_options("here");
  poll.add_options("there");
  const auto id = act(alice_, [&](Work& work) { return send_entry(work, "bob", *poll_content(poll), {}); });
  ASSERT_TRUE(id);
  const auto choose = [&](TestClient& client, std::string_view with, std::vector<std::uint32_t> options) {
    return act(client, [&](Work& work) {
      return vote(work, *open_message(work, with, to_hex(*id), Whose::anybody), std::move(options));
    });
  };
  ASSERT_TRUE(choose(bob_, "alice", {0}));
  ASSERT_TRUE(choose(bob_, "alice", {1}));
  ASSERT_TRUE(choose(alice_, "bob", {1}));
  const auto voters = [&](int option) { return bob_.newest("alice").poll().options(option).voters_size(); };
  EXPECT_EQ(voters(0), 0);
  EXPECT_EQ(voters(1), 2);
  EXPECT_EQ(choose(bob_, "alice", {2}).error(), KindError::bad_option);
  EXPECT_EQ(choose(bob_, "alice", {0, 1}).error(), KindError::bad_option);
  const auto close = [&](TestClient& client, std::string_view with) {
    return act(client, [&](Work& work) {
      return close_poll(work, *open_message(work, with, to_hex(*id), Whose::anybody));
    });
  };
  EXPECT_EQ(close(bob_, "alice").error(), KindError::not_a_poll);
  ASSERT_TRUE(close(alice_, "bob"));
  EXPECT_EQ(close(alice_, "bob").error(), KindError::poll_closed);
  EXPECT_EQ(choose(bob_, "alice", {0}).error(), KindError::poll_closed);
  EXPECT_TRUE(bob_.newest("alice").poll().closed());
  // A vote that was already on its way counts only if it is older.
  v1::Content late;
  *late.mutable_poll_vote()->mutable_target() = ref_of({alice_.core->self()->account_id(), *id});
  late.mutable_poll_vote()->add_options(0);
  pass(seconds(5));
  forge(bob_, "alice", late);
  EXPECT_EQ(alice_.newest("bob").poll().options(0).voters_size(), 0);
}

TEST_F(ContentTest, PinsCardsAndPreviewsArriveAndKeepToTheirBounds) {
  begin();
  const auto id = id_of(alice_, "bob", "one");
  const auto set_pin = [&](TestClient& client, std::string_view with, bool pinned) {
    act(client, [&](Work& work) {
      pin(work, *open_message(work, with, id, Whose::anybody), pinned);
      return true;
    });
  };
  set_pin(bob_, "alice", true);
  EXPECT_TRUE(at(alice_, "bob", id).pinned());
  set_pin(alice_, "bob", false);
  EXPECT_FALSE(at(bob_, "alice", id).pinned());
  v1::ContactCard card;
  EXPECT_EQ(card_content(card).error(), KindError::bad_card);
  card.set_name("Carol");
  card.add_phones("+46701234567");
  ASSERT_TRUE(act(alice_, [&](Work& work) { return send_entry(work, "bob", *card_content(card), {}); }));
  EXPECT_EQ(bob_.newest("alice").contact_card().phones(0), "+46701234567");
  v1::LinkPreview preview;
  preview.set_url("https://example.org/");
  preview.set_title("An example");
  EXPECT_EQ(text_with_preview(text("no address"), preview).error(), KindError::bad_preview);
  const auto content = text_with_preview(text("see https://example.org/"), preview);
  ASSERT_TRUE(content);
  ASSERT_TRUE(act(alice_, [&](Work& work) { return send_entry(work, "bob", *content, {}); }));
  EXPECT_EQ(bob_.newest("alice").preview().title(), "An example");
}

TEST_F(ContentTest, AScheduledMessageGoesAtItsTimeAlsoAfterARestart) {
  begin();
  v1::Content content;
  *content.mutable_text() = text("happy birthday");
  const auto plan = [&](UnixMs due) {
    return act(alice_, [&](Work& work) {
      return schedule_entry(work, *conversation_for(work, "bob"), content, due);
    });
  };
  EXPECT_EQ(plan(now_).error(), ScheduleError::not_later);
  ASSERT_TRUE(plan(now_ + hours(1)));
  const auto dropped = plan(now_ + hours(2));
  ASSERT_TRUE(dropped);
  EXPECT_EQ(scheduled_records(*alice_.database, *alice_.core->self()).size(), 2U);
  const auto cancel = [&] {
    return act(alice_, [&](Work& work) { return cancel_scheduled(work, dropped->message_id()); });
  };
  ASSERT_TRUE(cancel());
  EXPECT_EQ(cancel().error(), ScheduleError::not_scheduled);
  disconnect(alice_);
  alice_.restart();
  pass(minutes(59));
  EXPECT_EQ(bob_.newest("alice").body(), "two");
  pass(minutes(1));
  connect(alice_);
  settle();
  EXPECT_EQ(bob_.newest("alice").body(), "happy birthday");
  EXPECT_TRUE(scheduled_records(*alice_.database, *alice_.core->self()).empty());
  act(alice_, [&](Work& work) {
    for (std::int64_t i = 0; i < kMaxScheduled; ++i) {
      EXPECT_TRUE(schedule_entry(work, *conversation_for(work, "bob"), content, now_ + hours(1)));
    }
    return true;
  });
  EXPECT_EQ(plan(now_ + hours(1)).error(), ScheduleError::too_many);
}

}  // namespace
}  // namespace sotto::client::testing
