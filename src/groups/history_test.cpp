#include "groups/history.h"

#include <gtest/gtest.h>

#include "groups/pending.h"
#include "groups/test_support.h"

namespace sotto::groups {
namespace {

using testing::act;
using testing::beginning;
using testing::group_of;
using testing::kNow;
using testing::operation_on;
using testing::people;
using testing::person;
using testing::role_of;
using testing::unsigned_operation;

/// Persons 1 (owner), 2 (admin), 3 and 4 (members).
History four() {
  History history = group_of(4);
  act(history, person(1), SetRole{person(2).account, Role::admin});
  return history;
}

std::optional<GroupError> refusal(const History& history, const Author& author, Act what) {
  const auto draft = history.draft(author, std::move(what), kNow);
  if (draft) return std::nullopt;
  return draft.error();
}

/// `operation` was made by somebody who knew only what `history` knew before.
void meet(History& history, const VerifiedOperation& operation) {
  const auto admitted = history.admit(operation);
  ASSERT_TRUE(admitted) << describe(admitted.error());
}

TEST(GroupHistory, BeginsWithItsOwnerAndMembers) {
  const History history = group_of(3);
  const GroupState& state = history.state();
  EXPECT_EQ(state.name, Bytes{'g'});
  EXPECT_EQ(state.roster.members.size(), 3U);
  EXPECT_EQ(role_of(history, person(1)), Role::owner);
  EXPECT_EQ(role_of(history, person(2)), Role::member);
  EXPECT_EQ(role_of(history, person(9)), std::nullopt);
  EXPECT_EQ(history.heads().size(), 1U);
  EXPECT_FALSE(state.guests_allowed);
  EXPECT_EQ(state.timer.value, 0U);
}

TEST(GroupHistory, TakesNothingOfAnotherGroupAndNoSecondBeginning) {
  History history = group_of(3);
  EXPECT_EQ(history.admit(beginning(person(2), {})).error(), GroupError::wrong_group);
  EXPECT_EQ(history.admit(operation_on({9}, history.heads(), person(1), Leave{})).error(),
            GroupError::wrong_group);
  EXPECT_EQ(history.admit(operation_on(history.id(), {OperationHash{1}}, person(1), Leave{})).error(),
            GroupError::unknown_parent);
  EXPECT_EQ(History::begin(operation_on({9}, {OperationHash{1}}, person(1), Leave{})).error(),
            GroupError::wrong_group);
  const auto leave = act(history, person(2), Leave{});
  const auto again = history.admit(leave);
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again);
}

TEST(GroupHistory, EveryActNeedsItsRole) {
  const History history = four();
  const auto stranger = person(20).member();
  struct Case {
    Act act;
    Role least;
  };
  const std::vector<Case> cases = {
      {Add{{stranger}}, Role::admin},
      {Remove{{person(4).account}}, Role::admin},
      {SetRole{person(4).account, Role::admin}, Role::owner},
      {Rename{{'x'}}, Role::admin},
      {SetPhoto{{1}}, Role::admin},
      {SetLink{LinkSecret{1}}, Role::admin},
      {Set{Setting::timer, 5}, Role::admin},
      {Set{Setting::guests, 1}, Role::admin},
      {Leave{}, Role::member},
      {Merge{}, Role::member},
  };
  for (const Case& each : cases) {
    for (const auto& [number, role] :
         {std::pair<std::uint16_t, Role>{1, Role::owner}, {2, Role::admin}, {3, Role::member}}) {
      const auto refused = refusal(history, person(number), each.act);
      if (role >= each.least) {
        EXPECT_EQ(refused, std::nullopt) << each.act.index() << " by " << number;
      } else {
        EXPECT_EQ(refused, GroupError::not_allowed) << each.act.index() << " by " << number;
      }
    }
    EXPECT_EQ(refusal(history, person(9), each.act), GroupError::not_a_member) << each.act.index();
  }
}

TEST(GroupHistory, NobodyRemovesEqualsOrHigher) {
  History history = four();
  act(history, person(1), SetRole{person(3).account, Role::admin});
  EXPECT_EQ(refusal(history, person(2), Remove{{person(3).account}}), GroupError::not_allowed);
  EXPECT_EQ(refusal(history, person(2), Remove{{person(1).account}}), GroupError::not_allowed);
  EXPECT_EQ(refusal(history, person(2), Remove{{person(3).account, person(4).account}}),
            GroupError::not_allowed);
  act(history, person(1), SetRole{person(2).account, Role::owner});
  EXPECT_EQ(refusal(history, person(2), Remove{{person(1).account}}), GroupError::not_allowed);
  EXPECT_EQ(refusal(history, person(2), SetRole{person(1).account, Role::member}), GroupError::not_allowed);
  act(history, person(1), SetRole{person(1).account, Role::member});
  EXPECT_EQ(role_of(history, person(1)), Role::member);
  EXPECT_EQ(refusal(history, person(2), Remove{{person(1).account}}), std::nullopt);
}

TEST(GroupHistory, AMemberUnderAnotherKeyIsNone) {
  const History history = four();
  Author impostor = person(1);
  impostor.account_key = crypto::Fingerprint::from_octets({9});
  EXPECT_EQ(refusal(history, impostor, Leave{}), GroupError::not_a_member);
}

TEST(GroupHistory, WhatIsSaidMustMakeSenseAtItsPlace) {
  const History history = four();
  EXPECT_EQ(refusal(history, person(1), Add{{person(3).member()}}), GroupError::already_member);
  EXPECT_EQ(refusal(history, person(1), Remove{{person(9).account}}), GroupError::no_such_member);
  EXPECT_EQ(refusal(history, person(1), SetRole{person(9).account, Role::admin}), GroupError::no_such_member);
  EXPECT_EQ(refusal(history, person(1), Approve{person(9).member(), {1}}), GroupError::wrong_link);
  EXPECT_EQ(refusal(history, person(1), Refuse{person(3).account, {1}}), GroupError::already_member);
}

TEST(GroupHistory, PeopleGoAndComeBackAsMembers) {
  History history = four();
  act(history, person(1), Remove{{person(2).account}});
  EXPECT_EQ(role_of(history, person(2)), std::nullopt);
  EXPECT_EQ(refusal(history, person(2), Leave{}), GroupError::not_a_member);
  act(history, person(1), Add{{person(2).member()}});
  EXPECT_EQ(role_of(history, person(2)), Role::member);
  act(history, person(2), Leave{});
  EXPECT_EQ(role_of(history, person(2)), std::nullopt);
}

TEST(GroupHistory, SomebodyWhoLeavesIsNotBroughtBackByWhoeverDidNotKnow) {
  History history = four();
  act(history, person(1), Remove{{person(3).account}});
  const auto back = act(history, person(1), Add{{person(3).member()}});
  History other = history;
  const auto promoted = act(other, person(1), SetRole{person(3).account, Role::admin});
  act(history, person(3), Leave{});
  meet(history, promoted);
  EXPECT_EQ(role_of(history, person(3)), std::nullopt);
}

TEST(GroupHistory, ARoleGivenBesideARemovalDoesNotComeBackWithTheMember) {
  History history = four();
  const auto role =
      operation_on(history.id(), history.heads(), person(1), SetRole{person(3).account, Role::admin});
  act(history, person(2), Remove{{person(3).account}});
  act(history, person(2), Add{{person(3).member()}});
  meet(history, role);
  EXPECT_EQ(role_of(history, person(3)), Role::member);
}

TEST(GroupHistory, OfRolesGivenBesideEachOtherTheLowestCounts) {
  History history = four();
  const auto owner =
      operation_on(history.id(), history.heads(), person(1), SetRole{person(3).account, Role::owner});
  const auto admin =
      operation_on(history.id(), history.heads(), person(1, 1), SetRole{person(3).account, Role::admin});
  meet(history, owner);
  meet(history, admin);
  EXPECT_EQ(role_of(history, person(3)), Role::admin);
}

TEST(GroupHistory, ARemovalUndoesWhatTheRemovedDidBesideItAndAllThatCameOfIt) {
  History history = four();
  History other = history;
  const auto added = act(other, person(2), Add{{person(9).member()}});
  const auto renamed = act(other, person(2), Rename{{'x'}});
  const auto by_added = act(other, person(9), Leave{});
  const auto untouched = operation_on(history.id(), history.heads(), person(1), Set{Setting::guests, 1});
  act(history, person(1), Remove{{person(2).account}});
  for (const auto& each : {added, renamed, by_added, untouched}) meet(history, each);
  EXPECT_EQ(role_of(history, person(9)), std::nullopt);
  EXPECT_EQ(history.state().name, Bytes{'g'});
  EXPECT_TRUE(history.state().guests_allowed);
  EXPECT_FALSE(history.stands(added.hash()));
  EXPECT_FALSE(history.stands(by_added.hash()));
  EXPECT_TRUE(history.stands(untouched.hash()));
}

TEST(GroupHistory, WhatTheRemoverKnewOfStands) {
  History history = four();
  act(history, person(2), Add{{person(9).member()}});
  act(history, person(1), Remove{{person(2).account}});
  EXPECT_EQ(role_of(history, person(9)), Role::member);
}

TEST(GroupHistory, ALostRoleUndoesOnlyWhatNeededIt) {
  History history = four();
  const auto renamed = operation_on(history.id(), history.heads(), person(2), Rename{{'x'}});
  const auto left = operation_on(history.id(), history.heads(), person(2, 1), Leave{});
  act(history, person(1), SetRole{person(2).account, Role::member});
  meet(history, renamed);
  EXPECT_EQ(history.state().name, Bytes{'g'});
  meet(history, left);
  EXPECT_EQ(role_of(history, person(2)), std::nullopt);
}

TEST(GroupHistory, LeavingUndoesNothing) {
  History history = four();
  const auto renamed = operation_on(history.id(), history.heads(), person(2, 1), Rename{{'x'}});
  act(history, person(2), Leave{});
  meet(history, renamed);
  EXPECT_EQ(history.state().name, Bytes{'x'});
}

TEST(GroupHistory, ADeviceThatLeftSaysNothingMore) {
  History history = four();
  Author stays = person(2);
  stays.manifest_version = 3;
  Author goes = person(2, 1);
  goes.manifest_version = 2;
  const auto stolen = operation_on(history.id(), history.heads(), goes, Leave{});
  const auto own = operation_on(history.id(), history.heads(), person(2, 2), Rename{{'y'}});
  act(history, stays, DevicesLeft{{goes.device_key}});
  meet(history, stolen);
  meet(history, own);
  EXPECT_EQ(role_of(history, person(2)), Role::admin) << "the thief cannot even leave";
  EXPECT_EQ(history.state().name, Bytes{'y'}) << "another device of the account";
  EXPECT_EQ(refusal(history, goes, Rename{{'z'}}), GroupError::device_left);
  goes.manifest_version = 4;  // linked again
  EXPECT_EQ(refusal(history, goes, Rename{{'z'}}), std::nullopt);
}

TEST(GroupHistory, NobodyButTheAccountSaysThatADeviceLeft) {
  History history = four();
  const auto renamed = operation_on(history.id(), history.heads(), person(2), Rename{{'x'}});
  act(history, person(3), DevicesLeft{{person(2).device_key}});
  meet(history, renamed);
  EXPECT_EQ(history.state().name, Bytes{'x'});
}

TEST(GroupHistory, WithoutAnOwnerTheHighestRoleActsAsOne) {
  History history = four();
  act(history, person(1), Leave{});
  EXPECT_EQ(refusal(history, person(3), Rename{{'x'}}), GroupError::not_allowed);
  EXPECT_EQ(refusal(history, person(2), SetRole{person(2).account, Role::owner}), std::nullopt);
  act(history, person(2), Leave{});
  EXPECT_EQ(refusal(history, person(3), Rename{{'x'}}), std::nullopt);
  act(history, person(3), SetRole{person(3).account, Role::owner});
  EXPECT_EQ(refusal(history, person(4), Rename{{'x'}}), GroupError::not_allowed);
}

TEST(GroupHistory, OfTwoWhoRemoveEachOtherOneStays) {
  History history = group_of(4);
  act(history, person(1), Leave{});
  const auto one = operation_on(history.id(), history.heads(), person(2), Remove{{person(3).account}});
  const auto two = operation_on(history.id(), history.heads(), person(3), Remove{{person(2).account}});
  History other = history;
  meet(history, one);
  meet(history, two);
  meet(other, two);
  meet(other, one);
  EXPECT_EQ(history.state(), other.state());
  EXPECT_NE(role_of(history, person(2)).has_value(), role_of(history, person(3)).has_value());
  const bool first_stronger = one.hash() < two.hash();
  EXPECT_EQ(history.stands(one.hash()), first_stronger);
}

TEST(GroupHistory, OfChangesBesideEachOtherTheLaterByTheClockCounts) {
  History history = four();
  const auto early = operation_on(history.id(), history.heads(), person(1), Rename{{'e'}}, 1);
  const auto late = operation_on(history.id(), history.heads(), person(2), Rename{{'l'}}, 2);
  meet(history, late);
  meet(history, early);
  EXPECT_EQ(history.state().name, Bytes{'l'});
  act(history, person(1), Rename{{'n'}});
  EXPECT_EQ(history.state().name, Bytes{'n'}) << "whoever knew of both decides, whatever the clock says";
}

TEST(GroupHistory, PhotoTimerAndGuestsAreSetAndTakenBack) {
  History history = four();
  act(history, person(2), SetPhoto{{1, 2}});
  act(history, person(2), Set{Setting::timer, 5000});
  act(history, person(2), Set{Setting::guests, 1});
  EXPECT_EQ(history.state().photo, (Bytes{1, 2}));
  EXPECT_EQ(history.state().timer.value, 5000U);
  EXPECT_TRUE(history.state().guests_allowed);
  act(history, person(2), SetPhoto{});
  act(history, person(2), Set{Setting::timer, 0});
  act(history, person(2), Set{Setting::guests, 0});
  EXPECT_TRUE(history.state().photo.empty());
  EXPECT_EQ(history.state().timer.value, 0U);
  EXPECT_FALSE(history.state().guests_allowed);
}

TEST(GroupHistory, ALinkLetsInWhomAnAdminApproves) {
  History history = four();
  const auto link = act(history, person(2), SetLink{LinkSecret{1}});
  const auto asker = person(9).member();
  EXPECT_EQ(refusal(history, person(3), Approve{asker, link.hash()}), GroupError::not_allowed);
  EXPECT_EQ(refusal(history, person(2), Approve{asker, {}}), GroupError::wrong_link);
  act(history, person(2), Refuse{person(10).account, link.hash()});
  ASSERT_TRUE(history.state().link);
  EXPECT_EQ(history.state().link->refused, std::vector{person(10).account});
  act(history, person(2), Approve{asker, link.hash()});
  EXPECT_EQ(role_of(history, person(9)), Role::member);
  act(history, person(2), SetLink{});
  EXPECT_FALSE(history.state().link);
  EXPECT_EQ(refusal(history, person(2), Approve{person(11).member(), link.hash()}), GroupError::wrong_link);
}

TEST(GroupHistory, SaysWhatTheGroupWasForWhoeverKnewLess) {
  History history = four();
  const auto heads = history.heads();
  const GroupState before = history.state();
  const auto beside = operation_on(history.id(), heads, person(2), Rename{{'x'}});
  act(history, person(1), Remove{{person(3).account}});
  meet(history, beside);
  EXPECT_EQ(history.state_at(heads).value(), before);
  EXPECT_EQ(history.state_at(history.heads()).value(), history.state());
  EXPECT_EQ(history.state_at({}).error(), GroupError::unknown_parent);
  EXPECT_EQ(history.state_at(std::vector{OperationHash{1}}).error(), GroupError::unknown_parent);
  EXPECT_NE(hash_of(before.roster), hash_of(history.state().roster));

  EXPECT_EQ(history.missing_after(heads).size(), 2U);
  EXPECT_EQ(history.missing_after(history.heads()), std::vector<OperationHash>{});
  EXPECT_EQ(history.missing_after({}).size(), history.size());
  EXPECT_EQ(history.missing_after(std::vector{OperationHash{1}}).size(), history.size());
}

TEST(GroupHistory, ComesBackFromItsOperations) {
  History history = four();
  const auto beside = operation_on(history.id(), history.heads(), person(2), Add{{person(9).member()}});
  act(history, person(1), Remove{{person(2).account}});
  meet(history, beside);
  std::vector<VerifiedOperation> stored = {beginning(person(1), people(2, 3))};
  stored.push_back(
      operation_on(history.id(), {stored[0].hash()}, person(1), SetRole{person(2).account, Role::admin}));
  stored.push_back(stored.back());
  stored.push_back(beside);
  stored.push_back(operation_on(history.id(), {stored[1].hash()}, person(1), Remove{{person(2).account}}));
  const auto restored = History::restore(stored);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->state(), history.state());
  EXPECT_EQ(restored->heads(), history.heads());
  std::swap(stored[1], stored[4]);
  EXPECT_EQ(History::restore(stored).error(), GroupError::unknown_parent);
  EXPECT_EQ(History::restore({}).error(), GroupError::wrong_group);
}

