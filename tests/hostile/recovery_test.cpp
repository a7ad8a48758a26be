// Who wants into an account that is not theirs by way of its recovery (docs/specs/hostile-actors.md): the
// server, guessers, contacts who agree with each other, devices that were removed.
#include <gtest/gtest.h>

#include <algorithm>

#include "client/contacts/manifests.h"
#include "client/devices/own_devices.h"
#include "client/recovery/attempt.h"
#include "client/recovery/commands.h"
#include "client/recovery/messages.h"
#include "client/recovery/setup.h"
#include "client/recovery/upkeep.h"
#include "identity/armor.h"
#include "identity/author.h"
#include "recovery/request.h"
#include "stage.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using client::RecoveryCommandError;
using client::RecoveryOutcome;
using client::Work;

const client::ServerRecord kServer{.host = std::string(kServerName), .port = 443};

class HostileRecovery : public ::testing::Test {
 protected:
  HostileRecovery() {
    for (Person* each : {&bob, &carol, &dave}) stage.chat(alice, *each, 1);
    run<void>(alice, [&](Work& work) { return client::set_up_recovery(work, seed); });
    stage.settle();
    run<void>(alice, [&](Work& work) {
      const std::vector<std::string> handles{"bob", "carol", "dave"};
      return client::set_recovery_contacts(work, seed,
                                           {.handles = handles, .threshold = 2, .delay = hours(72)});
    });
    stage.settle();
    for (Person* each : {&alice, &bob, &carol, &dave}) each->take_problems();
  }

  template <typename T>
  RecoveryOutcome<T> run(Person& person, const std::function<RecoveryOutcome<T>(Work&)>& body) {
    return stage.command(person, [&](client::Core& core) {
      return core.run_command<RecoveryOutcome<T>>(stage.now, err(RecoveryCommandError::not_registered), body);
    });
  }
  Person& device(const std::string& name) {
    Person& person = stage.add(name);
    EXPECT_TRUE(person.core().set_up_device(name, kServer, stage.now).value());
    return person;
  }
  /// Tries the typed key on a device.
  void recover(Person& device) {
    EXPECT_TRUE(run<void>(
        device, [&](Work& work) { return client::recover_with_key(work, {.handle = "alice"}, seed); }));
    stage.connect(device);
    stage.settle();
  }
  /// Says something of recovery to an account, from a modified program.
  void tell(Person& from, Person& to, const v1::RecoveryMessage& message) {
    run<void>(from, [&](Work& work) -> RecoveryOutcome<void> {
      client::tell(work, to.address().account, message);
      return {};
    });
    stage.settle();
  }
  /// Falsifies what the server answers to one device.
  void lie(Person& to, std::function<void(v1::ServerFrame&)> falsify) {
    stage.op.to_device = [&to, falsify = std::move(falsify)](Person& person,
                                                             v1::ServerFrame frame) -> ServerFrames {
      if (&person == &to) falsify(frame);
      return {std::move(frame)};
    };
  }
  /// The share that a contact holds, as its program has it.
  static recovery::Share share_of(Person& contact) {
    client::store::Rows rows = contact.database().query(
        "SELECT owner, owner_key, set_id, slot, threshold, share_index, share FROM recovery_share");
    EXPECT_TRUE(rows.next()) << contact.name();
    return recovery::parse_share({.owner = {rows.id<identity::AccountId>(0),
                                            crypto::Fingerprint::from_octets(rows.array<32>(1))},
                                  .set = rows.array<16>(2),
                                  .slot = rows.array<16>(3),
                                  .threshold = static_cast<std::uint8_t>(rows.integer(4)),
                                  .digests = {}},
                                 static_cast<std::uint32_t>(rows.integer(5)), rows.octets(6))
        .value();
  }
  static std::int64_t count(Person& person, client::store::Sql sql) {
    client::store::Rows rows = person.database().query(sql);
    return rows.next() ? rows.integer(0) : -1;
  }
  v1::ClientFrame fetching(const recovery::SlotKey& slot) const {
    v1::ClientFrame frame;
    frame.mutable_fetch_recovery()->set_handle("alice");
    frame.mutable_fetch_recovery()->set_slot(wire::field(slot.slot));
    frame.mutable_fetch_recovery()->set_access(wire::field(recovery::wire_form(slot.access)));
    return frame;
  }
  /// Notices that the server pushes to Alice's device from now on.
  void watch_notices() {
    stage.op.to_device = [this](Person& to, v1::ServerFrame frame) -> ServerFrames {
      if (&to == &alice && frame.has_account_notice()) notices.push_back(frame.account_notice().kind());
      return {std::move(frame)};
    };
  }

