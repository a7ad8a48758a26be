// What people say and say about it, between cores: docs/specs/content.md.
#include <algorithm>
#include <array>

#include "bytes/hex.h"
#include "client/conversations/actions.h"
#include "client/conversations/commands.h"
#include "client/conversations/markup.h"
#include "client/conversations/reading.h"
#include "client/conversations/text_rules.h"
#include "client/sync/registers.h"
#include "client/test_content.h"

namespace sotto::client::testing {
namespace {

TEST(TextRulesTest, KnowAnEmojiFromText) {
  for (const char* emoji : {"👍", "❤️", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇸🇪", "1️⃣",
                            "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☺", "🫠"}) {
    EXPECT_TRUE(is_emoji(emoji)) << emoji;
  }
  for (const char* other :
       {"", "a", "1", "👍👍", "👍a", "🇸", "🇸🇪🇸", "ok 👍", "👍\xe2\x80\x8d", "\xf0\x9f", "#"}) {
    EXPECT_FALSE(is_emoji(other)) << other;
  }
  std::string long_one = "👍";
  for (int i = 0; i < 20; ++i) long_one += "\xe2\x80\x8d👍";
  EXPECT_FALSE(is_emoji(long_one));
}

TEST(TextRulesTest, KeepSpansThatLieInTheTextOnCodePoints) {
  v1::Text text;
  text.set_body("hé!");
  const auto add = [&](std::uint32_t start, std::uint32_t length, v1::Span::Style style,
                       const char* mention) {
    auto* span = text.add_spans();
    span->set_start(start);
    span->set_length(length);
    span->set_style(style);
    span->set_mention(mention);
  };
  add(0, 4, v1::Span::BOLD, "");
  add(2, 1, v1::Span::BOLD, "");              // inside é
  add(0, 0, v1::Span::BOLD, "");              // nothing
  add(3, 4'000'000'000, v1::Span::BOLD, "");  // past the end
  add(0, 1, v1::Span::MENTION, "nobody");     // no account
  add(0, 1, v1::Span::MENTION, "00112233445566778899aabbccddeeff");
  keep_sound_spans(text);
  ASSERT_EQ(text.spans_size(), 2);
  EXPECT_EQ(text.spans(1).style(), v1::Span::MENTION);
  EXPECT_EQ(excerpt("hé!", 2), "h");
}

TEST(MarkupTest, IsReadAndShownAsTyped) {
  for (const char* typed : {"*bold* and _it_", "a ~b c~ d", "`x*y*`", "||*s*||", "*å*", "plain"}) {
    const auto parsed = parse_markup(typed);
    EXPECT_EQ(with_marks(parsed.body(), parsed.spans()), typed);
  }
  EXPECT_EQ(parse_markup("*bold*").body(), "bold");
  EXPECT_EQ(parse_markup("2*3*4 snake_case_name a * b").spans_size(), 0);
  EXPECT_EQ(parse_markup("\\*no\\*").body(), "*no*");
  const auto mention = parse_markup("hi @bob.");
  ASSERT_EQ(mention.spans_size(), 1);
  EXPECT_EQ(mention.spans(0).mention(), "bob");
  EXPECT_EQ(mention.body(), "hi @bob.");
}

TEST_F(ContentTest, AReactionReplacesTheOneBeforeAndCanBeTakenBack) {
  begin();
  ASSERT_TRUE(react_to(bob_, "alice", "last", "👍"));
  ASSERT_TRUE(react_to(bob_, "alice", "last", "❤️"));
  const auto id = id_of(alice_, "bob", "one");
  ASSERT_EQ(at(alice_, "bob", id).reactions_size(), 1);
  EXPECT_EQ(at(alice_, "bob", id).reactions(0).emoji(), "❤️");
  EXPECT_EQ(at(alice_, "bob", id).reactions(0).sender(), "bob");
  EXPECT_EQ(at(bob_, "alice", id).reactions(0).emoji(), "❤️");
  ASSERT_TRUE(react_to(bob_, "alice", id, ""));
  EXPECT_EQ(at(alice_, "bob", id).reactions_size(), 0);
  v1::Content forged;
  forged.mutable_reaction()->mutable_target()->set_account(
      wire::field(alice_.core->self()->account_id().view()));
  forged.mutable_reaction()->mutable_target()->set_msg_id(wire::field(*from_hex(id)));
  forged.mutable_reaction()->set_emoji("look: a text");
  forge(bob_, "alice", forged);
  EXPECT_EQ(at(alice_, "bob", id).reactions_size(), 0);
}

TEST_F(ContentTest, AnEditKeepsTheTextsBeforeAndIsTheSendersAlone) {
  begin();
  ASSERT_TRUE(edit(alice_, "bob", "last", "one, corrected"));
  ASSERT_TRUE(edit(alice_, "bob", "last", "one, at last"));
  for (auto* side : {&alice_, &bob_}) {
    const auto message = side->messages(side == &alice_ ? "bob" : "alice").first.front();
    EXPECT_EQ(message.body(), "one, at last");
    EXPECT_GT(message.edited_ms(), 0U);
    ASSERT_EQ(message.earlier_texts_size(), 2);
    EXPECT_EQ(message.earlier_texts(0).body(), "one");
    EXPECT_EQ(message.earlier_texts(1).body(), "one, corrected");
  }
  const auto id = id_of(bob_, "alice", "one, at last");
  EXPECT_EQ(edit(bob_, "alice", id, "forged").error(), ComposeError::not_yours);
  v1::Content forged;
  forged.mutable_edit()->set_msg_id(wire::field(*from_hex(id)));
  *forged.mutable_edit()->mutable_text() = text("forged");
  forge(bob_, "alice", forged);
  EXPECT_EQ(at(alice_, "bob", id).body(), "one, at last");
}

TEST_F(ContentTest, KeepsTheNewestEditsAndTheOriginal) {
  begin();
  for (int i = 0; i < kMaxEdits + 5; ++i)
    ASSERT_TRUE(edit(alice_, "bob", "last", "edit " + std::to_string(i)));
  const auto message = bob_.messages("alice").first.front();
  ASSERT_EQ(message.earlier_texts_size(), kMaxEdits);
  EXPECT_EQ(message.earlier_texts(0).body(), "one");
  EXPECT_EQ(message.earlier_texts(1).body(), "edit 5");
  EXPECT_EQ(message.body(), "edit " + std::to_string(kMaxEdits + 4));
}

TEST_F(ContentTest, UnsendingErasesTheWordsAndWhatWasSaidOfThem) {
  begin();
  const auto id = id_of(alice_, "bob", "one");
  ASSERT_TRUE(edit(alice_, "bob", id, "something secret"));
  ASSERT_TRUE(react_to(bob_, "alice", id, "👍"));
  EXPECT_EQ(unsend(bob_, "alice", id).error(), ComposeError::not_yours);
  ASSERT_TRUE(unsend(alice_, "bob", id));
  for (auto* side : {&alice_, &bob_}) {
    const auto message = at(*side, side == &alice_ ? "bob" : "alice", id);
    EXPECT_TRUE(message.unsent());
    EXPECT_EQ(message.body(), "");
    EXPECT_EQ(message.reactions_size() + message.earlier_texts_size(), 0);
    const Bytes store = side->database->snapshot();
    EXPECT_EQ(as_chars(store).find("something secret") == std::string_view::npos, side == &bob_)
        << "only the sender's outbox has it, for devices that ask for it again";
  }
  EXPECT_EQ(react_to(bob_, "alice", id, "👍").error(), ComposeError::unsent);
}

TEST_F(ContentTest, AMessageThatNeverLeftIsTakenBackWithoutAnybodyHearingOfIt) {
  sign_up_both();
  disconnect(alice_);
  send(alice_, "bob", "rash");
  ASSERT_TRUE(unsend(alice_, "bob", "last"));
  connect(alice_);
  settle();
  EXPECT_TRUE(bob_.texts("alice").empty());
  EXPECT_TRUE(alice_.newest("bob").unsent());
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::FAILED);
}

/// Everything that can be said about one message, by both, some of it at the same millisecond.
std::vector<Said> much_said(const identity::AccountId& alice, const identity::AccountId& bob,
                            const MessageKey& target, UnixMs now, bool unsent) {
  std::vector<Said> all;
  std::uint8_t stamp = 1;
  const auto add = [&](Action action, const identity::AccountId& actor, std::uint64_t time,
                       const char* words) {
    all.push_back({.action = action,
                   .target = target,
                   .actor = actor,
                   .time = {now.value + time},
                   .stamp = session::MessageId{stamp++},
                   .text = words,
                   .detail = {},
                   .expires = {}});
  };
  for (std::uint64_t i = 0; i < 3; ++i) {
    add(Action::edit, alice, i / 2, i == 1 ? "first" : "second");
    add(Action::reaction, alice, 2 - i, i == 1 ? "👍" : "❤️");
    add(Action::reaction, bob, 5, i == 1 ? "😀" : "🫠");
    add(Action::pin, i == 1 ? alice : bob, i, i == 2 ? "" : "1");
    add(Action::read, bob, 9 - i, "");
  }
  if (unsent) add(Action::unsend, alice, 1, "");
  return all;
}

TEST_F(ContentTest, AMessageLooksTheSameInWhateverOrderThingsWereSaidOfIt) {
  begin();
  const auto id = to_array<16>(*from_hex(id_of(alice_, "bob", "one")));
  const auto alice = alice_.core->self()->account_id();
  const auto bob = bob_.core->self()->account_id();
  const Bytes snapshot = alice_.database->snapshot();
  crypto::DeterministicRandom dice(7);
  for (const bool unsent : {false, true}) {
    auto said = much_said(alice, bob, {alice, id}, now_, unsent);
    std::string expected;
    for (int round = 0; round < 60; ++round) {
      for (std::size_t i = said.size(); i > 1; --i) {
        std::swap(said[i - 1], said[dice.array<1>()[0] % i]);
      }
      alice_.roll_back(snapshot);
      // Sometimes twice, and sometimes before the message is there.
      const bool late = round % 3 == 0;
      alice_.core
          ->command(now_,
                    [&](Work& work) {
                      const auto conversation = find_conversation(work.db, work.self, "bob")->id;
                      if (late)
                        work.db.run("UPDATE message SET msg_id = ?2 WHERE msg_id = ?1", id, Bytes(16));
                      for (const Said& each : said) note_action(work, conversation, each);
                      for (const Said& each : said) note_action(work, conversation, each);
                      if (late)
                        work.db.run("UPDATE message SET msg_id = ?1 WHERE msg_id = ?2", id, Bytes(16));
                      return settle_message(work, conversation, {alice, id});
                    })
          .value();
      auto message = at(alice_, "bob", to_hex(id));
      const std::string shown = message.SerializeAsString();
      if (expected.empty()) expected = shown;
      ASSERT_EQ(shown, expected) << "round " << round << ": " << message.ShortDebugString();
    }
  }
}

TEST_F(ContentTest, ForgetsWhatWasSaidOfMessagesThatNeverCame) {
  begin();
  for (int i = 0; i < 3; ++i) {
    v1::Content stray;
    stray.mutable_reaction()->mutable_target()->set_account(
        wire::field(alice_.core->self()->account_id().view()));
    stray.mutable_reaction()->mutable_target()->set_msg_id(std::string(16, static_cast<char>(i)));
    stray.mutable_reaction()->set_emoji("👍");
    forge(bob_, "alice", stray);
  }
  const auto pending = [&] {
    auto rows = alice_.database->query("SELECT count(*) FROM message_action WHERE pending = 1");
    return rows.next() ? rows.integer(0) : -1;
  };
  EXPECT_EQ(pending(), 3);
  pass(days(31));
  EXPECT_EQ(pending(), 0);
}

TEST_F(ContentTest, BoundsWhatWaitsForMessagesThatAreNotThere) {
  begin();
  const auto bob = bob_.core->self()->account_id();
  act(alice_, [&](Work& work) {
    const auto conversation = find_conversation(work.db, work.self, "bob")->id;
    for (std::uint32_t i = 0; i < kMaxPending + 20; ++i) {
      session::MessageId id{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8U), 1};
      note_action(work, conversation,
                  {.action = Action::reaction,
                   .target = {bob, id},
                   .actor = bob,
                   .time = work.now,
                   .stamp = id,
                   .text = "👍",
                   .detail = {},
                   .expires = {}});
    }
    return true;
  });
  auto rows = alice_.database->query("SELECT count(*) FROM message_action WHERE pending = 1");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), kMaxPending);
}

