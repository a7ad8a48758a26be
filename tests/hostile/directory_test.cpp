// The directory as the adversary: stale, foreign and forged manifests and bundles, prekeys handed out twice,
// answers about somebody else (docs/specs/hostile-actors.md).
#include <gtest/gtest.h>

#include <algorithm>

#include "client/contacts/contact_records.h"
#include "client/contacts/manifests.h"
#include "client/prekeys/upkeep.h"
#include "client/verification/state.h"
#include "identity/author.h"
#include "identity/wire_form.h"
#include "session/limits.h"
#include "session/prekey_batch.h"
#include "stage.h"
#include "theft.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using Texts = std::vector<std::string>;
using Falsify = std::function<void(v1::ServerFrame&)>;

class HostileDirectory : public ::testing::Test {
 protected:
  /// Lies in every answer of one kind to Alice.
  void lie(v1::ServerFrame::BodyCase kind, Falsify falsify) {
    stage.op.to_device = [this, kind, falsify](Person& to, v1::ServerFrame frame) -> ServerFrames {
      if (&to == &alice && frame.body_case() == kind) falsify(frame);
      return {std::move(frame)};
    };
  }
  void lie_in_manifests(const std::function<void(v1::Manifests&)>& falsify) {
    lie(v1::ServerFrame::kManifests,
        [falsify](v1::ServerFrame& frame) { falsify(*frame.mutable_manifests()); });
  }
  void lie_in_bundles(const std::function<void(v1::Bundle&)>& falsify) {
    lie(v1::ServerFrame::kBundles, [falsify](v1::ServerFrame& frame) {
      if (frame.bundles().bundles_size() > 0) falsify(*frame.mutable_bundles()->mutable_bundles(0));
    });
  }
  void stop_lying() { stage.op = {}; }

  /// What an honest server would answer now.
  v1::SignedManifest newest_of(Person& person) {
    v1::ClientFrame frame;
    frame.mutable_fetch_manifests()->set_account(wire::field(person.address().account.view()));
    const auto answer = stage.ask(person, frame);
    return answer.manifests().manifests(answer.manifests().manifests_size() - 1);
  }
  v1::Bundle bundle_of(Person& person, Person& asking) {
    v1::ClientFrame frame;
    frame.mutable_fetch_bundles()->set_account(wire::field(person.address().account.view()));
    frame.mutable_fetch_bundles()->add_devices(wire::field(person.address().device.view()));
    return stage.ask(asking, frame).bundles().bundles(0);
  }

  static identity::VerifiedManifest own_manifest(Person& person) {
    return client::load_manifest(person.database(), person.address().account).value();
  }
  /// Makes Alice ask for the account's manifests.
  void announce_change(Person& person, std::uint64_t version) {
    v1::ServerFrame push;
    push.mutable_manifest_changed()->set_account(wire::field(person.address().account.view()));
    push.mutable_manifest_changed()->set_version(version);
    stage.inject(alice, push);
    stage.settle();
  }
  /// As if a reset had ended them: the next message needs a bundle.
  static void forget_sessions(Person& person, Person& with) {
    person.database().run("DELETE FROM peer_record WHERE account = ?1", with.address().account);
    person.database().run("DELETE FROM peer_session WHERE account = ?1", with.address().account);
  }

  /// Alice writes to Bob, is lied to, says `problem` and holds the message back; when the lies end it
  /// arrives.
  void expect_refusal_then_delivery(const std::string& problem) {
    stage.write(alice, "bob", "waits");
    stage.settle();
    EXPECT_EQ(alice.take_problems(), Texts{problem});
    EXPECT_EQ(alice.state_of("bob", "waits"), v1::Message::QUEUED);
    EXPECT_EQ(bob.texts("alice"), Texts{});
    stop_lying();
    stage.pass_in_steps(minutes(6), minutes(2));
    EXPECT_EQ(alice.state_of("bob", "waits"), v1::Message::DELIVERED);
    EXPECT_EQ(bob.texts("alice"), Texts{"waits"});
    stage.chat(alice, bob);
    EXPECT_EQ(bob.take_problems(), Texts{});
    EXPECT_EQ(alice.take_problems(), Texts{});
  }

