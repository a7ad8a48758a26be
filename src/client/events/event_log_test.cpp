#include "client/events/event_log.h"

#include "client/families/commands.h"
#include "client/test_clients.h"

namespace sotto::client::testing {
namespace {

class EventLogTest : public CoreTest {
 protected:
  void keep(TestClient& client) {
    auto transaction = store::Transaction::begin(*client.database).value();
    keep_events(*client.database, now_);
    ASSERT_TRUE(transaction.commit());
  }
  v1::EventPage read(TestClient& client, std::uint64_t since, std::uint32_t limit = kMaxEvents) {
    return read_events(*client.database, *client.core->self(), since, limit, now_);
  }
  static int count(const v1::EventPage& page, v1::Event::KindCase kind) {
    int out = 0;
    for (const auto& record : page.events()) out += record.event().kind_case() == kind ? 1 : 0;
    return out;
  }
};

TEST_F(EventLogTest, NothingIsKeptBeforeSomebodyReads) {
  sign_up_both();
  send(alice_, "bob", "hello");
  settle();
  EXPECT_EQ(event_range(*bob_.database).newest, 0U);
  EXPECT_EQ(read(bob_, 0).events_size(), 0);
}

TEST_F(EventLogTest, WhatHappensIsReadInOrderWithRecordsAsTheyAreNow) {
  sign_up_both();
  keep(bob_);
  send(alice_, "bob", "one");
  settle();
  const auto first = read(bob_, 0);
  ASSERT_GT(count(first, v1::Event::kMessage), 0);
  std::uint64_t last = 0;
  for (const auto& record : first.events()) {
    EXPECT_GT(record.sequence(), last);
    last = record.sequence();
  }
  EXPECT_EQ(last, first.newest());
  send(alice_, "bob", "two");
  settle();
  const auto second = read(bob_, last);
  ASSERT_EQ(count(second, v1::Event::kMessage), 1);
  EXPECT_EQ(second.events(0).event().message().body(), "two");
  EXPECT_FALSE(second.gap());
  EXPECT_EQ(read(bob_, 0, 1).events_size(), 1);
}

TEST_F(EventLogTest, FamiliesAreToldAsTheyAreNow) {
  sign_up_both();
  keep(alice_);
  keep(bob_);
  const auto does = [&](TestClient& client, const auto& body) {
    auto outcome = client.core->command(now_, body).value();
    perform(client, std::move(outcome.effects));
    EXPECT_TRUE(outcome.value);
    settle();
  };
  const auto newest = [&](TestClient& client) {
    v1::Family out;
    for (const auto& record : read(client, 0).events()) {
      if (record.event().has_family()) out = record.event().family();
    }
    return out;
  };
  send(alice_, "bob", "hello");
  settle();
  does(alice_, [](Work& work) { return offer_guardianship(work, "bob"); });
  EXPECT_EQ(newest(bob_).role(), v1::Family::GUARDIAN);
  EXPECT_FALSE(newest(bob_).accepted());
  const std::string key = newest(bob_).fingerprint();
  does(bob_, [&](Work& work) { return accept_guardian(work, "alice", key); });
  EXPECT_TRUE(newest(bob_).accepted());
  EXPECT_EQ(newest(alice_).role(), v1::Family::CHILD);
  does(bob_, [](Work& work) { return ask_guardian(work, "alice", "who else?"); });
  v1::FamilyRequest asked;
  for (const auto& record : read(alice_, 0).events()) {
    if (record.event().has_family_request()) asked = record.event().family_request();
  }
  EXPECT_EQ(asked.note(), "who else?");
  EXPECT_EQ(asked.child_name(), "bob");
  does(alice_, [](Work& work) { return end_guardianship(work, "bob"); });
  EXPECT_EQ(newest(bob_).role(), v1::Family::ROLE_UNSPECIFIED) << "nobody's any more";
  EXPECT_NE(newest(bob_).account(), "");
}

TEST_F(EventLogTest, AMessageThatIsGoneIsNotTold) {
  sign_up_both();
  keep(alice_);
  send(alice_, "bob", "hello");
  settle();
  ASSERT_GT(count(read(alice_, 0), v1::Event::kMessage), 0);
  alice_.database->run("DELETE FROM message");
  const auto page = read(alice_, 0);
  EXPECT_EQ(count(page, v1::Event::kMessage), 0);
  EXPECT_GT(page.newest(), 0U);
}

TEST_F(EventLogTest, EventsOutliveARestart) {
  sign_up_both();
  keep(bob_);
  send(alice_, "bob", "hello");
  settle();
  const auto before = read(bob_, 0);
  bob_.restart();
  EXPECT_EQ(read(bob_, 0).SerializeAsString(), before.SerializeAsString());
}

TEST_F(EventLogTest, OldEventsGoAndAReaderIsToldOfTheGap) {
  sign_up_both();
  keep(bob_);
  bob_.database->run(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
      " INSERT INTO event_log (time_ms, kind, row, detail) SELECT 0, 1, 0, x'' FROM n",
      (kKeptEvents / 256 + 1) * 256 - 1);
  send(alice_, "bob", "hello");
  settle();
  const auto range = event_range(*bob_.database);
  EXPECT_GT(range.oldest, 1U);
  EXPECT_LE(range.newest - range.oldest, kKeptEvents + 512);
  EXPECT_TRUE(read(bob_, 0).gap());
  EXPECT_GT(read(bob_, 0).events_size(), 0);
  EXPECT_FALSE(read(bob_, range.oldest - 1).gap());
  EXPECT_TRUE(has_gap(range, range.newest + 1));
  EXPECT_FALSE(has_gap({}, 0));
}

TEST_F(EventLogTest, ConsumersReadOnWhereTheyStopped) {
  sign_up_both();
  keep(bob_);
  store::Database& database = *bob_.database;
  ASSERT_TRUE(open_consumer(database, "first", now_));
  send(alice_, "bob", "hello");
  settle();
  const auto range = event_range(database);
  EXPECT_EQ(open_consumer(database, "first", now_)->acknowledged(), 0U);
  EXPECT_EQ(open_consumer(database, "second", now_)->acknowledged(), range.newest);
  EXPECT_EQ(acknowledge_events(database, "first", range.newest, now_)->acknowledged(), range.newest);
  EXPECT_EQ(acknowledge_events(database, "first", 1, now_)->acknowledged(), range.newest);
  EXPECT_EQ(acknowledge_events(database, "first", range.newest + 1, now_).error(), EventError::not_yet);
  EXPECT_EQ(event_consumers(database).size(), 2U);
  EXPECT_TRUE(forget_consumer(database, "second"));
  EXPECT_EQ(forget_consumer(database, "second").error(), EventError::no_consumer);
  EXPECT_EQ(open_consumer(database, "", now_).error(), EventError::bad_name);
  EXPECT_EQ(open_consumer(database, std::string(65, 'x'), now_).error(), EventError::bad_name);
  for (std::int64_t i = 1; i < kMaxConsumers; ++i) {
    ASSERT_TRUE(open_consumer(database, std::to_string(i), now_));
  }
  EXPECT_EQ(open_consumer(database, "one more", now_).error(), EventError::too_many_consumers);
  for (const auto error :
       {EventError::bad_name, EventError::too_many_consumers, EventError::no_consumer, EventError::not_yet}) {
    EXPECT_FALSE(describe(error).empty());
  }
}

}  // namespace
}  // namespace sotto::client::testing