TEST_F(ContentTest, WhatIsDatedFarAheadDoesNotCount) {
  begin();
  const auto id = id_of(alice_, "bob", "one");
  v1::Content content;
  content.mutable_pin()->mutable_target()->set_account(wire::field(alice_.core->self()->account_id().view()));
  content.mutable_pin()->mutable_target()->set_msg_id(wire::field(*from_hex(id)));
  content.mutable_pin()->set_pinned(true);
  act(bob_, [&](Work& work) {
    compose_aside(work, find_conversation(work.db, work.self, "alice")->id, content,
                  {.id = {}, .sent = work.now + days(2)});
    return true;
  });
  EXPECT_FALSE(at(alice_, "bob", id).pinned());
}

TEST_F(ContentTest, AReplyShowsWhatItAnswersAsItIsNow) {
  begin();
  ASSERT_TRUE(say(bob_, "alice", "an answer", {.reply_to = "last", .lifetime = {}}));
  EXPECT_EQ(alice_.newest("bob").reply_to().body(), "one");
  EXPECT_EQ(alice_.newest("bob").reply_to().sender(), "alice");
  ASSERT_TRUE(edit(alice_, "bob", id_of(alice_, "bob", "one"), "uno"));
  EXPECT_EQ(bob_.newest("alice").reply_to().body(), "uno");
  const auto id = id_of(alice_, "bob", "uno");
  act(bob_, [&](Work& work) { return erase_message(work, "alice", id); });
  EXPECT_FALSE(bob_.newest("alice").reply_to().known());
}

