// With the printed key: set up, tried, used.
#include <gtest/gtest.h>

#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/recovery/commands.h"
#include "client/recovery/upkeep.h"
#include "recovery/people.h"

namespace sotto::recovering {
namespace {

using Texts = std::vector<std::string>;

class RecoveryByKey : public ::testing::Test, public Town {
 protected:
  /// The sync key as the store has it.
  static Bytes sync_key(Person& person) {
    client::store::Rows rows = person.database().query("SELECT sync_key FROM profile");
    return rows.next() ? rows.octets(0) : Bytes();
  }

  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
};

TEST_F(RecoveryByKey, WithoutAnyWayTheStatusSaysSo) {
  EXPECT_FALSE(status(alice).key());
  EXPECT_EQ(status(alice).independent_ways(), 0U);
  EXPECT_EQ(ended(drill(alice, "4SCQ-QWSV-ZA7F-D42X-N7IR-CPRG-XG35-TVTB-L4FH")),
            client::describe(RecoveryCommandError::no_key));
  EXPECT_EQ(ended(run<void>(alice, client::remove_recovery)), client::describe(RecoveryCommandError::no_key));
}

TEST_F(RecoveryByKey, BringsAnAccountWithoutDevicesBack) {
  stage.chat(alice, bob, 2);
  const std::string key = set_up(alice);
  EXPECT_TRUE(status(alice).key());
  EXPECT_EQ(status(alice).independent_ways(), 1U);
  stage.disconnect(alice);  // for good
  stage.pass(hours(1));

  Person& fresh = device("fresh");
  EXPECT_EQ(ended(recover(fresh, "Alice", key)), "ok");
  ASSERT_TRUE(fresh.core().signed_in());
  EXPECT_TRUE(progressed(fresh, v1::RecoveryProgress::SLOT_OPENED));
  EXPECT_TRUE(progressed(fresh, v1::RecoveryProgress::PUBLISHED));
  EXPECT_EQ(fresh.self().handle, "alice");
  EXPECT_EQ(fresh.address().account, alice.address().account);
  EXPECT_EQ(devices(fresh), 1U);

  // Bob sees the same person with another device, and no alarm.
  bob.take_problems();
  stage.write(fresh, "bob", "it is me");
  stage.settle();
  EXPECT_EQ(bob.texts("alice").back(), "it is me");
  stage.chat(fresh, bob, 2);
  EXPECT_EQ(bob.take_problems(), Texts{});
  EXPECT_FALSE(client::find_contact(bob.database(), "alice")->changed);

  // The lost device turns up again: it is out, and the paper goes on working.
  stage.connect(alice);
  stage.settle();
  EXPECT_FALSE(alice.core().signed_in());
  EXPECT_TRUE(client::recovery_is_kept(fresh.database(), fresh.address().account));
  stage.disconnect(fresh);
  Person& third = device("third");
  EXPECT_EQ(ended(recover(third, "alice", key)), "ok");
  EXPECT_TRUE(third.core().signed_in());
}

TEST_F(RecoveryByKey, MakesANewSyncKeyUnlessTheFormerDevicesStay) {
  Person& tablet = stage.link(alice, "tablet");
  const std::string key = set_up(alice);
  Person& fresh = device("fresh");
  EXPECT_EQ(ended(recover(fresh, "alice", key, true)), "ok");
  ASSERT_TRUE(fresh.core().signed_in());
  EXPECT_EQ(devices(fresh), 3U);
  stage.pass(seconds(5));
  EXPECT_TRUE(alice.core().signed_in());
  EXPECT_TRUE(noticed(alice, v1::Notice::RECOVERED));
  EXPECT_TRUE(noticed(tablet, v1::Notice::RECOVERED));
  stage.write(bob, "alice", "to all three");
  stage.settle();
  for (Person* each : {&alice, &tablet, &fresh}) EXPECT_EQ(each->texts("bob"), Texts{"to all three"});
  EXPECT_EQ(sync_key(fresh), sync_key(alice));

  Person& alone = device("alone");
  EXPECT_EQ(ended(recover(alone, "alice", key)), "ok");
  EXPECT_EQ(devices(alone), 1U);
  EXPECT_NE(sync_key(alone), sync_key(alice));
}

TEST_F(RecoveryByKey, AWrongKeyOpensNothingAndAnotherCanBeTried) {
  const std::string key = set_up(alice);
  const std::string other = set_up(bob);
  Person& fresh = device("fresh");
  EXPECT_EQ(ended(recover(fresh, "alice", other)), "ok");  // asked; the server says no
  EXPECT_TRUE(fresh.told(v1::Problem::RECOVERY_REFUSED));
  EXPECT_TRUE(fresh.refused);
  EXPECT_EQ(ended(recover(fresh, "nobody", key)), "ok");
  EXPECT_TRUE(fresh.refused);
  EXPECT_EQ(ended(recover(fresh, "not a name", key)), client::describe(RecoveryCommandError::bad_handle));
  EXPECT_EQ(ended(recover(fresh, "alice", key)), "ok");
  EXPECT_TRUE(fresh.core().signed_in());
  EXPECT_EQ(ended(recover(fresh, "alice", key)), client::describe(RecoveryCommandError::already_linked));
}

TEST_F(RecoveryByKey, ADrillProvesThatTheKeyOpensTheAccount) {
  const std::string key = set_up(alice);
  const std::uint64_t before = status(alice).key_drilled_ms();
  stage.pass(hours(1));
  EXPECT_EQ(ended(drill(alice, key)), "ok");
  EXPECT_TRUE(progressed(alice, v1::RecoveryProgress::SLOT_OPENED));
  EXPECT_EQ(status(alice).key_drilled_ms(), before + hours(1).value);
  EXPECT_EQ(ended(drill(alice, set_up(bob))), client::describe(RecoveryCommandError::wrong_key));
  stage.disconnect(alice);
  EXPECT_EQ(ended(drill(alice, key)), client::describe(RecoveryCommandError::not_connected));
}

TEST_F(RecoveryByKey, ADrillFindsAServerThatLostTheSlotAndStoresItAgain) {
  const std::string key = set_up(alice);
  v1::ClientFrame nothing;
  nothing.mutable_store_recovery();
  ASSERT_TRUE(stage.ask(alice, nothing).has_done());
  EXPECT_EQ(ended(drill(alice, key)), "ok");
  EXPECT_TRUE(alice.told(v1::Problem::RECOVERY_REFUSED));
  stage.pass(seconds(5));
  EXPECT_EQ(ended(drill(alice, key)), "ok");
  EXPECT_TRUE(progressed(alice, v1::RecoveryProgress::SLOT_OPENED));
}

TEST_F(RecoveryByKey, AllOwnDevicesKnowTheWaysBackAndCanRenewThem) {
  Person& tablet = stage.link(alice, "tablet");
  const std::string key = set_up(alice);
  EXPECT_TRUE(status(tablet).key());
  EXPECT_TRUE(noticed(tablet, v1::Notice::RECOVERY_CHANGED));
  EXPECT_EQ(status(tablet).independent_ways(), 2U);
  // One that is linked later learns of it too.
  Person& phone = stage.link(tablet, "phone");
  EXPECT_TRUE(status(phone).key());
  EXPECT_EQ(ended(drill(phone, key)), "ok");
  EXPECT_TRUE(progressed(phone, v1::RecoveryProgress::SLOT_OPENED));
  EXPECT_EQ(status(alice).key_drilled_ms(), status(phone).key_drilled_ms());
}

TEST_F(RecoveryByKey, ANewKeyMakesTheOldOneWorthless) {
  const std::string old = set_up(alice);
  const std::string key = set_up(alice);
  stage.disconnect(alice);
  Person& fresh = device("fresh");
  EXPECT_EQ(ended(recover(fresh, "alice", old)), "ok");
  EXPECT_TRUE(fresh.told(v1::Problem::RECOVERY_REFUSED));
  EXPECT_EQ(ended(recover(fresh, "alice", key)), "ok");
  EXPECT_TRUE(fresh.core().signed_in());
}

TEST_F(RecoveryByKey, RemovingTheKeyLeavesNoWay) {
  const std::string key = set_up(alice);
  EXPECT_EQ(ended(run<void>(alice, client::remove_recovery)), "ok");
  stage.settle();
  EXPECT_FALSE(status(alice).key());
  EXPECT_TRUE(client::recovery_is_kept(alice.database(), alice.address().account));
  EXPECT_EQ(client::load_manifest(alice.database(), alice.address().account)->manifest().recovery,
            identity::RecoveryFingerprint{});
  Person& fresh = device("fresh");
  EXPECT_EQ(ended(recover(fresh, "alice", key)), "ok");
  EXPECT_TRUE(fresh.told(v1::Problem::RECOVERY_REFUSED));
}

TEST_F(RecoveryByKey, GoesOnWhereverItWasInterrupted) {
  const std::string key = set_up(alice);
  stage.disconnect(alice);
  for (const auto lost : {v1::ServerFrame::kWelcome, v1::ServerFrame::kRecoverySlot,
                          v1::ServerFrame::kManifests, v1::ServerFrame::kLookupAnswer,
                          v1::ServerFrame::kManifestPublished, v1::ServerFrame::kAuthenticated}) {
    Person& fresh = device("fresh");
    stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> hostile::ServerFrames {
      if (&to == &fresh && frame.body_case() == lost) return {};
      return {std::move(frame)};
    };
    EXPECT_EQ(ended(recover(fresh, "alice", key)), "ok");
    EXPECT_FALSE(fresh.core().signed_in());
    stage.op = {};
    stage.disconnect(fresh);
    fresh.restart();
    stage.connect(fresh);
    stage.settle();
    EXPECT_TRUE(fresh.core().signed_in()) << lost;
    EXPECT_EQ(devices(fresh), 1U);
    EXPECT_FALSE(client::is_recovering(fresh.database()));
    stage.disconnect(fresh);
  }
}

TEST_F(RecoveryByKey, PublishesNothingOnAListThatIsOlderThanTheLogs) {
  const std::string key = set_up(alice);
  stage.link(alice, "tablet");  // of which the slot does not know
  stage.disconnect(alice);
  Person& fresh = device("fresh");
  bool published = false;
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> hostile::ServerFrames {
    if (&to == &fresh && frame.has_manifests()) {
      auto& list = *frame.mutable_manifests()->mutable_manifests();
      if (!list.empty()) list.RemoveLast();
    }
    return {std::move(frame)};
  };
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> hostile::ClientFrames {
    published = published || (&from == &fresh && frame.has_publish_manifest());
    return {std::move(frame)};
  };
  EXPECT_EQ(ended(recover(fresh, "alice", key)), "ok");
  EXPECT_TRUE(fresh.told(v1::Problem::RECOVERY_REFUSED));
  EXPECT_FALSE(published);
  EXPECT_FALSE(fresh.core().signed_in());
  // The truth, later, is taken.
  stage.op = {};
  EXPECT_EQ(ended(recover(fresh, "alice", key)), "ok");
  EXPECT_TRUE(fresh.core().signed_in());
}

TEST_F(RecoveryByKey, PublishesNothingWhereTheProofDoesNotHold) {
  const std::string key = set_up(alice);
  stage.disconnect(alice);
  Person& fresh = device("fresh");
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> hostile::ServerFrames {
    if (&to == &fresh && frame.has_lookup_answer()) {
      frame.mutable_lookup_answer()->mutable_labels(0)->set_value("another list");
    }
    return {std::move(frame)};
  };
  EXPECT_EQ(ended(recover(fresh, "alice", key)), "ok");
  EXPECT_TRUE(fresh.told(v1::Problem::RECOVERY_REFUSED));
  EXPECT_FALSE(fresh.core().signed_in());
}

TEST_F(RecoveryByKey, WorksLongAfterTheLastListHasExpired) {
  const std::string key = set_up(alice);
  stage.disconnect(alice);
  stage.pass(days(400));
  Person& fresh = device("fresh");
  EXPECT_EQ(ended(recover(fresh, "alice", key)), "ok");
  EXPECT_TRUE(fresh.core().signed_in());
}

}  // namespace
}  // namespace sotto::recovering