  Stage stage;
  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
  Person& carol = stage.join("carol");
  Person& dave = stage.join("dave");
  recovery::RecoverySeed seed = crypto::random_secret<recovery::RecoverySeed>(stage.random());
  std::vector<v1::AccountNotice::Kind> notices;
};

// The server.

TEST_F(HostileRecovery, ThatServesTheSlotOfAnotherAccountIsRefused) {
  const auto other = crypto::random_secret<recovery::RecoverySeed>(stage.random());
  run<void>(bob, [&](Work& work) { return client::set_up_recovery(work, other); });
  std::string sealed;
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
    if (&from == &bob && frame.has_store_recovery()) sealed = frame.store_recovery().slots(0).sealed();
    return {std::move(frame)};
  };
  stage.settle();
  stage.op = {};
  ASSERT_FALSE(sealed.empty());
  Person& fresh = device("fresh");
  lie(fresh, [&](v1::ServerFrame& frame) {
    if (frame.has_recovery_slot()) frame.mutable_recovery_slot()->set_sealed(sealed);
  });
  recover(fresh);
  EXPECT_TRUE(fresh.told(v1::Problem::RECOVERY_REFUSED));
  EXPECT_FALSE(fresh.self().account);
}

TEST_F(HostileRecovery, ThatMakesUpAnAccountForATypedKeyIsRefused) {
  // It knows the public key from a device that it broke into, and seals an account of its own to it.
  const auto setup = client::load_recovery_setup(alice.database());
  const auto fake = identity::AccountIdentity::generate(stage.random());
  const auto sync_key = crypto::random_secret<identity::SyncKey>(stage.random());
  const auto sealed = recovery::seal_slot(*setup->key, setup->slot,
                                          {fake, sync_key, "alice", {.version = 1}, {}}, stage.random());
  Person& fresh = device("fresh");
  lie(fresh, [&](v1::ServerFrame& frame) {
    if (frame.has_recovery_slot()) frame.mutable_recovery_slot()->set_sealed(wire::field(*sealed));
  });
  recover(fresh);
  EXPECT_TRUE(fresh.told(v1::Problem::RECOVERY_REFUSED));
  EXPECT_FALSE(fresh.self().account);
  stage.op = {};
  recover(fresh);
  EXPECT_TRUE(fresh.core().signed_in());
}

TEST_F(HostileRecovery, ThatShowsAnOlderChainToARecoveringDeviceIsRefused) {
  Person& fresh = device("fresh");
  lie(fresh, [](v1::ServerFrame& frame) {
    if (frame.has_manifests()) frame.mutable_manifests()->mutable_manifests()->RemoveLast();
  });
  recover(fresh);
  EXPECT_TRUE(fresh.told(v1::Problem::RECOVERY_REFUSED));
  EXPECT_FALSE(fresh.core().signed_in());
}

TEST_F(HostileRecovery, ThatServesAnOlderSlotGivesAwayNothingThatCounts) {
  std::vector<std::string> sealed;
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
    if (&from == &alice && frame.has_store_recovery()) {
      sealed.push_back(frame.store_recovery().slots(0).sealed());
    }
    return {std::move(frame)};
  };
  for (int i = 0; i < 2; ++i) {
    run<void>(alice, [](Work& work) -> RecoveryOutcome<void> {
      client::renew_recovery_slots(work);
      return {};
    });
    stage.settle();
  }
  stage.op = {};
  ASSERT_EQ(sealed.size(), 2U);
  Person& fresh = device("fresh");
  lie(fresh, [&](v1::ServerFrame& frame) {
    if (frame.has_recovery_slot()) frame.mutable_recovery_slot()->set_sealed(sealed.front());
  });
  recover(fresh);
  ASSERT_TRUE(fresh.core().signed_in());
  EXPECT_EQ(fresh.address().account, alice.address().account);
  client::store::Rows mine = fresh.database().query("SELECT sync_key FROM profile");
  client::store::Rows old = alice.database().query("SELECT sync_key FROM profile");
  ASSERT_TRUE(mine.next() && old.next());
  EXPECT_NE(mine.octets(0), old.octets(0));
}

TEST_F(HostileRecovery, WhoGuessesAccessesIsToldNothingAndTheAccountIsToldOfIt) {
  watch_notices();
  Person& stranger = device("stranger");
  stage.connect(stranger);
  stage.settle();
  const auto real = recovery::SlotKey::derive(seed);
  std::string answer;
  for (int i = 0; i < 15; ++i) {
    auto guess = recovery::SlotKey::derive(crypto::random_secret<recovery::RecoverySeed>(stage.random()));
    if (i % 2 == 0) guess.slot = real.slot;
    auto frame = fetching(guess);
    if (i % 3 == 0) frame.mutable_fetch_recovery()->set_handle("nobody");
    auto refused = stage.ask(stranger, frame);
    refused.set_request_id(0);
    if (answer.empty()) answer = refused.DebugString();
    EXPECT_EQ(refused.DebugString(), answer) << i;
  }
  stage.settle();
  EXPECT_EQ(notices.size(), 10U);
  EXPECT_EQ(notices.front(), v1::AccountNotice::RECOVERY_SLOT_REFUSED);
  // The owner is not kept out by it.
  stage.pass(minutes(1));
  Person& fresh = device("fresh");
  recover(fresh);
  EXPECT_TRUE(fresh.core().signed_in());
}

