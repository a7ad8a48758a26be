// The operator against his own transparency log: entries that others did not make, entries that are not
// there, two logs, old ones, foreign ones (docs/specs/hostile-actors.md).
#include <gtest/gtest.h>

#include <algorithm>

#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/conversations/records.h"
#include "client/transparency/log_records.h"
#include "identity/author.h"
#include "identity/wire_form.h"
#include "peer.h"
#include "shadow_log.h"
#include "stage.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using Texts = std::vector<std::string>;
using transparency::Label;

const std::string kProof = "LOG_PROOF_REFUSED ";

class HostileLog : public ::testing::Test {
 protected:
  static identity::VerifiedManifest own_manifest(Person& person) {
    return client::load_manifest(person.database(), person.address().account).value();
  }
  /// With every key of Bob's in hand: a further device in his list.
  identity::SignedManifest with_ghost() {
    auto draft = identity::draft_successor(own_manifest(bob), bob.self().device.id, stage.now);
    EXPECT_TRUE(identity::add_device(draft, {ghost.id, ghost.key.public_key(), {}, 0}));
    return identity::sign_manifest(draft, *bob.self().account, bob.self().device, stage.random());
  }
  /// Everything of one kind that the server says to somebody passes here.
  void lie(Person& to, v1::ServerFrame::BodyCase kind, std::function<void(v1::ServerFrame&)> falsify) {
    stage.op.to_device = [&to, kind, falsify = std::move(falsify)](Person& person,
                                                                   v1::ServerFrame frame) -> ServerFrames {
      if (&person == &to && frame.body_case() == kind) falsify(frame);
      return {std::move(frame)};
    };
  }
  void stop_lying() { stage.op = {}; }
  v1::LookupAnswer look_up(Person& as, const std::string& handle, std::uint64_t known_size = 0) {
    v1::ClientFrame frame;
    frame.mutable_look_up()->set_handle(handle);
    frame.mutable_look_up()->set_known_size(known_size);
    return stage.ask(as, frame).lookup_answer();
  }
  /// The next message asks the log again.
  void let_proofs_age() { stage.pass({hours(1).value + 1}); }
  static v1::Contact contact(Person& person, std::string_view handle) {
    const auto found = client::find_named(person.database(), handle);
    return found ? client::contact_record(person.database(), *found) : v1::Contact();
  }
  static bool has_evidence(Person& person) {
    const auto octets = client::fork_evidence(person.database());
    v1::ForkEvidence evidence;
    return octets && wire::decode(*octets, octets->size(), evidence) &&
           transparency::verify(transparency::from_wire(evidence).value()).has_value();
  }
  void expect_held_back(const std::string& text) {
    stage.write(alice, "bob", text);
    stage.settle();
    EXPECT_EQ(alice.state_of("bob", text), v1::Message::QUEUED);
    EXPECT_EQ(std::ranges::count(bob.texts("alice"), text), 0);
  }
  void expect_recovery() {
    stop_lying();
    stage.pass_in_steps(hours(2), minutes(10));
    EXPECT_EQ(std::ranges::count(alice.texts("bob"), "waits"), 1);
    EXPECT_EQ(alice.state_of("bob", "waits"), v1::Message::DELIVERED);
    alice.take_problems();
    bob.take_problems();
    stage.chat(alice, bob);
    EXPECT_EQ(alice.take_problems(), Texts{});
    EXPECT_EQ(bob.take_problems(), Texts{});
  }

  Stage stage;
  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
  identity::DeviceIdentity ghost = identity::DeviceIdentity::generate(stage.random());
};

// Entries.