  /// From now on Alice is shown a list of Bob's account that somebody else signed, and asks for it; its key.
  crypto::Fingerprint show_pretender() {
    const identity::AccountIdentity pretender{bob.address().account,
                                              crypto::HybridPrivateKey::generate(stage.random())};
    const auto device = identity::DeviceIdentity::generate(stage.random());
    auto draft = identity::draft_first(pretender, {device.id, device.key.public_key(), {}, 0}, stage.now);
    draft.version = 2;
    draft.previous = own_manifest(bob).hash();
    v1::SignedManifest forged;
    identity::to_wire(identity::sign_manifest(draft, pretender, device, stage.random()), forged);
    lie_in_manifests([forged](v1::Manifests& answer) {
      answer.clear_manifests();
      *answer.add_manifests() = forged;
    });
    announce_change(bob, 2);
    return pretender.key.public_key().fingerprint();
  }
  client::ContactRecord known_bob() { return client::find_contact(alice.database(), "bob").value(); }
  crypto::Fingerprint true_key() { return bob.self().account->key.public_key().fingerprint(); }

  Stage stage;
  Person& alice = stage.join("alice");
  Person& bob = stage.join("bob");
};

const std::string kRefused = "MANIFEST_REFUSED ";
const std::string kPrekeys = "PREKEYS_REFUSED ";

std::string halves(const std::string& ecdsa_of, const std::string& ml_dsa_of) {
  return ecdsa_of.substr(0, crypto::kEcdsaSignatureSize) + ml_dsa_of.substr(crypto::kEcdsaSignatureSize);
}

// Manifests, at the first contact.

TEST_F(HostileDirectory, ThatShowsAnotherAccountsManifestIsRefused) {
  Person& carol = stage.join("carol");
  const auto foreign = newest_of(carol);
  lie_in_manifests([&](v1::Manifests& answer) { *answer.mutable_manifests(0) = foreign; });
  expect_refusal_then_delivery(kRefused +
                               "the server sent a device list that does not parse or is another account's");
}

TEST_F(HostileDirectory, ThatExchangesHalfOfASignatureIsRefused) {
  Person& carol = stage.join("carol");
  const auto foreign = newest_of(carol);
  const auto genuine = newest_of(bob);
  int half = 0;
  lie_in_manifests([&](v1::Manifests& answer) {
    auto& manifest = *answer.mutable_manifests(0);
    switch (half) {
      case 0:
        manifest.set_account_signature(halves(foreign.account_signature(), genuine.account_signature()));
        break;
      case 1:
        manifest.set_account_signature(halves(genuine.account_signature(), foreign.account_signature()));
        break;
      case 2:
        manifest.set_author_signature(halves(foreign.author_signature(), genuine.author_signature()));
        break;
      default:
        manifest.set_author_signature(halves(genuine.author_signature(), foreign.author_signature()));
        break;
    }
  });
  stage.write(alice, "bob", "waits");
  stage.settle();
  Texts told = alice.take_problems();
  while (++half < 4) {
    stage.pass(minutes(10));
    const Texts more = alice.take_problems();
    told.insert(told.end(), more.begin(), more.end());
  }
  const std::string account = kRefused + "the account's signature is invalid";
  const std::string author = kRefused + "the author's signature is invalid";
  EXPECT_EQ(told, (Texts{account, account, author, author}));
  EXPECT_EQ(bob.texts("alice"), Texts{});
  stop_lying();
  stage.pass(minutes(20));
  EXPECT_EQ(bob.texts("alice"), Texts{"waits"});
}

TEST_F(HostileDirectory, ThatLeavesADeviceOutIsRefused) {
  stage.link(bob, "tablet");
  // Bob's second version, with the tablet cut off the end and the count set back, under Bob's signatures.
  lie_in_manifests([&](v1::Manifests& answer) {
    auto parsed = identity::parse_manifest(wire::octets(answer.manifests(1).manifest())).value();
    parsed.devices.pop_back();
    answer.mutable_manifests(1)->set_manifest(wire::field(identity::encode(parsed)));
  });
  expect_refusal_then_delivery(kRefused + "the account's signature is invalid");
}

TEST_F(HostileDirectory, ThatAddsAGhostDeviceWithoutTheAccountKeyIsRefused) {
  const auto ghost = identity::DeviceIdentity::generate(stage.random());
  lie_in_manifests([&](v1::Manifests& answer) {
    auto parsed = identity::parse_manifest(wire::octets(answer.manifests(0).manifest())).value();
    ASSERT_TRUE(identity::add_device(parsed, {ghost.id, ghost.key.public_key(), {}, 0}));
    answer.mutable_manifests(0)->set_manifest(wire::field(identity::encode(parsed)));
  });
  expect_refusal_then_delivery(kRefused + "the account's signature is invalid");
}