// Contacts.

TEST_F(HostileRecovery, OfTooFewContactsOpensNothing) {
  const recovery::Share own = share_of(bob);
  std::vector<recovery::Share> given;
  given.push_back(own.clone());
  EXPECT_EQ(recovery::combine_shares(given).error(), recovery::RecoveryError::too_few_shares);
  // Any value in the place of the missing one gives another opener, and no way to see whether it is right but
  // to ask the server.
  Person& thief = device("thief");
  stage.connect(thief);
  stage.settle();
  watch_notices();
  for (int i = 0; i < 3; ++i) {
    const auto invented = crypto::random_secret<recovery::ShareValue>(stage.random());
    const std::vector<recovery::SharePoint> points{{own.index, own.value},
                                                   {static_cast<std::uint8_t>(own.index + 1), invented}};
    const auto guess = recovery::SlotKey::derive(recovery::combine(points));
    EXPECT_NE(guess.slot, own.terms.slot);
    auto frame = fetching(guess);
    EXPECT_EQ(stage.ask(thief, frame).error().code(), v1::Error::NO_SUCH_RECOVERY_SLOT);
    frame.mutable_fetch_recovery()->set_slot(wire::field(own.terms.slot));
    EXPECT_EQ(stage.ask(thief, frame).error().code(), v1::Error::NO_SUCH_RECOVERY_SLOT);
  }
  stage.settle();
  EXPECT_EQ(notices.size(), 6U);
}

TEST_F(HostileRecovery, OfEnoughContactsSkipsTheDelayAndIsSeenByEveryDevice) {
  Person& tablet = stage.link(alice, "tablet");
  Person& thief = device("thief");
  watch_notices();
  const auto request =
      run<std::string>(thief, [](Work& work) { return client::make_recovery_request(work, "alice"); });
  const Bytes octets = *identity::dearmor(recovery::kRequestArmor, *request);
  std::vector<std::string> shares;
  for (Person* each : {&bob, &carol}) {
    shares.push_back(identity::armor(recovery::kReleaseArmor,
                                     *recovery::make_release(octets, share_of(*each), stage.random())));
  }
  EXPECT_TRUE(run<void>(
      thief, [&](Work& work) { return client::recover_with_shares(work, {.handle = "alice"}, shares); }));
  stage.connect(thief);
  stage.settle();
  EXPECT_TRUE(thief.core().signed_in());
  // Both slots were taken, and both devices are out: neither can be missed.
  EXPECT_EQ(notices, (std::vector{v1::AccountNotice::RECOVERY_SLOT_FETCHED,
                                  v1::AccountNotice::RECOVERY_SLOT_FETCHED}));
  EXPECT_TRUE(alice.told(v1::Problem::DEVICE_REVOKED));
  EXPECT_TRUE(tablet.told(v1::Problem::DEVICE_REVOKED));
}

TEST_F(HostileRecovery, OfFormerContactsOpensNothing) {
  std::vector<recovery::Share> kept;
  for (Person* each : {&bob, &carol}) kept.push_back(share_of(*each).clone());
  run<void>(alice, [&](Work& work) {
    const std::vector<std::string> handles{"carol", "dave"};
    return client::set_recovery_contacts(work, seed, {.handles = handles, .threshold = 2, .delay = hours(1)});
  });
  stage.settle();
  const auto combined = recovery::combine_shares(kept);
  ASSERT_TRUE(combined);
  Person& thief = device("thief");
  stage.connect(thief);
  stage.settle();
  EXPECT_EQ(stage.ask(thief, fetching(recovery::SlotKey::derive(combined->opener))).error().code(),
            v1::Error::NO_SUCH_RECOVERY_SLOT);
}