TEST_F(HostileLog, ThatShowsAGhostDeviceWhichIsNotInTheLogGetsNothingForIt) {
  stage.chat(alice, bob);
  const auto forged = with_ghost();
  lie(alice, v1::ServerFrame::kManifests, [&](v1::ServerFrame& frame) {
    frame.mutable_manifests()->clear_manifests();
    identity::to_wire(forged, *frame.mutable_manifests()->add_manifests());
  });
  v1::ServerFrame push;
  push.mutable_manifest_changed()->set_account(wire::field(bob.address().account.view()));
  push.mutable_manifest_changed()->set_version(2);
  stage.inject(alice, push);
  stage.settle();
  expect_held_back("waits");
  EXPECT_TRUE(alice.told(v1::Problem::LOG_PROOF_REFUSED,
                         "the server's log does not have the device list that the server shows"));
  // No session with the ghost was even begun.
  EXPECT_FALSE(alice.database()
                   .query("SELECT 1 FROM peer_record WHERE account = ?1 AND device = ?2",
                          bob.address().account, ghost.id)
                   .next());
  expect_recovery();
}

TEST_F(HostileLog, ThatPutsAGhostDeviceIntoItsLogIsFoundOutByTheOwner) {
  stage.chat(alice, bob);
  v1::ClientFrame publish;
  identity::to_wire(with_ghost(), *publish.mutable_publish_manifest()->mutable_manifest());
  // Bob does not get to see it.
  stage.op.to_device = [this](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to != &bob) return {std::move(frame)};
    if (frame.has_manifest_changed()) return {};
    if (frame.has_manifests()) frame.mutable_manifests()->clear_manifests();
    return {std::move(frame)};
  };
  EXPECT_EQ(stage.ask(bob, publish).manifest_published().version(), 2U);
  stage.pass(transparency::kSelfAuditInterval);
  stage.pass_in_steps(minutes(2), seconds(20));
  EXPECT_TRUE(bob.told(v1::Problem::OWN_ENTRY_WRONG));
}

TEST_F(HostileLog, ThatShowsTheOwnerTheGhostInHisListTellsHimOfANewDevice) {
  stage.chat(alice, bob);
  v1::ClientFrame publish;
  identity::to_wire(with_ghost(), *publish.mutable_publish_manifest()->mutable_manifest());
  stage.ask(bob, publish);
  stage.settle();
  stage.pass(transparency::kSelfAuditInterval);
  EXPECT_TRUE(std::ranges::any_of(bob.events, [&](const v1::Event& event) {
    return event.has_own_devices() && event.own_devices().added_size() == 1 &&
           event.own_devices().added(0) == to_hex(ghost.id.view());
  }));
}

TEST_F(HostileLog, ThatPutsAnotherIdentityKeyIntoItsLogIsFoundOutByTheOwner) {
  ShadowLog shadow(stage);
  for (const char* name : {"dave", "erin"}) shadow.show_to(name);
  Person& dave = stage.join("dave");
  Person& erin = stage.join("erin");
  stage.chat(dave, erin);
  const identity::AccountIdentity pretender{erin.address().account,
                                            crypto::HybridPrivateKey::generate(stage.random())};
  auto draft = identity::draft_first(pretender, {ghost.id, ghost.key.public_key(), {}, 0}, stage.now);
  draft.version = 2;
  draft.previous = own_manifest(erin).hash();
  const auto forged = identity::sign_manifest(draft, pretender, ghost, stage.random());
  const transparency::AccountBinding binding{pretender.key.public_key().fingerprint(),
                                             crypto::sha384(forged.m)};
  shadow.set(Label::account(erin.address().account), binding.encoded());
  stage.op.to_device = [&, shown = stage.op.to_device](Person& to, v1::ServerFrame frame) {
    if (frame.has_manifests()) {
      frame.mutable_manifests()->clear_manifests();
      identity::to_wire(forged, *frame.mutable_manifests()->add_manifests());
    }
    return shown(to, std::move(frame));
  };
  stage.pass(transparency::kSelfAuditInterval);
  EXPECT_TRUE(
      erin.told(v1::Problem::OWN_ENTRY_WRONG,
                "the server's log has a list of your devices that none of them published (the account "
                "identity key changed): others may be writing to devices that are not yours. Compare "
                "fingerprints with them over another channel"));
  stage.write(dave, "erin", "for erin alone");
  stage.settle();
  EXPECT_TRUE(dave.told(v1::Problem::ACCOUNT_KEY_CHANGED));
  EXPECT_EQ(dave.state_of("erin", "for erin alone"), v1::Message::QUEUED);
}