TEST_F(HostileDirectory, ThatShowsNothingOrPromisesMoreWithoutEndIsRefused) {
  lie_in_manifests([&](v1::Manifests& answer) { answer.clear_manifests(); });
  expect_refusal_then_delivery(kRefused +
                               "the server's device list does not lead to the one that is known here");
  lie_in_manifests([&](v1::Manifests& answer) { answer.set_more(true); });
  stage.write(alice, "bob", "later");
  announce_change(bob, 2);  // settles
  EXPECT_EQ(alice.take_problems(), Texts{kRefused + "the server speaks of more device lists and sends none"});
}

// Manifests, once an account is known.

TEST_F(HostileDirectory, ThatShowsAnotherAccountKeyLaterStopsSending) {
  stage.chat(alice, bob);
  const auto pretender = show_pretender();
  const auto problems = alice.take_problems();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_TRUE(problems[0].starts_with("ACCOUNT_KEY_CHANGED the account's identity key is another one"))
      << problems[0];
  stage.write(alice, "bob", "held back");
  stage.settle();
  stop_lying();
  stage.pass_in_steps(hours(2), minutes(20));
  // Until a person decides, nothing leaves, although the lie has ended: she is told that it has.
  EXPECT_EQ(alice.state_of("bob", "held back"), v1::Message::QUEUED);
  EXPECT_EQ(known_bob().known_key, client::KnownKey::again);
  EXPECT_EQ(known_bob().changed, pretender);
  const auto keep = [&](client::Core& core) {
    return core.command(stage.now, [](client::Work& work) { return client::keep_key(work, "bob"); });
  };
  EXPECT_TRUE(stage.command(alice, keep));
  alice.take_problems();
  stage.pass_in_steps(minutes(20), minutes(5));
  EXPECT_EQ(bob.texts("alice").back(), "held back");
  EXPECT_EQ(known_bob().pinned, true_key());
  EXPECT_FALSE(known_bob().changed);
  EXPECT_EQ(alice.take_problems(), Texts{});
  stage.chat(alice, bob);
}

TEST_F(HostileDirectory, WhoseOtherAccountKeyWasAcceptedShowsTheTrueOneAsAnotherChange) {
  stage.chat(alice, bob);
  show_pretender();
  stage.write(alice, "bob", "held back");
  stage.settle();
  stop_lying();
  const auto accept = [&](client::Core& core) { return core.accept_changed_contact("bob", stage.now); };
  EXPECT_TRUE(stage.command(alice, accept));
  alice.take_problems();
  stage.pass_in_steps(hours(2), minutes(20));
  EXPECT_EQ(alice.state_of("bob", "held back"), v1::Message::QUEUED);
  EXPECT_TRUE(alice.take_problems().at(0).starts_with("ACCOUNT_KEY_CHANGED"));
  EXPECT_TRUE(stage.command(alice, accept));
  stage.pass_in_steps(hours(2), minutes(20));
  EXPECT_EQ(bob.texts("alice").back(), "held back");
  EXPECT_EQ(known_bob().pinned, true_key());
  stage.chat(alice, bob);
}

TEST_F(HostileDirectory, ThatRollsAManifestBackIsIgnored) {
  const auto first = newest_of(bob);
  Person& tablet = stage.link(bob, "tablet");
  stage.chat(alice, bob);
  lie_in_manifests([&](v1::Manifests& answer) {
    answer.clear_manifests();
    *answer.add_manifests() = first;
  });
  announce_change(bob, 3);
  stop_lying();
  stage.write(alice, "bob", "to both");
  stage.settle();
  EXPECT_EQ(tablet.texts("alice").back(), "to both");
  EXPECT_EQ(client::load_manifest(alice.database(), bob.address().account)->version(), 2U);
}