TEST_F(ContentTest, AMessageDisappearsEverywhereAtTheTimeItsSenderSigned) {
  begin();
  ASSERT_TRUE(say(alice_, "bob", "brief", {.reply_to = {}, .lifetime = minutes(1)}));
  const auto id = id_of(bob_, "alice", "brief");
  EXPECT_EQ(at(bob_, "alice", id).expires_ms(), (now_ + minutes(1)).value);
  ASSERT_TRUE(edit(alice_, "bob", id, "brief, edited"));
  pass(seconds(59));
  EXPECT_EQ(at(bob_, "alice", id).body(), "brief, edited");
  pass(seconds(1));
  for (auto* side : {&alice_, &bob_}) {
    EXPECT_EQ(side->texts(side == &alice_ ? "bob" : "alice"), (std::vector<std::string>{"one", "two"}));
    const Bytes store = side->database->snapshot();
    EXPECT_EQ(as_chars(store).find("brief"), std::string_view::npos);
    EXPECT_TRUE(std::any_of(side->events.begin(), side->events.end(),
                            [](const v1::Event& event) { return event.has_erased(); }));
  }
}

TEST_F(ContentTest, AMessageThatArrivesAfterItsTimeIsNotKept) {
  begin();
  disconnect(bob_);
  ASSERT_TRUE(say(alice_, "bob", "too late", {.reply_to = {}, .lifetime = minutes(1)}));
  now_ = now_ + minutes(2);
  connect(bob_);
  settle();
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"one", "two"}));
  EXPECT_FALSE(bob_.saw(v1::Problem::CONTENT_REFUSED));
}