TEST(GroupLimits, AThousandMembersAndNoMore) {
  History history = group_of(200);
  for (std::uint16_t first = 201; first <= 1000; first += 200)
    act(history, person(1), Add{people(first, 200)});
  EXPECT_EQ(history.state().roster.members.size(), kMaxMembers);
  EXPECT_EQ(refusal(history, person(1), Add{people(2000, 1)}), GroupError::too_many_members);
  act(history, person(7), Leave{});
  EXPECT_EQ(refusal(history, person(1), Add{people(2000, 1)}), std::nullopt);
}

TEST(GroupLimits, WhereTwoLetInTooManyTheSameStayForEverybody) {
  History history = group_of(2);
  act(history, person(1), SetRole{person(2).account, Role::admin});
  std::vector<VerifiedOperation> beside;
  for (std::uint16_t i = 0; i < 8; ++i) {
    beside.push_back(operation_on(history.id(), history.heads(), person(1 + i % 2),
                                  Add{people(static_cast<std::uint16_t>(100 + 200 * i), 200)}));
  }
  History other = history;
  for (const auto& each : beside) meet(history, each);
  for (std::size_t i = beside.size(); i-- > 0;) meet(other, beside[i]);
  EXPECT_EQ(history.state().roster.members.size(), kMaxMembers);
  EXPECT_EQ(history.state(), other.state());
  EXPECT_EQ(role_of(history, person(1)), Role::owner);
  EXPECT_EQ(role_of(history, person(2)), Role::admin);
}