TEST_F(HostileDirectory, ThatShowsAnotherManifestOfAKnownVersionIsRefused) {
  stage.chat(alice, bob);
  // With Bob's keys in hand: a second version 1.
  auto draft = own_manifest(bob).manifest();
  draft.expires.value -= 1;
  const auto forged = identity::sign_manifest(draft, *bob.self().account, bob.self().device, stage.random());
  lie_in_manifests([&](v1::Manifests& answer) {
    answer.clear_manifests();
    identity::to_wire(forged, *answer.add_manifests());
  });
  announce_change(bob, 2);
  EXPECT_EQ(alice.take_problems(),
            Texts{kRefused + "the server shows two different device lists of one version"});
  stop_lying();
  stage.pass_in_steps(minutes(6), minutes(2));
  stage.chat(alice, bob);
}

TEST_F(HostileDirectory, ThatShowsDifferentManifestsToDifferentPeopleIsFoundOutWhenTheyTalk) {
  stage.chat(alice, bob);
  // Bob's keys are stolen and the operator takes part: Alice is shown a second version that Bob never made.
  auto draft = identity::draft_successor(own_manifest(bob), bob.self().device.id, stage.now);
  const auto ghost = identity::DeviceIdentity::generate(stage.random());
  ASSERT_TRUE(identity::add_device(draft, {ghost.id, ghost.key.public_key(), {}, 0}));
  const auto forged = identity::sign_manifest(draft, *bob.self().account, bob.self().device, stage.random());
  lie_in_manifests([&](v1::Manifests& answer) {
    answer.clear_manifests();
    identity::to_wire(forged, *answer.add_manifests());
  });
  announce_change(bob, 2);
  EXPECT_EQ(alice.take_problems(), Texts{});
  stage.link(bob, "tablet");  // the true second version
  stage.write(bob, "alice", "hello");
  stage.settle();
  EXPECT_EQ(alice.texts("bob").back(), "hello");
  EXPECT_EQ(
      alice.take_problems(),
      (Texts{kRefused + "somebody was shown another device list of the same version: the server may be lying",
             "LOG_PROOF_REFUSED the device list that the server shows is not the one in its log"}));
}

TEST_F(HostileDirectory, ThatHoldsANewerManifestBackIsFoundOutWhenItsAccountWrites) {
  stage.chat(alice, bob);
  lie_in_manifests([](v1::Manifests& answer) { answer.clear_manifests(); });
  Person& tablet = stage.link(bob, "tablet");
  // The relay plays along: it takes what was encrypted to the older list.
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
    if (&from == &alice && frame.has_submit()) {
      frame.mutable_submit()->mutable_targets(0)->set_manifest_version(2);
    }
    return {std::move(frame)};
  };
  stage.write(alice, "bob", "the tablet does not get this");
  stage.settle();
  EXPECT_EQ(tablet.texts("alice"), Texts{});
  EXPECT_EQ(alice.take_problems(),
            Texts{kRefused + "a device of the account knows a newer device list than the server shows"});
  stop_lying();
  stage.pass_in_steps(minutes(6), minutes(2));
  stage.write(bob, "alice", "again");
  stage.settle();
  stage.write(alice, "bob", "to both");
  stage.settle();
  stage.pass(seconds(10));
  EXPECT_EQ(tablet.texts("alice").back(), "to both");
  EXPECT_EQ(bob.texts("alice").back(), "to both");
}

TEST_F(HostileDirectory, ThatHoldsRenewalsBackUntilAManifestExpiredIsReportedAndNothingIsSentOnIt) {
  stage.chat(alice, bob);
  lie_in_manifests([](v1::Manifests& answer) { answer.clear_manifests(); });
  stage.disconnect(bob);  // what he says in the meantime would tell Alice
  stage.pass_in_steps(days(43), days(1));
  stage.write(alice, "bob", "waits");
  stage.settle();
  EXPECT_EQ(alice.state_of("bob", "waits"), v1::Message::QUEUED);
  const auto problems = alice.take_problems();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_TRUE(problems[0].starts_with(kRefused + "the device list has expired")) << problems[0];
  stage.connect(bob);
  stage.settle();
  EXPECT_EQ(own_manifest(bob).version(), 2U);
  stop_lying();
  stage.pass_in_steps(hours(3), minutes(20));
  EXPECT_EQ(bob.texts("alice").back(), "waits");
  stage.chat(alice, bob);
}