TEST_F(ContentTest, ATimerHoldsForBothAndTheNewestChangeCounts) {
  begin();
  ASSERT_TRUE(act(alice_, [](Work& work) { return set_timer(work, "bob", hours(1)); }));
  EXPECT_EQ(bob_.newest("alice").kind(), v1::Message::TIMER);
  EXPECT_EQ(bob_.newest("alice").timer_s(), 3600U);
  EXPECT_EQ(bob_.newest("alice").body(), "Messages disappear after 1 hour");
  send(bob_, "alice", "gone in an hour");
  settle();
  EXPECT_EQ(alice_.newest("bob").expires_ms(), (now_ + hours(1)).value);
  ASSERT_TRUE(act(bob_, [](Work& work) { return set_timer(work, "alice", {}); }));
  send(alice_, "bob", "stays");
  settle();
  EXPECT_EQ(bob_.newest("alice").expires_ms(), 0U);
  EXPECT_EQ(act(alice_, [](Work& work) { return set_timer(work, "bob", days(400)); }).error(),
            ComposeError::bad_lifetime);
}

TEST_F(ContentTest, ReadingIsToldUnlessTheConversationSaysNo) {
  begin();
  const auto read = [&](TestClient& client, std::string_view with) {
    ASSERT_TRUE(act(client, [&](Work& work) { return read_conversation(work, with); }));
  };
  read(bob_, "alice");
  EXPECT_EQ(at(alice_, "bob", id_of(alice_, "bob", "one")).state(), v1::Message::READ);
  EXPECT_EQ(at(alice_, "bob", id_of(alice_, "bob", "one")).readings(0).reader(), "bob");
  ASSERT_TRUE(set(bob_, "alice", Write::NO_READ_RECEIPTS, 1));
  send(alice_, "bob", "three");
  settle();
  read(bob_, "alice");
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::DELIVERED);
  ASSERT_TRUE(set(bob_, "alice", Write::NO_DELIVERY_RECEIPTS, 1));
  send(alice_, "bob", "four");
  settle();
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::SENT);
  EXPECT_EQ(bob_.newest("alice").body(), "four");
}