TEST_F(HostileLog, ThatGivesANameToAnotherAccountIsRefused) {
  Person& mallory = stage.join("mallory");
  lie(alice, v1::ServerFrame::kLookupAnswer, [&](v1::ServerFrame& frame) {
    frame.mutable_lookup_answer()->mutable_labels(0)->set_value(
        wire::field(mallory.address().account.view()));
  });
  expect_held_back("waits");
  EXPECT_TRUE(alice.told(v1::Problem::LOG_PROOF_REFUSED));
  EXPECT_EQ(mallory.texts("alice"), Texts{});
  expect_recovery();
}

TEST_F(HostileLog, ThatAnswersWithTheProofOfAnotherNameIsRefused) {
  Person& mallory = stage.join("mallory");
  const auto about_mallory = look_up(mallory, "mallory");
  lie(alice, v1::ServerFrame::kLookupAnswer,
      [&](v1::ServerFrame& frame) { *frame.mutable_lookup_answer() = about_mallory; });
  expect_held_back("waits");
  EXPECT_TRUE(alice.told(v1::Problem::LOG_PROOF_REFUSED));
  EXPECT_EQ(mallory.texts("alice"), Texts{});
  expect_recovery();
}

TEST_F(HostileLog, ThatDeniesAnEntryIsRefused) {
  lie(alice, v1::ServerFrame::kLookupAnswer, [&](v1::ServerFrame& frame) {
    auto& answer = *frame.mutable_lookup_answer();
    while (answer.labels_size() > 1) answer.mutable_labels()->RemoveLast();
    answer.mutable_labels(0)->mutable_map()->set_version(0);
    answer.mutable_labels(0)->clear_nonce();
    answer.mutable_labels(0)->clear_value();
  });
  expect_held_back("waits");
  EXPECT_TRUE(alice.told(v1::Problem::LOG_PROOF_REFUSED));
  EXPECT_FALSE(alice.told(v1::Problem::NO_SUCH_USER));
  expect_recovery();
}

TEST_F(HostileLog, ThatCallsAnAccountRetiredIsBelievedOnlyIfTheLogSaysSo) {
  stage.chat(alice, bob);
  stage.op.to_server = [this](Person& from, v1::ClientFrame frame) -> ClientFrames {
    if (&from != &alice || !frame.has_submit()) return {std::move(frame)};
    v1::ServerFrame answer;
    answer.set_request_id(frame.request_id());
    answer.mutable_submitted()->add_results()->set_status(v1::TargetResult::RETIRED);
    stage.inject_later(alice, answer);
    return {};
  };
  expect_held_back("waits");
  EXPECT_FALSE(alice.told(v1::Problem::ACCOUNT_GONE));
  expect_recovery();
}

// Names.

TEST_F(HostileLog, ThatPointsAGivenUpNameElsewhereSendsNobodyThere) {
  stage.chat(alice, bob);
  Person& carol = stage.join("carol");
  v1::ClientFrame remove;
  remove.mutable_manage_handle()->set_add("robert");
  stage.ask(bob, remove);
  remove.mutable_manage_handle()->set_remove("bob");
  stage.ask(bob, remove);
  v1::ClientFrame take;
  take.mutable_manage_handle()->set_add("bob");
  EXPECT_EQ(stage.ask(carol, take).error().code(), v1::Error::HANDLE_HELD);
  stage.pass(days(31));
  stage.pass_in_steps(minutes(30), minutes(5));
  EXPECT_TRUE(stage.ask(carol, take).has_handle_managed());
  stage.write(alice, "bob", "for bob");
  stage.settle();
  EXPECT_TRUE(alice.told(v1::Problem::HANDLE_GIVEN_UP));
  EXPECT_EQ(carol.texts("alice"), Texts{});
  EXPECT_EQ(contact(alice, "bob").retired_handle(), "bob");
  // The one she knew is still there, under his new name.
  stage.write(alice, "robert", "found you");
  stage.settle();
  EXPECT_EQ(bob.texts("alice").back(), "found you");
}