TEST_F(HostileDirectory, ThatAddsADeviceToOnesOwnAccountIsRefused) {
  stage.chat(alice, bob);
  const auto ghost = identity::DeviceIdentity::generate(stage.random());
  auto draft = identity::draft_successor(own_manifest(alice), alice.self().device.id, stage.now);
  ASSERT_TRUE(identity::add_device(draft, {ghost.id, ghost.key.public_key(), {}, 0}));
  draft.author = ghost.id;
  const identity::AccountIdentity pretender{alice.address().account,
                                            crypto::HybridPrivateKey::generate(stage.random())};
  draft.account_key = pretender.key.public_key();
  const auto other_key = identity::sign_manifest(draft, pretender, ghost, stage.random());
  draft.account_key = alice.self().account->key.public_key();
  // As a removed device could: it holds the account key, and has no right to author.
  const auto other_author = identity::sign_manifest(draft, *alice.self().account, ghost, stage.random());
  Texts told;
  for (const auto& forged : {other_key, other_author}) {
    lie_in_manifests([&](v1::Manifests& answer) {
      answer.clear_manifests();
      identity::to_wire(forged, *answer.add_manifests());
    });
    announce_change(alice, 2);
    stage.pass(minutes(5));
    for (auto& each : alice.take_problems()) told.push_back(std::move(each));
  }
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told.front(), kRefused + "the account identity key changed");
  EXPECT_EQ(told.back(), kRefused + "the author has no right to author this");
  EXPECT_EQ(own_manifest(alice).version(), 1U);
  stop_lying();
  stage.pass_in_steps(minutes(20), minutes(5));
  stage.chat(alice, bob);
}

TEST_F(HostileDirectory, ThatHoldsTheGrantingManifestBackFromANewDeviceIsRefusedBeforeAnythingIsUsed) {
  Person& tablet = stage.add("tablet");
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to == &tablet && frame.has_manifests()) {
      while (frame.manifests().manifests_size() > 1)
        frame.mutable_manifests()->mutable_manifests()->RemoveLast();
    }
    return {std::move(frame)};
  };
  stage.link_into(tablet, alice);
  EXPECT_FALSE(tablet.self().manifest_confirmed);
  EXPECT_EQ(tablet.take_problems(),
            Texts{kRefused + "the server's device list does not lead to the one that is known here"});
  stop_lying();
  stage.pass_in_steps(minutes(6), minutes(2));
  EXPECT_TRUE(tablet.self().manifest_confirmed);
  stage.write(tablet, "bob", "from the tablet");
  stage.settle();
  EXPECT_EQ(bob.texts("alice"), Texts{"from the tablet"});
}

TEST_F(HostileDirectory, ThatAnnouncesChangesWithoutEndIsAskedAtABoundedRate) {
  stage.chat(alice, bob);
  std::size_t asked = 0;
  stage.op.to_server = [&](Person& from, v1::ClientFrame frame) -> ClientFrames {
    asked += &from == &alice ? 1U : 0U;
    return {std::move(frame)};
  };
  for (int i = 0; i < 50; ++i) announce_change(bob, static_cast<std::uint64_t>(100 + i));
  EXPECT_LE(asked, 50U);  // one question for each, never more
  v1::ServerFrame push;
  push.mutable_prekeys_low()->set_remaining(0);
  asked = 0;
  for (int i = 0; i < 50; ++i) {
    stage.inject(alice, push);
    stage.settle();
  }
  EXPECT_LE(asked, 1U);  // a batch of prekeys at most every ten minutes
  stage.chat(alice, bob);
}

// Bundles.

TEST_F(HostileDirectory, ThatServesTheBundleOfAnotherDeviceIsRefused) {
  Person& carol = stage.join("carol");
  auto foreign = bundle_of(carol, alice);
  foreign.set_device(wire::field(bob.address().device.view()));
  lie_in_bundles([&](v1::Bundle& bundle) { bundle = foreign; });
  expect_refusal_then_delivery(kPrekeys + "prekey batch names another device");
}

TEST_F(HostileDirectory, ThatServesABundleWithHalfAForeignSignatureIsRefused) {
  Person& carol = stage.join("carol");
  const auto foreign = bundle_of(carol, alice);
  int half = 0;
  lie_in_bundles([&](v1::Bundle& bundle) {
    bundle.set_signature(half++ == 0 ? halves(foreign.signature(), bundle.signature())
                                     : halves(bundle.signature(), foreign.signature()));
  });
  stage.write(alice, "bob", "waits");
  stage.settle();
  stage.pass(minutes(1));
  stage.pass(minutes(1));
  const std::string refused = kPrekeys + "prekey batch signature does not verify";
  auto told = alice.take_problems();
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told[0], refused);
  EXPECT_EQ(told[1], refused);
  EXPECT_EQ(bob.texts("alice"), Texts{});
  stop_lying();
  stage.pass_in_steps(minutes(20), minutes(2));
  EXPECT_EQ(bob.texts("alice"), Texts{"waits"});
}