TEST_F(ContentTest, TypingIsToldToWhoIsThereAndKeptByNobody) {
  begin();
  const auto type = [&] { return act(alice_, [](Work& work) { return signal_typing(work, "bob", true); }); };
  const auto signs = [&] {
    return std::count_if(bob_.events.begin(), bob_.events.end(),
                         [](const v1::Event& event) { return event.has_typing(); });
  };
  EXPECT_TRUE(type().value());
  ASSERT_EQ(signs(), 1);
  const auto before = bob_.messages("alice").first.size();
  EXPECT_EQ(bob_.texts("alice").size(), before);
  // Told, but seen too late.
  disconnect(bob_);
  EXPECT_TRUE(type().value());
  now_ = now_ + seconds(20);
  connect(bob_);
  settle();
  EXPECT_EQ(signs(), 1);
  pass(minutes(6));
  EXPECT_FALSE(type().value()) << "nobody was there lately";
  send(bob_, "alice", "here again");
  settle();
  ASSERT_TRUE(set(alice_, "bob", Write::NO_TYPING, 1));
  EXPECT_FALSE(type().value());
}

TEST_F(ContentTest, AKindOfALaterVersionShowsItsFallback) {
  begin();
  v1::Content later;
  later.set_fallback_text("\xf0\x9f\x8e\xb2 Bob rolled a six");
  forge(bob_, "alice", later);
  EXPECT_EQ(alice_.newest("bob").body(), "\xf0\x9f\x8e\xb2 Bob rolled a six");
  EXPECT_EQ(alice_.newest("bob").kind(), v1::Message::UNKNOWN);
}

TEST_F(ContentTest, NotesToOneselfAreOnAllOwnDevicesAndNowhereElse) {
  sign_up_both();
  link_second_device();
  ASSERT_TRUE(say(bob_, "bob", "buy milk", {}));
  EXPECT_EQ(bob_.newest("bob").state(), v1::Message::SENT);
  EXPECT_EQ(bob2_.texts("bob"), std::vector<std::string>{"buy milk"});
  ASSERT_TRUE(edit(bob2_, "bob", "last", "buy milk and bread"));
  EXPECT_EQ(bob_.texts("bob"), std::vector<std::string>{"buy milk and bread"});
  const auto conversations = conversation_records(*bob_.database, *bob_.core->self(), now_);
  ASSERT_EQ(conversations.size(), 1U);
  EXPECT_EQ(conversations[0].kind(), v1::Conversation::NOTES);
  EXPECT_EQ(conversations[0].unread(), 0U);
}

TEST_F(ContentTest, OwnDevicesAgreeOnWhatWasReadErasedAndSet) {
  sign_up_both();
  link_second_device();
  send(alice_, "bob", "one");
  send(alice_, "bob", "two");
  settle();
  const auto id = id_of(bob_, "alice", "one");
  ASSERT_TRUE(act(bob_, [&](Work& work) { return read_conversation(work, "alice"); }));
  EXPECT_TRUE(at(bob2_, "alice", id).read());
  ASSERT_TRUE(act(bob2_, [&](Work& work) { return erase_message(work, "alice", id); }));
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"two"});
  EXPECT_EQ(alice_.texts("bob").size(), 2U);
  ASSERT_TRUE(set(bob_, "alice", Write::DRAFT, 0, "what I was about to"));
  ASSERT_TRUE(set(bob2_, "alice", Write::NAME, 0, "Alice from work"));
  for (auto* device : {&bob_, &bob2_}) {
    const auto record = conversation_records(*device->database, *device->core->self(), now_).front();
    EXPECT_EQ(record.draft(), "what I was about to");
    EXPECT_EQ(record.settings().name(), "Alice from work");
  }
}

