// With contacts who hold shares: made, kept, asked for, vetoed, used.
#include <gtest/gtest.h>

#include "client/recovery/commands.h"
#include "client/recovery/upkeep.h"
#include "recovery/people.h"

namespace sotto::recovering {
namespace {

class RecoveryByContacts : public ::testing::Test, public Town {
 protected:
  RecoveryByContacts() {
    for (Person* each : {&bob, &carol, &dave}) stage.chat(alice, *each, 1);
    key = set_up(alice);
    EXPECT_EQ(ended(set_contacts(alice, key, {"bob", "carol", "dave"}, 2)), "ok");
  }
  static std::int64_t count(Person& person, client::store::Sql sql) {
    client::store::Rows rows = person.database().query(sql);
    return rows.next() ? rows.integer(0) : -1;
  }
  static std::int64_t shares_of(Person& person) {
    return count(person, "SELECT count(*) FROM recovery_share");
  }

  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
  Person& carol = stage.join("carol");
  Person& dave = stage.join("dave");
  std::string key;
};

TEST_F(RecoveryByContacts, EveryContactKeepsAShareAndSaysSo) {
  for (Person* each : {&bob, &carol, &dave}) {
    EXPECT_EQ(shares_of(*each), 1) << each->name();
    EXPECT_TRUE(noticed(*each, v1::Notice::RECOVERY_CHANGED));
  }
  const auto now = status(alice);
  EXPECT_EQ(now.contacts(), 3U);
  EXPECT_EQ(now.threshold(), 2U);
  EXPECT_EQ(now.contacts_confirmed(), 3U);
  EXPECT_EQ(now.independent_ways(), 2U);
}

TEST_F(RecoveryByContacts, NoCopyOfTheSharesStaysWithTheirOwner) {
  stage.pass(seconds(5));
  EXPECT_EQ(count(alice, "SELECT count(*) FROM recovery_contact WHERE item IS NOT NULL"), 0);
  // Whatever is still kept for repeating is no share.
  client::store::Rows rows = alice.database().query("SELECT content FROM outbox_item");
  while (rows.next()) {
    v1::Content content;
    const Bytes octets = rows.octets(0);
    ASSERT_TRUE(content.ParseFromArray(octets.data(), static_cast<int>(octets.size())));
    EXPECT_FALSE(content.recovery().has_share());
  }
}

TEST_F(RecoveryByContacts, TwoOfThreeBringTheAccountBack) {
  stage.disconnect(alice);  // for good, with the paper
  Person& fresh = device("fresh");
  const std::string request = this->request(fresh, "alice");
  EXPECT_EQ(this->request(fresh, "alice"), request);  // the same again
  const auto shown = client::summarize_recovery_request(request);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->handle, "alice");
  EXPECT_EQ(shown->fingerprint.size(), 24U);

  for (Person* each : {&bob, &dave}) {
    const auto first = release(*each, request);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->not_before, stage.now + hours(72));
    EXPECT_FALSE(first->armored);
  }
  stage.pass(hours(71));
  EXPECT_FALSE(release(bob, request)->armored);
  stage.pass(hours(1));
  const std::string from_bob = share(bob, request);
  EXPECT_EQ(ended(recover_with(fresh, "alice", {from_bob})),
            client::describe(RecoveryCommandError::too_few_shares));
  EXPECT_EQ(ended(recover_with(fresh, "alice", {from_bob, share(dave, request)})), "ok");
  ASSERT_TRUE(fresh.core().signed_in());
  EXPECT_EQ(fresh.address().account, alice.address().account);
  EXPECT_EQ(devices(fresh), 1U);
  // The contacts are still contacts, and the paper, should it turn up, is still good.
  EXPECT_EQ(status(fresh).contacts(), 3U);
  EXPECT_EQ(ended(drill(fresh, key)), "ok");
  EXPECT_TRUE(progressed(fresh, v1::RecoveryProgress::SLOT_OPENED));
  EXPECT_EQ(ended(run<void>(fresh, client::drill_recovery_contacts)), "ok");
  stage.settle();
  EXPECT_EQ(status(fresh).contacts_confirmed(), 3U);
  stage.chat(fresh, carol, 1);
}

TEST_F(RecoveryByContacts, ADeviceOfTheOwnerHearsOfARequestAndRefusesIt) {
  Person& tablet = stage.link(alice, "tablet");
  Person& thief = device("thief");
  const std::string request = this->request(thief, "alice");
  ASSERT_TRUE(release(bob, request));
  EXPECT_TRUE(noticed(alice, v1::Notice::RECOVERY_REQUESTED));
  EXPECT_TRUE(noticed(tablet, v1::Notice::RECOVERY_REQUESTED));
  const auto vetoed = veto(tablet);
  ASSERT_TRUE(vetoed);
  EXPECT_EQ(*vetoed, 1U);
  stage.pass(hours(100));
  EXPECT_EQ(release(bob, request).error(), RecoveryCommandError::vetoed);
  // Also where nobody had asked before.
  EXPECT_EQ(release(carol, request).error(), RecoveryCommandError::vetoed);
  EXPECT_EQ(veto(tablet).error(), RecoveryCommandError::nothing_asked);
  // Another request begins at the beginning.
  Person& other = device("other");
  const std::string again = this->request(other, "alice");
  EXPECT_FALSE(release(bob, again)->armored);
}