struct BundleLie {
  const char* name;
  std::function<void(v1::Bundle&)> falsify;
  session::PrekeyError error;
};

class HostileDirectoryBundle : public HostileDirectory, public ::testing::WithParamInterface<BundleLie> {};

TEST_P(HostileDirectoryBundle, IsRefused) {
  lie_in_bundles(GetParam().falsify);
  expect_refusal_then_delivery(kPrekeys + std::string(session::describe(GetParam().error)));
}

void flip(std::string& field, std::size_t at) { field[at] = static_cast<char>(field[at] ^ 1); }

INSTANTIATE_TEST_SUITE_P(
    Lies, HostileDirectoryBundle,
    ::testing::Values(
        BundleLie{"AlteredBatch", [](v1::Bundle& b) { flip(*b.mutable_batch(), b.batch().size() - 1); },
                  session::PrekeyError::bad_signature},
        BundleLie{"CutBatch", [](v1::Bundle& b) { b.mutable_batch()->pop_back(); },
                  session::PrekeyError::malformed},
        BundleLie{"MissingSignature", [](v1::Bundle& b) { b.clear_signature(); },
                  session::PrekeyError::bad_signature},
        BundleLie{"AnotherLastResortKey", [](v1::Bundle& b) { flip(*b.mutable_last_resort_kem(), 100); },
                  session::PrekeyError::wrong_key},
        BundleLie{"AnotherOneTimeEcKey", [](v1::Bundle& b) { flip(*b.mutable_one_time()->mutable_ec(), 20); },
                  session::PrekeyError::wrong_path},
        BundleLie{"AnotherOneTimeKemKey",
                  [](v1::Bundle& b) { flip(*b.mutable_one_time()->mutable_kem(), 20); },
                  session::PrekeyError::wrong_path},
        BundleLie{"AnotherIndex", [](v1::Bundle& b) { b.mutable_one_time()->set_index(7); },
                  session::PrekeyError::wrong_path},
        BundleLie{"IndexOutsideTheBatch", [](v1::Bundle& b) { b.mutable_one_time()->set_index(32); },
                  session::PrekeyError::wrong_pairs},
        BundleLie{"ShorterPath", [](v1::Bundle& b) { b.mutable_one_time()->mutable_path()->RemoveLast(); },
                  session::PrekeyError::wrong_path},
        BundleLie{"LongerPath", [](v1::Bundle& b) { b.mutable_one_time()->add_path(std::string(32, 'x')); },
                  session::PrekeyError::wrong_path}),
    [](const auto& test) { return test.param.name; });

TEST_F(HostileDirectory, ThatServesAnOlderBatchThanSeenIsRefused) {
  const auto old = bundle_of(bob, bob);
  stage.pass_in_steps(days(9), days(1));  // Bob rotates
  stage.chat(alice, bob);                 // Alice sees the newer batch
  forget_sessions(alice, bob);
  lie_in_bundles([&](v1::Bundle& bundle) { bundle = old; });
  stage.write(alice, "bob", "waits");
  stage.settle();
  EXPECT_EQ(alice.take_problems(),
            Texts{kPrekeys + std::string(session::describe(session::PrekeyError::older_than_seen))});
  stop_lying();
  stage.pass_in_steps(minutes(6), minutes(2));
  EXPECT_EQ(bob.texts("alice").back(), "waits");
}

TEST_F(HostileDirectory, ThatServesAnExpiredBatchIsRefused) {
  const auto old = bundle_of(bob, bob);
  stage.pass_in_steps(days(36), days(1));
  lie_in_bundles([&](v1::Bundle& bundle) { bundle = old; });
  expect_refusal_then_delivery(kPrekeys + std::string(session::describe(session::PrekeyError::expired)));
}