TEST(GroupLimits, AFullGroupStillLetsPeopleGo) {
  History history = four();
  while (history.size() < kMaxOperations) {
    act(history, person(1), Set{Setting::guests, history.size() % 2});
  }
  EXPECT_EQ(refusal(history, person(1), Rename{{'x'}}), GroupError::history_full);
  act(history, person(1), Remove{{person(3).account}});
  act(history, person(4), Leave{});
  while (history.size() < kMaxOperations + kReservedOperations)
    act(history, person(1), Merge{}, history.size());
  EXPECT_EQ(refusal(history, person(1), Leave{}), GroupError::history_full);
}

TEST(GroupLimits, ManyHistoriesBesideEachOtherAreNotKept) {
  const VerifiedOperation create = beginning(person(1), people(2, 3));
  std::vector<VerifiedOperation> stored = {create};
  OperationHash parent = create.hash();
  while (stored.size() < kMaxStoredOperations) {
    if (stored.size() == kMaxOperations) parent = create.hash();
    stored.push_back(operation_on(create.group(), {parent}, person(3), Merge{}, stored.size()));
    parent = stored.back().hash();
  }
  History history = History::restore(std::move(stored)).value();
  EXPECT_EQ(history.admit(operation_on(history.id(), {create.hash()}, person(1), Leave{})).error(),
            GroupError::history_full);
}