TEST_F(RecoveryByContacts, NothingIsGivenBeforeTheOwnersDevicesCouldObject) {
  Person& thief = device("thief");
  const std::string request = this->request(thief, "alice");
  stage.disconnect(bob);
  EXPECT_EQ(release(bob, request).error(), RecoveryCommandError::not_connected);
  stage.connect(bob);
  stage.settle();
  // The server does not take the notice to Alice.
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> hostile::ClientFrames {
    if (&from == &bob && frame.has_submit()) return {};
    return {std::move(frame)};
  };
  ASSERT_TRUE(release(bob, request));
  stage.pass(hours(80));
  EXPECT_EQ(release(bob, request).error(), RecoveryCommandError::not_told);
  stage.op = {};
  stage.disconnect(bob);
  stage.connect(bob);
  stage.settle();
  EXPECT_TRUE(noticed(alice, v1::Notice::RECOVERY_REQUESTED));
  EXPECT_TRUE(release(bob, request)->armored);
}

TEST_F(RecoveryByContacts, AnOwnerWhoseListHasExpiredIsNotLockedOut) {
  stage.disconnect(alice);
  stage.pass(days(100));
  stage.pass(seconds(5));
  Person& fresh = device("fresh");
  const std::string request = this->request(fresh, "alice");
  ASSERT_TRUE(release(bob, request));
  ASSERT_TRUE(release(carol, request));
  stage.pass(hours(73));
  EXPECT_EQ(ended(recover_with(fresh, "alice", {share(bob, request), share(carol, request)})), "ok");
  EXPECT_TRUE(fresh.core().signed_in());
}

TEST_F(RecoveryByContacts, OtherContactsTakeTheirPlace) {
  stage.chat(alice, stage.join("erin"), 1);
  EXPECT_EQ(ended(set_contacts(alice, key, {"carol", "erin"}, 2)), "ok");
  EXPECT_EQ(shares_of(bob), 0);
  EXPECT_EQ(shares_of(carol), 1);
  EXPECT_EQ(status(alice).contacts_confirmed(), 2U);
  EXPECT_EQ(ended(set_contacts(alice, key, {}, 0)), "ok");
  EXPECT_EQ(shares_of(carol), 0);
  EXPECT_EQ(status(alice).contacts(), 0U);
  EXPECT_EQ(ended(run<void>(alice, client::drill_recovery_contacts)),
            client::describe(RecoveryCommandError::no_contacts));
}

TEST_F(RecoveryByContacts, ANewKeyDismissesTheContactsOfTheOldOne) {
  set_up(alice);
  EXPECT_EQ(shares_of(bob), 0);
  EXPECT_EQ(status(alice).contacts(), 0U);
}

TEST_F(RecoveryByContacts, ADrillFindsAContactThatHasNothingAnyMore) {
  stage.pass(days(91));
  EXPECT_EQ(status(alice).contacts_confirmed(), 0U);
  EXPECT_EQ(status(alice).independent_ways(), 1U);
  carol.database().run("DELETE FROM recovery_share");
  EXPECT_EQ(ended(run<void>(alice, client::drill_recovery_contacts)), "ok");
  stage.settle();
  stage.pass(seconds(5));
  EXPECT_EQ(status(alice).contacts_confirmed(), 2U);
}

TEST_F(RecoveryByContacts, WishesThatCannotBeAreRefused) {
  EXPECT_EQ(set_contacts(alice, key, {"bob", "carol"}, 1).error(), RecoveryCommandError::bad_terms);
  EXPECT_EQ(set_contacts(alice, key, {"bob", "carol"}, 3).error(), RecoveryCommandError::bad_terms);
  EXPECT_EQ(set_contacts(alice, key, {"bob", "bob"}, 2).error(), RecoveryCommandError::own_account);
  EXPECT_EQ(set_contacts(alice, key, {"bob", "alice"}, 2).error(), RecoveryCommandError::own_account);
  EXPECT_EQ(set_contacts(alice, key, {"bob", "stranger"}, 2).error(), RecoveryCommandError::unknown_contact);
  EXPECT_EQ(set_contacts(alice, key, {"bob", "no name"}, 2).error(), RecoveryCommandError::bad_handle);
  EXPECT_EQ(set_contacts(alice, key, {"bob", "carol"}, 2, days(31)).error(), RecoveryCommandError::bad_delay);
  EXPECT_EQ(set_contacts(alice, key, {"bob", "carol"}, 2, {0}).error(), RecoveryCommandError::bad_delay);
  EXPECT_EQ(set_contacts(alice, set_up(bob), {"bob", "carol"}, 2).error(), RecoveryCommandError::wrong_key);
  EXPECT_EQ(status(alice).contacts(), 3U);
}

TEST_F(RecoveryByContacts, FilesThatDoNotFitAreRefused) {
  Person& fresh = device("fresh");
  EXPECT_EQ(recover_with(fresh, "alice", {"x"}).error(), RecoveryCommandError::no_request);
  const std::string request = this->request(fresh, "alice");
  EXPECT_EQ(recover_with(fresh, "alice", {"x"}).error(), RecoveryCommandError::bad_share);
  EXPECT_EQ(recover_with(fresh, "bob", {"x"}).error(), RecoveryCommandError::no_request);
  EXPECT_EQ(release(bob, "x").error(), RecoveryCommandError::bad_request);
  EXPECT_EQ(release(bob, this->request(device("other"), "carol")).error(), RecoveryCommandError::no_share);
  EXPECT_EQ(release(alice, request).error(), RecoveryCommandError::no_share);
  ASSERT_TRUE(release(bob, request));
  stage.pass(hours(73));
  const std::string from_bob = share(bob, request);
  Person& exchanged = device("exchanged");
  static_cast<void>(this->request(exchanged, "alice"));
  EXPECT_EQ(recover_with(exchanged, "alice", {from_bob}).error(), RecoveryCommandError::bad_share);
  EXPECT_EQ(release(fresh, request).error(), RecoveryCommandError::not_registered);
}

}  // namespace
}  // namespace sotto::recovering