TEST_F(HostileDirectory, ThatServesBundlesNobodyAskedForOrTwiceStartsNoSecondSession) {
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (&to == &alice && frame.has_bundles()) {
      *frame.mutable_bundles()->add_bundles() = frame.bundles().bundles(0);
      auto* unasked = frame.mutable_bundles()->add_bundles();
      *unasked = frame.bundles().bundles(0);
      unasked->set_device(std::string(16, 'x'));
    }
    return {std::move(frame)};
  };
  stage.write(alice, "bob", "once");
  stage.settle();
  EXPECT_EQ(steal_peer(alice.database(), bob.address()).sessions().size(), 1U);
  EXPECT_EQ(bob.texts("alice"), Texts{"once"});
  stop_lying();
  stage.chat(alice, bob);
}

TEST_F(HostileDirectory, ThatAnswersForOneDeviceWithTheBundleOfTheOtherStartsNoSecondSession) {
  stage.chat(alice, bob);
  const auto known = bob.address().device;
  const auto unasked = bundle_of(bob, alice);
  lie(v1::ServerFrame::kBundles, [&](v1::ServerFrame& frame) {
    frame.mutable_bundles()->clear_bundles();
    *frame.mutable_bundles()->add_bundles() = unasked;
  });
  Person& tablet = stage.add("tablet");
  stage.link_into(tablet, bob);
  stage.write(alice, "bob", "to both");
  stage.settle();
  EXPECT_EQ(steal_peer(alice.database(), {bob.address().account, known}).sessions().size(), 1U);
  EXPECT_EQ(tablet.texts("alice"), Texts{});
  stop_lying();
  stage.pass_in_steps(minutes(2), seconds(20));
  EXPECT_EQ(tablet.texts("alice"), Texts{"to both"});
}

TEST_F(HostileDirectory, ThatHandsOutAOneTimePairTwiceMakesTheSecondUserStartAnew) {
  Person& carol = stage.join("carol");
  v1::Bundle handed_out;
  stage.op.to_device = [&](Person& to, v1::ServerFrame frame) -> ServerFrames {
    if (frame.has_bundles() && &to == &alice) handed_out = frame.bundles().bundles(0);
    if (frame.has_bundles() && &to == &carol) *frame.mutable_bundles()->mutable_bundles(0) = handed_out;
    return {std::move(frame)};
  };
  stage.write(alice, "bob", "from alice");
  stage.settle();
  stage.write(carol, "bob", "from carol");
  stage.settle();
  EXPECT_EQ(bob.texts("alice"), Texts{"from alice"});
  // The private half is destroyed: Bob cannot read who it is, and can tell only those he heard.
  EXPECT_EQ(bob.texts("carol"), Texts{});
  EXPECT_EQ(carol.state_of("bob", "from carol"), v1::Message::SENT);
  stop_lying();
  // After 72 hours unheard Carol gives the INIT up, takes a new bundle and sends again.
  stage.pass_in_steps(hours(97), hours(1));
  EXPECT_EQ(bob.texts("carol"), Texts{"from carol"});
  EXPECT_EQ(carol.state_of("bob", "from carol"), v1::Message::DELIVERED);
  stage.chat(carol, bob);
  stage.chat(alice, bob);
}

TEST_F(HostileDirectory, ThatWithholdsOneTimePairsGetsSessionsThatRenewTheirKeysAtOnce) {
  lie_in_bundles([](v1::Bundle& bundle) { bundle.clear_one_time(); });
  stage.write(alice, "bob", "on the last resort");
  stage.settle();
  EXPECT_EQ(bob.texts("alice"), Texts{"on the last resort"});
  stage.write(alice, "bob", "second");
  stage.settle();
  const auto security = steal_peer(alice.database(), bob.address()).security(stage.now);
  EXPECT_TRUE(security.last_resort_start);
  EXPECT_GE(security.pq_epoch, 1U);
}

TEST_F(HostileDirectory, ThatHasNoBundleForADeviceKeepsTheMessageQueued) {
  lie(v1::ServerFrame::kBundles, [&](v1::ServerFrame& frame) {
    frame.mutable_bundles()->clear_bundles();
    frame.mutable_bundles()->add_unavailable(wire::field(bob.address().device.view()));
  });
  stage.write(alice, "bob", "waits");
  stage.settle();
  EXPECT_EQ(alice.state_of("bob", "waits"), v1::Message::QUEUED);
  stop_lying();
  stage.pass_in_steps(minutes(2), seconds(20));
  EXPECT_EQ(bob.texts("alice"), Texts{"waits"});
}

}  // namespace
}  // namespace sotto::hostile