TEST_F(ContentTest, OfTwoWritesAtOnceBothDevicesKeepTheSame) {
  sign_up_both();
  link_second_device();
  send(alice_, "bob", "one");
  settle();
  for (int round = 0; round < 8; ++round) {
    for (auto* device : {&bob_, &bob2_}) {
      auto outcome =
          device->core
              ->command(now_,
                        [&](Work& work) {
                          return set_register(work, "alice", Write::DRAFT, 0,
                                              std::to_string(device->id) + " " + std::to_string(round));
                        })
              .value();
      ASSERT_TRUE(outcome.value);
      perform(*device, std::move(outcome.effects));
    }
    settle();
    const auto draft = [&](TestClient& device) {
      return conversation_records(*device.database, *device.core->self(), now_).front().draft();
    };
    EXPECT_EQ(draft(bob_), draft(bob2_));
    EXPECT_TRUE(draft(bob_).ends_with(std::to_string(round)));
  }
}

TEST_F(ContentTest, ADeviceThatJoinsLearnsWhatTheOthersAgreeOn) {
  begin();
  ASSERT_TRUE(set(bob_, "alice", Write::MUTED_UNTIL, 1'900'000'000'000));
  link_second_device();
  send(alice_, "bob", "three");
  settle();
  const auto record = conversation_records(*bob2_.database, *bob2_.core->self(), now_).front();
  EXPECT_EQ(record.settings().muted_until_ms(), 1'900'000'000'000U);
}

TEST_F(ContentTest, NothingOfSomebodyBlockedIsTakenInAndNothingGoesThere) {
  begin();
  ASSERT_TRUE(set(bob_, "alice", Write::BLOCKED, 1));
  send(alice_, "bob", "let me in");
  settle();
  ASSERT_TRUE(react_to(alice_, "bob", id_of(alice_, "bob", "two"), "👍"));
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(bob_.newest("alice").reactions_size(), 0);
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::SENT);
  EXPECT_EQ(say(bob_, "alice", "no", {}).error(), ComposeError::blocked);
  ASSERT_TRUE(set(bob_, "alice", Write::BLOCKED, 0));
  ASSERT_TRUE(say(bob_, "alice", "yes", {}));
}

TEST_F(ContentTest, SaysWhySomethingCannotBeSaid) {
  EXPECT_FALSE(alice_.core->self());
  begin();
  const auto id = id_of(alice_, "bob", "one");
  EXPECT_EQ(react_to(alice_, "bob", id, "no emoji").error(), ComposeError::bad_emoji);
  EXPECT_EQ(react_to(alice_, "carol", id, "👍").error(), ComposeError::no_conversation);
  EXPECT_EQ(react_to(alice_, "bob", "0000", "👍").error(), ComposeError::no_message);
  EXPECT_EQ(react_to(alice_, "bob", "xyz", "👍").error(), ComposeError::no_message);
  EXPECT_EQ(say(alice_, "bob", "x", {.reply_to = {}, .lifetime = DurationMs{1}}).error(),
            ComposeError::bad_lifetime);
  EXPECT_EQ(set(alice_, "carol", Write::DRAFT, 0, "x").error(), ComposeError::unknown_contact);
  ASSERT_TRUE(act(alice_, [](Work& work) { return set_timer(work, "bob", hours(1)); }));
  EXPECT_EQ(edit(alice_, "bob", "last", "x").error(), ComposeError::not_text);
  v1::Content marked;
  *marked.mutable_text() = text("short");
  auto* span = marked.mutable_text()->add_spans();
  span->set_start(3);
  span->set_length(9);
  EXPECT_EQ(act(alice_, [&](Work& work) { return send_entry(work, "bob", marked, {}); }).error(),
            ComposeError::bad_markup);
  act(alice_, [&](Work& work) {
    for (int i = 0; i < 2; ++i) {
      work.db.run("UPDATE message SET msg_id = ?1 WHERE id = (SELECT max(id) - ?2 FROM message)",
                  session::MessageId{0xab, 0xcd, static_cast<std::uint8_t>(i)}, i);
    }
    return true;
  });
  EXPECT_EQ(react_to(alice_, "bob", "abcd", "👍").error(), ComposeError::ambiguous_message);
}

}  // namespace
}  // namespace sotto::client::testing
