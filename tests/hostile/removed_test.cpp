// Devices that were removed, thieves of the account's key and ghost devices: who once belonged to an account,
// or claims to, and what that is still worth (docs/specs/hostile-actors.md).
#include <gtest/gtest.h>

#include <algorithm>

#include "client/contacts/manifests.h"
#include "client/conversations/records.h"
#include "client/devices/device_name.h"
#include "client/devices/manage.h"
#include "identity/author.h"
#include "identity/wire_form.h"
#include "peer.h"
#include "sotto/v1/content.pb.h"
#include "stage.h"
#include "theft.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using Texts = std::vector<std::string>;

class HostileRemoved : public ::testing::Test {
 protected:
  HostileRemoved() {
    stage.chat(alice, bob, 2);
    stage.write(tablet, "bob", "while listed");
    stage.settle();
    stage.write(bob, "alice", "to both");
    stage.settle();
  }
  /// Alice removes her tablet, and everybody has heard of it.
  void remove_the_tablet() {
    const auto removed = stage.command(alice, [&](client::Core& core) {
      return core.command(stage.now,
                          [](client::Work& work) { return client::remove_device(work, "tablet"); });
    });
    ASSERT_TRUE(removed);
    stage.settle();
    stage.chat(alice, bob, 1);
    ASSERT_TRUE(tablet.told(v1::Problem::DEVICE_REVOKED));
    for (Person* each : {&alice, &bob}) each->take_problems();
  }
  static identity::VerifiedManifest list_of(Person& holder, Person& of) {
    return client::load_manifest(holder.database(), of.address().account).value();
  }
  /// A list that follows the newest one and has a device of the thief, or the removed one, in it again.
  identity::SignedManifest with_a_ghost(const identity::DeviceIdentity& author,
                                        const identity::DeviceIdentity& ghost) {
    auto draft = identity::draft_successor(list_of(alice, alice), author.id, stage.now);
    EXPECT_TRUE(identity::add_device(draft, {ghost.id, ghost.key.public_key(), {}, 0}));
    return identity::sign_manifest(draft, *alice.self().account, author, stage.random());
  }
  /// The server shows Bob a list of Alice's account that it made up or was given; what Bob says to that.
  Texts show_to_bob(const identity::SignedManifest& list) {
    stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
      const auto account = alice.address().account;
      if (&to == &bob && frame.has_manifests() &&
          equal(wire::octets(frame.manifests().account()), account.view())) {
        frame.mutable_manifests()->clear_manifests();
        identity::to_wire(list, *frame.mutable_manifests()->add_manifests());
      }
      return {std::move(frame)};
    };
    bob.take_problems();
    v1::ServerFrame changed;
    client::mark_stale(bob.database(), alice.address().account);
    stage.pass(minutes(5));
    stage.op = {};
    const auto said = bob.take_problems();
    stage.pass(minutes(10));
    bob.take_problems();
    return said;
  }
  void expect_nothing_came_of_it(const identity::DeviceId& ghost) {
    EXPECT_EQ(list_of(bob, alice).find(ghost), nullptr);
    stage.write(bob, "alice", "for Alice alone");
    stage.pass(minutes(5));
    EXPECT_EQ(bob.state_of("alice", "for Alice alone"), v1::Message::DELIVERED);
    EXPECT_FALSE(has_peer(bob.database(), {alice.address().account, ghost}));
  }

  Stage stage;
  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
  Person& tablet = stage.link(alice, "tablet");
};

TEST_F(HostileRemoved, ThatKeptItsStoreFindsNoSessionOfItsContactsOpenAnyMore) {
  // The thief of the tablet has the relay deliver what honest programs would not send.
  Peer removed(stage, tablet, bob);
  auto session = removed.session();
  remove_the_tablet();
  EXPECT_FALSE(has_peer(bob.database(), tablet.address()));
  EXPECT_FALSE(has_peer(alice.database(), tablet.address()));
  v1::Inner inner = removed.signed_by(removed.next_content("after the removal"));
  inner.set_ratchet_auth(wire::field(removed.ratchet_auth(session)));
  stage.deliver(bob, removed.seal(session, inner));
  stage.pass(minutes(5));
  EXPECT_EQ(std::ranges::count(bob.texts("alice"), "after the removal"), 0);
  EXPECT_EQ(bob.take_problems(), Texts{}) << "silence: a relay may repeat what it likes";
  expect_nothing_came_of_it(tablet.address().device);
}

TEST_F(HostileRemoved, ThatStartsANewSessionIsNotHeard) {
  Peer removed(stage, tablet, bob);
  const auto bundle = removed.bundle();
  remove_the_tablet();
  v1::ClientFrame frame;
  stage.deliver(bob, removed.init({.inner =
                                       [&](v1::Inner& inner) {
                                         inner =
                                             removed.signed_by(removed.next_content("from a new session"));
                                       },
                                   .bundle = &bundle}));
  stage.pass(minutes(5));
  EXPECT_EQ(std::ranges::count(bob.texts("alice"), "from a new session"), 0);
  EXPECT_FALSE(bob.database().query("SELECT 1 FROM held_envelope").next());
  expect_nothing_came_of_it(tablet.address().device);
}