TEST_F(HostileLog, ThatStealsANameInItsLogIsFoundOutByBothSides) {
  ShadowLog shadow(stage);
  for (const char* name : {"dave", "erin", "frank"}) shadow.show_to(name);
  Person& dave = stage.join("dave");
  Person& erin = stage.join("erin");
  Person& frank = stage.join("frank");
  stage.chat(dave, erin);
  shadow.set(Label::handle("erin"), to_bytes(frank.address().account.view()));
  let_proofs_age();
  stage.write(dave, "erin", "for erin alone");
  stage.settle();
  EXPECT_TRUE(dave.told(v1::Problem::HANDLE_GIVEN_UP));
  EXPECT_EQ(frank.texts("dave"), Texts{});
  stage.pass(transparency::kSelfAuditInterval);
  EXPECT_TRUE(erin.told(v1::Problem::OWN_ENTRY_WRONG));
}

// The log itself.

TEST_F(HostileLog, ThatKeepsTwoLogsIsConvictedWhenTwoPeopleTalk) {
  ShadowLog shadow(stage);
  shadow.grow();
  shadow.grow();  // as long as the true one, which has Alice and Bob
  shadow.show_to("dave");
  Person& dave = stage.join("dave");
  Person& erin = stage.join("erin");
  stage.write(dave, "erin", "from the one");
  stage.settle();
  EXPECT_TRUE(erin.told(v1::Problem::LOG_DISPUTED));
  // The heads that they show each other prove to both who lies.
  EXPECT_TRUE(dave.told(v1::Problem::LOG_FORKED));
  EXPECT_TRUE(erin.told(v1::Problem::LOG_FORKED));
  EXPECT_TRUE(has_evidence(dave));
  EXPECT_TRUE(has_evidence(erin));
  for (Person* person : {&dave, &erin}) {
    stage.write(*person, "alice", "nothing leaves any more");
    stage.pass(hours(1));
    EXPECT_EQ(person->state_of("alice", "nothing leaves any more"), v1::Message::QUEUED);
  }
  // Who saw one log only knows nothing of it.
  stage.chat(alice, bob);
  EXPECT_EQ(alice.take_problems(), Texts{});
}

TEST_F(HostileLog, ThatRewritesAnEntryIsConvictedByWhomItShowedTheFirst) {
  ShadowLog shadow(stage);
  shadow.show_to("dave");
  shadow.show_to("erin");
  Person& dave = stage.join("dave");
  Person& erin = stage.join("erin");
  stage.chat(dave, erin);
  auto binding = transparency::AccountBinding::of(own_manifest(erin));
  binding.manifest[0] ^= 1;
  shadow.rewrite(Label::account(erin.address().account), binding.encoded(), 1);
  let_proofs_age();
  stage.write(dave, "erin", "to a device of the operator");
  stage.settle();
  EXPECT_TRUE(dave.told(v1::Problem::LOG_FORKED));
  EXPECT_TRUE(has_evidence(dave));
  EXPECT_EQ(dave.state_of("erin", "to a device of the operator"), v1::Message::QUEUED);
  dave.restart();
  stage.disconnect(dave);
  stage.connect(dave);
  stage.write(dave, "erin", "nor after a restart");
  stage.pass(hours(2));
  EXPECT_EQ(dave.state_of("erin", "nor after a restart"), v1::Message::QUEUED);
  EXPECT_TRUE(has_evidence(dave));
}

TEST_F(HostileLog, ThatShowsAnotherVrfKeyIsAnotherServer) {
  const auto other = crypto::VrfPrivateKey::generate(stage.random()).public_key().encoded();
  lie(alice, v1::ServerFrame::kWelcome,
      [&](v1::ServerFrame& frame) { frame.mutable_welcome()->set_log_vrf_key(wire::field(other)); });
  stage.disconnect(alice);
  stage.connect(alice);
  stage.settle();
  EXPECT_TRUE(alice.told(v1::Problem::SERVER_IDENTITY_CHANGED));
  EXPECT_TRUE(alice.refused);
}