TEST_F(HostileRecovery, WhoGivesAWrongShareIsFoundOut) {
  Person& fresh = device("fresh");
  const auto request =
      run<std::string>(fresh, [](Work& work) { return client::make_recovery_request(work, "alice"); });
  const Bytes octets = *identity::dearmor(recovery::kRequestArmor, *request);
  // Dave gives a share of a set that he made up.
  recovery::Share wrong = share_of(dave);
  const auto invented = crypto::random_secret<recovery::RecoverySeed>(stage.random());
  wrong = recovery::make_shares(invented, wrong.terms.owner, wrong.terms.set, 2, 3, stage.random())
              ->at(2)
              .clone();
  const auto armored = [&](const recovery::Share& share) {
    return identity::armor(recovery::kReleaseArmor, *recovery::make_release(octets, share, stage.random()));
  };
  const auto attempt = [&](std::vector<std::string> shares) {
    return run<void>(
        fresh, [&](Work& work) { return client::recover_with_shares(work, {.handle = "alice"}, shares); });
  };
  EXPECT_EQ(attempt({armored(wrong), armored(share_of(bob))}).error(), RecoveryCommandError::mixed_shares);
  // Or his own, for another slot than it was made for.
  recovery::Share altered = share_of(dave);
  altered.terms.slot[0] ^= 1U;
  EXPECT_EQ(attempt({armored(altered), armored(share_of(bob))}).error(), RecoveryCommandError::wrong_share);
  EXPECT_TRUE(attempt({armored(wrong), armored(share_of(bob)), armored(share_of(carol))}));
  stage.connect(fresh);
  stage.settle();
  EXPECT_TRUE(fresh.core().signed_in());
}

TEST_F(HostileRecovery, WhoInventsRequestsIsHeardEightTimesADay) {
  v1::RecoveryMessage message;
  message.mutable_requested()->set_set(wire::field(share_of(bob).terms.set));
  for (int i = 0; i < 12; ++i) {
    message.mutable_requested()->set_request_hash(wire::field(stage.random().array<32>()));
    tell(bob, alice, message);
  }
  EXPECT_EQ(count(alice, "SELECT count(*) FROM recovery_alarm"), 8);
}

TEST_F(HostileRecovery, WhoIsNoContactCannotRaiseAnAlarmOrDismissAShare) {
  Person& mallory = stage.join("mallory");
  const auto set = wire::field(share_of(bob).terms.set);
  stage.chat(mallory, alice, 1);
  stage.chat(mallory, bob, 1);
  v1::RecoveryMessage message;
  message.mutable_requested()->set_set(set);
  message.mutable_requested()->set_request_hash(wire::field(stage.random().array<32>()));
  tell(mallory, alice, message);
  EXPECT_EQ(count(alice, "SELECT count(*) FROM recovery_alarm"), 0);
  message.mutable_kept()->set_set(set);
  tell(mallory, alice, message);
  message.mutable_withdraw()->set_set(set);
  tell(mallory, bob, message);
  EXPECT_EQ(count(bob, "SELECT count(*) FROM recovery_share"), 1);
  message.mutable_veto()->set_set(set);
  message.mutable_veto()->set_request_hash(wire::field(stage.random().array<32>()));
  tell(mallory, bob, message);
  EXPECT_EQ(count(bob, "SELECT count(*) FROM recovery_release"), 0);
  // A share that does not fit is not kept.
  auto& share = *message.mutable_share();
  share.set_set(set);
  share.set_slot(std::string(16, 's'));
  share.set_index(1);
  share.set_threshold(2);
  share.set_share(std::string(20 + 3 * 32, 'x'));
  tell(mallory, bob, message);
  EXPECT_EQ(count(bob, "SELECT count(*) FROM recovery_share"), 1);
}

// Devices that were removed.

TEST_F(HostileRecovery, OfARemovedDeviceStoresNoSlotsAndOpensNoNewOnes) {
  Person& tablet = stage.link(alice, "tablet");
  // Before it is gone it replaces the slots with something of its own.
  v1::ClientFrame frame;
  auto& slot = *frame.mutable_store_recovery()->add_slots();
  slot.set_slot(wire::field(recovery::SlotKey::derive(seed).slot));
  slot.set_access_hash(wire::field(recovery::SlotKey::derive(seed).access_hash()));
  slot.set_sealed("nothing that opens");
  EXPECT_TRUE(stage.ask(tablet, frame).has_done());
  run<void>(alice, [&](Work& work) -> RecoveryOutcome<void> {
    auto draft = identity::draft_successor(*client::load_manifest(work.db, work.self.account_id()),
                                           work.self.device.id, work.now);
    EXPECT_TRUE(identity::remove_device(draft, tablet.address().device));
    client::publish(work, draft);
    return {};
  });
  stage.settle();
  EXPECT_TRUE(tablet.told(v1::Problem::DEVICE_REVOKED));
  EXPECT_FALSE(tablet.connection);
  // What stands there now is what a device of the account sealed after it had gone.
  Person& fresh = device("fresh");
  recover(fresh);
  EXPECT_TRUE(fresh.core().signed_in());
}

}  // namespace
}  // namespace sotto::hostile
