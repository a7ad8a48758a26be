// Guests: people without an account, as far as a group's history is concerned (docs/specs/groups.md 4, 6).
#include <gtest/gtest.h>

#include "groups/test_support.h"

namespace sotto::groups {
namespace {

using testing::act;
using testing::group_of;
using testing::kNow;
using testing::operation_on;
using testing::person;

Bytes number(std::uint8_t which) {
  return {'+',
          '4',
          '6',
          '7',
          '0',
          '1',
          '1',
          '1',
          static_cast<std::uint8_t>('0' + which / 10),
          static_cast<std::uint8_t>('0' + which % 10)};
}
AddGuest guest(std::uint8_t which) { return {number(which), {'e'}}; }

/// Persons 1 (owner), 2 (admin), 3 and 4 (members), who let guests in.
History open_group() {
  History history = group_of(4);
  act(history, person(1), SetRole{person(2).account, Role::admin});
  act(history, person(1), Set{Setting::guests, 1});
  return history;
}

std::optional<GroupError> refusal(const History& history, const Author& author, Act what) {
  const auto draft = history.draft(author, std::move(what), kNow);
  if (draft) return std::nullopt;
  return draft.error();
}

void meet(History& history, const VerifiedOperation& operation) {
  const auto admitted = history.admit(operation);
  ASSERT_TRUE(admitted) << describe(admitted.error());
}

TEST(GroupGuests, ComeInThroughAMemberWhereTheGroupLetsThem) {
  History history = group_of(4);
  EXPECT_EQ(refusal(history, person(1), guest(1)), GroupError::no_guests);
  act(history, person(1), Set{Setting::guests, 1});
  EXPECT_EQ(refusal(history, person(9), guest(1)), GroupError::not_a_member);
  const auto roster = hash_of(history.state().roster);
  act(history, person(3), guest(1));
  ASSERT_EQ(history.state().guests.size(), 1U);
  EXPECT_EQ(history.state().guests[0], (Guest{number(1), {'e'}, person(3).member()}));
  EXPECT_EQ(hash_of(history.state().roster), roster) << "a guest is no member";
  EXPECT_EQ(refusal(history, person(4), guest(1)), GroupError::already_member);
  EXPECT_EQ(refusal(history, person(4), RemoveGuest{number(2)}), GroupError::not_allowed);
  EXPECT_EQ(refusal(history, person(1), RemoveGuest{number(2)}), GroupError::no_such_member);
}

TEST(GroupGuests, AreSentAwayByAdminsAndByWhoBroughtThem) {
  const History history = [] {
    History with_guest = open_group();
    act(with_guest, person(3), guest(1));
    return with_guest;
  }();
  EXPECT_EQ(refusal(history, person(4), RemoveGuest{number(1)}), GroupError::not_allowed);
  for (std::uint16_t by = 1; by <= 3; ++by) {
    History without = history;
    act(without, person(by), RemoveGuest{number(1)});
    EXPECT_TRUE(without.state().guests.empty()) << by;
    act(without, person(4), guest(1));
    EXPECT_EQ(without.state().guests[0].sponsor, person(4).member());
  }
}

TEST(GroupGuests, GoWithWhoBroughtThemAndDoNotComeBackByThemselves) {
  History history = open_group();
  act(history, person(3), guest(1));
  act(history, person(4), guest(2));
  act(history, person(3), Leave{});
  ASSERT_EQ(history.state().guests.size(), 1U);
  act(history, person(1), Remove{{person(4).account}});
  EXPECT_TRUE(history.state().guests.empty());
  act(history, person(1), Add{{person(3).member(), person(4).member()}});
  EXPECT_TRUE(history.state().guests.empty());
}

TEST(GroupGuests, AllGoWhenTheGroupIsClosedToThem) {
  History history = open_group();
  const auto added = act(history, person(3), guest(1));
  History closed = history;
  act(closed, person(2), Set{Setting::guests, 0});
  EXPECT_TRUE(closed.state().guests.empty());
  act(closed, person(1), Set{Setting::guests, 1});
  EXPECT_TRUE(closed.state().guests.empty()) << "whoever was sent away stays out";
  EXPECT_FALSE(closed.state_at(history.heads())->guests.empty()) << "for who knew less";
}

TEST(GroupGuests, SendingAwayWinsOverLettingInBesideIt) {
  History history = open_group();
  const auto here = history.heads();
  const auto closing = operation_on(history.id(), here, person(1), Set{Setting::guests, 0}, 1);
  const auto opening = operation_on(history.id(), here, person(2), Set{Setting::guests, 1}, 2);
  const auto adding = operation_on(history.id(), here, person(3), guest(1), 3);
  History other = history;
  for (const auto* each : {&closing, &opening, &adding}) meet(history, *each);
  for (const auto* each : {&adding, &opening, &closing}) meet(other, *each);
  EXPECT_EQ(history.state(), other.state());
  EXPECT_TRUE(history.state().guests_allowed) << "the later word";
  EXPECT_TRUE(history.state().guests.empty());
}

TEST(GroupGuests, OneWhoIsAddedBesideItByTwoHasOneOfThem) {
  History history = open_group();
  const auto here = history.heads();
  const auto first = operation_on(history.id(), here, person(3), guest(1), 1);
  const auto second = operation_on(history.id(), here, person(4), guest(1), 2);
  History other = history;
  meet(history, first);
  meet(history, second);
  meet(other, second);
  meet(other, first);
  EXPECT_EQ(history.state(), other.state());
  ASSERT_EQ(history.state().guests.size(), 1U);
  EXPECT_EQ(history.state().guests[0].sponsor, person(4).member());
}

TEST(GroupGuests, WhatTheRemovedBroughtInDoesNotStand) {
  History history = open_group();
  const auto here = history.heads();
  meet(history, operation_on(history.id(), here, person(3), guest(1)));
  meet(history, operation_on(history.id(), here, person(1), Remove{{person(3).account}}));
  EXPECT_TRUE(history.state().guests.empty());
}

TEST(GroupGuests, AreSoManyAndNoMore) {
  History history = open_group();
  for (std::uint8_t i = 0; i < kMaxGuests - 1; ++i) act(history, person(3), guest(i));
  const auto here = history.heads();
  History other = history;
  std::vector<VerifiedOperation> beside;
  for (std::uint8_t i = 20; i < 24; ++i)
    beside.push_back(operation_on(history.id(), here, person(4), guest(i)));
  for (std::size_t i = 0; i < beside.size(); ++i) meet(history, beside[i]);
  for (std::size_t i = beside.size(); i-- > 0;) meet(other, beside[i]);
  EXPECT_EQ(history.state().guests.size(), kMaxGuests);
  EXPECT_EQ(history.state(), other.state());
  EXPECT_EQ(refusal(history, person(3), guest(40)), GroupError::too_many_guests);
}

}  // namespace
}  // namespace sotto::groups