TEST_F(HostileLog, ThatComputesAnotherVrfOutputIsRefused) {
  // A second output for a name would be a second entry for it, one for each audience.
  const auto other = crypto::VrfPrivateKey::generate(stage.random());
  const auto proof = other.prove(Label::handle("bob").alpha());
  lie(alice, v1::ServerFrame::kLookupAnswer, [&](v1::ServerFrame& frame) {
    frame.mutable_lookup_answer()->mutable_labels(0)->set_vrf_proof(wire::field(proof));
  });
  expect_held_back("waits");
  EXPECT_TRUE(alice.told(v1::Problem::LOG_PROOF_REFUSED));
  expect_recovery();
}

TEST_F(HostileLog, ThatGoesBackToAnOlderHeadIsNotBelieved) {
  stage.chat(alice, bob);
  const auto old = look_up(alice, "bob");
  stage.link(bob, "tablet");
  stage.chat(alice, bob);
  let_proofs_age();
  stage.write(alice, "bob", "under the newest head");
  stage.settle();
  lie(alice, v1::ServerFrame::kLookupAnswer,
      [&](v1::ServerFrame& frame) { *frame.mutable_lookup_answer() = old; });
  let_proofs_age();
  stage.write(alice, "bob", "waits");
  stage.settle();
  EXPECT_TRUE(alice.told(v1::Problem::LOG_STALE));
  expect_recovery();
}

TEST_F(HostileLog, ThatWithholdsItsEpochsForADayStopsMessages) {
  stage.chat(alice, bob);
  const auto frozen = look_up(alice, "bob");
  lie(alice, v1::ServerFrame::kLookupAnswer,
      [&](v1::ServerFrame& frame) { *frame.mutable_lookup_answer() = frozen; });
  stage.pass_in_steps(hours(23), hours(1));
  stage.write(alice, "bob", "within a day");
  stage.settle();
  EXPECT_EQ(bob.texts("alice").back(), "within a day");
  stage.pass_in_steps(hours(3), hours(1));
  expect_held_back("waits");
  EXPECT_TRUE(alice.told(v1::Problem::LOG_STALE));
  expect_recovery();
}

// Contacts.

TEST_F(HostileLog, WhoseContactInventsAHeadLosesThatContactOnly) {
  Person& carol = stage.join("carol");
  stage.chat(alice, bob);
  stage.chat(alice, carol);
  let_proofs_age();
  stage.chat(alice, bob);
  const auto view = client::load_log_view(alice.database());
  Peer peer(stage, bob, alice);
  auto inner = peer.text("I saw another log");
  auto* claim = inner.mutable_gossip()->mutable_transparency_head();
  claim->set_log_id8(wire::field(ByteView(view->id()).first(8)));
  claim->set_size(view->known_size());
  claim->set_root32(std::string(32, 'x'));
  const auto manifest = own_manifest(bob).ref();
  inner.mutable_gossip()->mutable_own_manifest()->set_version(manifest.version);
  inner.mutable_gossip()->mutable_own_manifest()->set_hash16(wire::field(manifest.hash));
  stage.deliver(alice, peer.message(inner));
  EXPECT_TRUE(alice.told(v1::Problem::LOG_DISPUTED));
  EXPECT_FALSE(alice.told(v1::Problem::LOG_FORKED));
  EXPECT_EQ(alice.texts("bob").back(), "I saw another log");
  EXPECT_EQ(contact(alice, "bob").log_proof(), v1::Contact::DISPUTED);
  expect_held_back("not to bob");
  stage.write(alice, "carol", "to carol");
  stage.settle();
  EXPECT_EQ(carol.texts("alice").back(), "to carol");
}

}  // namespace
}  // namespace sotto::hostile