TEST(GroupLimits, ManyEndsAreMerged) {
  History history = group_of(60);
  const auto heads = history.heads();
  for (std::uint16_t i = 2; i <= 60; ++i)
    meet(history, operation_on(history.id(), heads, person(i), Leave{}));
  EXPECT_EQ(history.heads().size(), 59U);
  EXPECT_EQ(history.state().roster.members.size(), 1U);
  act(history, person(1), Merge{});
  EXPECT_EQ(history.heads().size(), 28U);
  act(history, person(1), Merge{});
  EXPECT_EQ(history.heads().size(), 1U);
  EXPECT_EQ(history.state().roster.members.size(), 1U);
}

TEST(GroupPending, WhatCameTooEarlyIsTakenWhenItsParentsCome) {
  History sender = four();
  History history = sender;
  std::vector<VerifiedOperation> made;
  for (std::uint8_t i = 0; i < 4; ++i) made.push_back(act(sender, person(1), Rename{{i}}));
  Pending pending;
  for (std::size_t i = 3; i > 0; --i) {
    EXPECT_EQ(history.admit(made[i]).error(), GroupError::unknown_parent);
    EXPECT_TRUE(pending.add(made[i]));
  }
  EXPECT_TRUE(pending.add(made[3]));
  EXPECT_TRUE(pending.settle(history).empty());
  EXPECT_EQ(pending.wanted(history), std::vector{made[0].hash()});
  meet(history, made[0]);
  const auto settled = pending.settle(history);
  ASSERT_EQ(settled.size(), 3U);
  for (const Settled& each : settled) EXPECT_TRUE(each.outcome);
  EXPECT_EQ(pending.size(), 0U);
  EXPECT_EQ(history.state(), sender.state());
}

TEST(GroupPending, HoldsSoManyAndNoMore) {
  Pending pending;
  for (std::size_t i = 0; i < kMaxPending; ++i) {
    EXPECT_TRUE(pending.add(operation_on({1}, {OperationHash{1}}, person(1), Merge{}, i)));
  }
  EXPECT_EQ(pending.add(operation_on({1}, {OperationHash{1}}, person(1), Leave{})).error(),
            GroupError::pending_full);
}

}  // namespace
}  // namespace sotto::groups