TEST_F(HostileRemoved, ThatAuthorsAListIsRefusedByServerAndContacts) {
  remove_the_tablet();
  const auto& own = tablet.self();
  const auto list = with_a_ghost(own.device, own.device);
  // The server would have to be in league: it has no connection of its own.
  v1::ClientFrame publish;
  identity::to_wire(list, *publish.mutable_publish_manifest()->mutable_manifest());
  EXPECT_EQ(stage.ask(alice, publish).error().code(), v1::Error::MANIFEST_REJECTED);
  const auto said = show_to_bob(list);
  EXPECT_TRUE(
      std::ranges::any_of(said, [](const auto& each) { return each.starts_with("MANIFEST_REFUSED"); }));
  expect_nothing_came_of_it(tablet.address().device);
}

TEST_F(HostileRemoved, ThatHasTheAccountKeyCannotSpeakForADeviceThatRemains) {
  remove_the_tablet();
  // The list names Alice's laptop as its author; the tablet has no key of the laptop's.
  const identity::DeviceIdentity impostor{alice.self().device.id,
                                          crypto::HybridPrivateKey::generate(stage.random())};
  const auto list = with_a_ghost(impostor, tablet.self().device);
  v1::ClientFrame publish;
  identity::to_wire(list, *publish.mutable_publish_manifest()->mutable_manifest());
  EXPECT_EQ(stage.ask(alice, publish).error().code(), v1::Error::MANIFEST_REJECTED);
  const auto said = show_to_bob(list);
  EXPECT_TRUE(
      std::ranges::any_of(said, [](const auto& each) { return each.starts_with("MANIFEST_REFUSED"); }));
  expect_nothing_came_of_it(tablet.address().device);
}

TEST_F(HostileRemoved, ThatReadsTheListsSeesNoNameGivenLater) {
  remove_the_tablet();
  const auto renamed = stage.command(alice, [&](client::Core& core) {
    return core.command(stage.now,
                        [](client::Work& work) { return client::rename_device(work, {}, "in the safe"); });
  });
  ASSERT_TRUE(renamed);
  stage.settle();
  for (const auto& device : list_of(alice, alice).manifest().devices) {
    EXPECT_EQ(client::open_device_name(device.sealed_name, *tablet.self().sync_key), std::nullopt);
    EXPECT_EQ(client::open_device_name(device.sealed_name, *alice.self().sync_key), "in the safe");
  }
}

TEST_F(HostileRemoved, ThatStillBelongsAndTellsAKeyOfNoListChangesNothing) {
  // A stolen tablet, before anybody noticed.
  Peer stolen(stage, tablet, alice);
  auto facts = stolen.next_content("");
  v1::Content content;
  content.mutable_sync()->mutable_new_sync_key()->set_key(std::string(32, 'k'));
  content.mutable_sync()->mutable_new_sync_key()->set_manifest_version(1'000'000);
  facts.content = wire::encode(content);
  facts.conversation = session::direct_conversation(alice.address().account, alice.address().account);
  stage.deliver(alice, stolen.message(stolen.signed_by(facts)));
  stage.settle();
  const auto names = [&](Person& person) {
    Texts out;
    for (const auto& device : client::device_records(person.database(), person.self()))
      out.push_back(device.name());
    return out;
  };
  EXPECT_EQ(names(alice), (Texts{"laptop", "tablet"}));
  remove_the_tablet();
  EXPECT_EQ(names(alice), Texts{"laptop"});
  EXPECT_EQ(client::open_device_name(list_of(alice, alice).manifest().devices.front().sealed_name,
                                     *alice.self().sync_key),
            "laptop");
}

TEST_F(HostileRemoved, GhostOfAThiefOfTheAccountKeyNeverGetsAMessage) {
  const auto ghost = identity::DeviceIdentity::generate(stage.random());
  const auto list = with_a_ghost(ghost, ghost);
  v1::ClientFrame publish;
  identity::to_wire(list, *publish.mutable_publish_manifest()->mutable_manifest());
  EXPECT_EQ(stage.ask(alice, publish).error().code(), v1::Error::MANIFEST_REJECTED);
  EXPECT_EQ(stage.ask(bob, publish).error().code(), v1::Error::MANIFEST_REJECTED);
  const auto said = show_to_bob(list);
  EXPECT_TRUE(
      std::ranges::any_of(said, [](const auto& each) { return each.starts_with("MANIFEST_REFUSED"); }));
  expect_nothing_came_of_it(ghost.id);
}

TEST_F(HostileRemoved, GhostThatTheServerCallsMissingNeverGetsAMessage) {
  const auto ghost = identity::DeviceIdentity::generate(stage.random());
  int lies = 3;
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to == &bob && frame.has_submitted() && lies-- > 0) {
      auto* result = frame.mutable_submitted()->mutable_results(0);
      result->set_status(v1::TargetResult::STALE_MANIFEST);
      result->set_current_version(list_of(alice, alice).version());
      result->add_missing_devices(wire::field(ghost.id.view()));
    }
    return {std::move(frame)};
  };
  bool addressed = false;
  stage.op.to_server = [&](Person&, v1::ClientFrame frame) -> ClientFrames {
    for (const auto& target : frame.submit().targets()) {
      for (const auto& device : target.devices()) {
        addressed |= equal(wire::octets(device.device()), ghost.id.view());
      }
    }
    return {std::move(frame)};
  };
  stage.write(bob, "alice", "not for ghosts");
  stage.pass_in_steps(hours(1), minutes(1));
  EXPECT_FALSE(addressed);
  EXPECT_EQ(alice.texts("bob").back(), "not for ghosts");
  stage.op = {};
  expect_nothing_came_of_it(ghost.id);
}

}  // namespace
}  // namespace sotto::hostile
