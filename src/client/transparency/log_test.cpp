// What a client believes of the transparency log, whom it therefore writes to, and what it says.
#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "client/test_clients.h"
#include "client/transparency/label_pins.h"
#include "client/transparency/log_records.h"
#include "client/transparency/lookups.h"
#include "client/transparency/witnesses.h"
#include "client/verification/state.h"
#include "identity/author.h"
#include "identity/wire_form.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"

namespace sotto::client {
namespace {

using testing::CoreTest;
using testing::kServer;
using testing::TestClient;
using transparency::Label;
using Texts = std::vector<std::string>;

class LogTest : public CoreTest {
 protected:
  static identity::AccountId account(TestClient& client) { return client.core->self()->account_id(); }
  static identity::VerifiedManifest manifest(TestClient& client) {
    return load_manifest(*client.database, account(client)).value();
  }
  static v1::Contact contact(TestClient& client, std::string_view handle) {
    const auto found = find_named(*client.database, handle);
    EXPECT_TRUE(found) << handle;
    return found ? contact_record(*client.database, *found) : v1::Contact();
  }
  /// Every answer to a lookup from now on.
  void falsify(const std::function<void(v1::LookupAnswer&)>& lie) {
    server_.tamper = [lie](const v1::ClientFrame&, v1::ServerFrame& answer) {
      if (answer.has_lookup_answer()) lie(*answer.mutable_lookup_answer());
    };
  }
  /// A device list that Bob's keys signed and Bob never made, with a device of somebody else's.
  v1::SignedManifest with_ghost() {
    const auto ghost = identity::DeviceIdentity::generate(*bob_.random);
    auto draft = identity::draft_successor(manifest(bob_), bob_.core->self()->device.id, now_);
    EXPECT_TRUE(identity::add_device(draft, {ghost.id, ghost.key.public_key(), {}, 0}));
    v1::SignedManifest out;
    identity::to_wire(
        identity::sign_manifest(draft, *bob_.core->self()->account, bob_.core->self()->device, *bob_.random),
        out);
    return out;
  }
  std::vector<v1::SignedManifest>& manifests_of(TestClient& client) {
    return server_.manifests[to_bytes(account(client).view())];
  }
  /// Lets time pass in steps, for pauses that grow.
  void wait(DurationMs total, DurationMs step = minutes(5)) {
    for (DurationMs gone{0}; gone.value < total.value; gone.value += step.value) pass(step);
  }
  /// Alice's next message asks the log again.
  void let_proofs_age() { pass({kProofLife.value + 1}); }
  void expect_held_back(std::string_view text) {
    send(alice_, "bob", text);
    settle();
    EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
    const auto texts = bob_.texts("alice");
    EXPECT_EQ(std::ranges::find(texts, text), texts.end());
  }
  void expect_arrives(std::string_view text) {
    wait(hours(2));
    ASSERT_FALSE(bob_.texts("alice").empty());
    EXPECT_EQ(bob_.texts("alice").back(), text);
  }
};

TEST_F(LogTest, AMessageSaysUnderWhichHeadItsRecipientWasProven) {
  sign_up_both();
  send(alice_, "bob", "hello");
  settle();
  EXPECT_EQ(alice_.newest("bob").security().transparency_size(), server_.log().tree.size());
  const auto bob = contact(alice_, "bob");
  EXPECT_EQ(bob.log_proof(), v1::Contact::PROVEN);
  EXPECT_EQ(bob.security().transparency_size(), server_.log().tree.size());
  const auto status = log_status_record(*alice_.database);
  EXPECT_EQ(status.log_id(), to_hex(transparency::log_id(server_.keys().public_keys())));
  EXPECT_EQ(status.size(), server_.log().tree.size());
  EXPECT_FALSE(status.forked());
  EXPECT_GT(status.self_audited_ms(), 0U);
}

TEST_F(LogTest, AServerWithAnotherLogOrNoneIsRefused) {
  sign_up_both();
  disconnect(alice_);
  server_.change_log();
  connect(alice_);
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::SERVER_IDENTITY_CHANGED));
  EXPECT_TRUE(alice_.refused);

  server_.tamper = [](const v1::ClientFrame&, v1::ServerFrame& answer) {
    if (answer.has_welcome()) answer.mutable_welcome()->clear_log_vrf_key();
  };
  ASSERT_TRUE(bob2_.core->set_up_account("carol", "", "laptop", kServer, now_).value());
  clients_.push_back(&bob2_);
  connect(bob2_);
  settle();
  EXPECT_TRUE(bob2_.saw(v1::Problem::UNSUPPORTED_SERVER));
  EXPECT_TRUE(bob2_.refused);
}

TEST_F(LogTest, MessagesToAProvenContactCostOneLookupAnHour) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  const std::size_t before = server_.lookups;
  for (int i = 0; i < 20; ++i) {
    send(alice_, "bob", "more");
    settle();
  }
  EXPECT_EQ(server_.lookups, before);
  let_proofs_age();
  for (int i = 0; i < 20; ++i) {
    send(alice_, "bob", "later");
    settle();
  }
  // Alice: Bob and, for the copies her other devices would get, herself; Bob, for his receipts, the same.
  EXPECT_LE(server_.lookups, before + 4);
  EXPECT_GT(server_.lookups, before);
}

TEST_F(LogTest, AnAnswerThatDoesNotHoldStopsSendingUntilOneDoes) {
  sign_up_both();
  falsify([](v1::LookupAnswer& answer) { answer.mutable_labels(0)->mutable_vrf_proof()->back() ^= 1; });
  expect_held_back("waits");
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_PROOF_REFUSED));
  server_.tamper = nullptr;
  expect_arrives("waits");

  // Also for a contact whose proof of an hour ago would serve another day.
  let_proofs_age();
  falsify([](v1::LookupAnswer& answer) { answer.mutable_labels(0)->mutable_value()->back() ^= 1; });
  expect_held_back("waits again");
  EXPECT_EQ(contact(alice_, "bob").log_proof(), v1::Contact::REFUSED);
  server_.tamper = nullptr;
  expect_arrives("waits again");
  EXPECT_EQ(contact(alice_, "bob").log_proof(), v1::Contact::PROVEN);
}

TEST_F(LogTest, AnAnswerThatDoesNotParseIsRefused) {
  sign_up_both();
  falsify([](v1::LookupAnswer& answer) { answer.mutable_head()->clear_signature(); });
  expect_held_back("waits");
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_PROOF_REFUSED));
  server_.tamper = nullptr;
  expect_arrives("waits");
}

TEST_F(LogTest, WhenTheServerDoesNotAnswerTheLastProofServesForADay) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  let_proofs_age();
  server_.tamper = [](const v1::ClientFrame& request, v1::ServerFrame& answer) {
    if (!request.has_look_up()) return;
    answer.Clear();
    answer.mutable_error()->set_code(v1::Error::LOG_NOT_READY);
    answer.mutable_error()->set_retry_after_ms(1000);
  };
  send(alice_, "bob", "on the old proof");
  settle();
  EXPECT_EQ(bob_.texts("alice").back(), "on the old proof");
  wait(hours(24));
  expect_held_back("too late");
  server_.tamper = nullptr;
  expect_arrives("too late");
}

TEST_F(LogTest, NothingIsSentOnAHeadThatIsMoreThanADayOld) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  server_.heads_stop_at = now_;
  wait(hours(24), hours(1));
  wait(minutes(10));
  expect_held_back("waits");
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_STALE));
  server_.heads_stop_at.reset();
  expect_arrives("waits");
}

TEST_F(LogTest, TwoAnswersThatCrossAnEpochAreAskedForAgainInSilence) {
  sign_up_both();
  disconnect(alice_);
  send(alice_, "bob", "to bob");
  send(alice_, "carol", "to nobody");
  connect(alice_);
  // The second of the answers that are on their way comes from a later epoch than the first.
  server_.tamper = [this](const v1::ClientFrame& request, v1::ServerFrame&) {
    if (request.has_look_up() && request.look_up().handle() == "bob") {
      server_.set_in_log(Label::handle("dave"), Bytes(16, 1), now_);
    }
  };
  for (int i = 0; i < 3; ++i) step();
  server_.tamper = nullptr;
  settle();
  EXPECT_EQ(bob_.texts("alice"), Texts{"to bob"});
  EXPECT_EQ(alice_.newest("carol").state(), v1::Message::FAILED);
  EXPECT_FALSE(alice_.saw(v1::Problem::LOG_PROOF_REFUSED));
  EXPECT_FALSE(alice_.saw(v1::Problem::LOG_STALE));
}

TEST_F(LogTest, AHandleThatWasGivenUpReachesNobody) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  server_.give_up_handle("bob", now_);
  let_proofs_age();
  send(alice_, "bob", "to whom?");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::HANDLE_GIVEN_UP));
  const auto bob = contact(alice_, "bob");
  EXPECT_EQ(bob.handle(), "");
  EXPECT_EQ(bob.retired_handle(), "bob");
  EXPECT_EQ(bob.account(), to_hex(account(bob_).view()));
  const auto known = find_named(*alice_.database, "bob");
  const auto messages = history(*alice_.database, *alice_.core->self(),
                                ensure_conversation(*alice_.database, known->id), 10, now_);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[1].state(), v1::Message::FAILED);
  EXPECT_EQ(messages[1].failure(), "the recipient no longer has this name");
  EXPECT_EQ(messages[2].system().kind(), v1::SystemLine::HANDLE_GIVEN_UP);
  EXPECT_EQ(bob_.texts("alice"), Texts{"first"});
  // Bob's own device learns it as well.
  pass(transparency::kSelfAuditInterval);
  EXPECT_TRUE(bob_.saw(v1::Problem::HANDLE_GIVEN_UP));
  // Nobody has it: a stranger who writes to it is told the same.
  alice_.events.clear();
  send(alice_, "bob", "anyone?");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::HANDLE_GIVEN_UP));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::FAILED);
}

TEST_F(LogTest, AHandleThatNamesSomebodyElseNowIsTakenForNobodyKnown) {
  sign_up_both();
  send(alice_, "bob", "for bob");
  settle();
  clients_.push_back(&bob2_);
  sign_up(bob2_, "carol");
  server_.set_in_log(Label::handle("bob"), to_bytes(account(bob2_).view()), now_);
  let_proofs_age();
  send(alice_, "bob", "for bob alone");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::HANDLE_GIVEN_UP));
  EXPECT_EQ(bob_.texts("alice"), Texts{"for bob"});
  EXPECT_TRUE(bob2_.texts("alice").empty());
  pass(transparency::kSelfAuditInterval);
  EXPECT_TRUE(bob_.saw(v1::Problem::OWN_ENTRY_WRONG));
  // A person who writes to the name again has been told.
  send(alice_, "bob", "for whoever has the name");
  settle();
  EXPECT_EQ(bob2_.texts("alice"), Texts{"for whoever has the name"});
  EXPECT_EQ(bob_.texts("alice"), Texts{"for bob"});
}

TEST_F(LogTest, AnAccountThatWasTurnedOffIsSaidToBeGone) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  disconnect(bob_);
  server_.set_in_log(Label::account(account(bob_)), {}, now_);
  let_proofs_age();
  send(alice_, "bob", "too late");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::ACCOUNT_GONE));
  EXPECT_TRUE(contact(alice_, "bob").account_retired());
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::FAILED);
  EXPECT_EQ(alice_.newest("bob").failure(), "the recipient turned the account off");
  alice_.events.clear();
  send(alice_, "bob", "still");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::ACCOUNT_GONE));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::FAILED);
}

TEST_F(LogTest, TheServersWordThatAnAccountIsRetiredIsNotEnough) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  const std::size_t before = server_.lookups;
  server_.tamper = [](const v1::ClientFrame& request, v1::ServerFrame& answer) {
    if (!request.has_submit()) return;
    answer.Clear();
    answer.mutable_submitted()->add_results()->set_status(v1::TargetResult::RETIRED);
  };
  server_.lose_envelope = [](const Bytes&) { return true; };
  expect_held_back("waits");
  EXPECT_GT(server_.lookups, before);
  EXPECT_FALSE(alice_.saw(v1::Problem::ACCOUNT_GONE));
  server_.tamper = nullptr;
  server_.lose_envelope = nullptr;
  expect_arrives("waits");
}

TEST_F(LogTest, ADeviceListThatIsNotInTheLogGetsNothing) {
  sign_up_both();
  const auto genuine = manifests_of(bob_);
  manifests_of(bob_).push_back(with_ghost());
  expect_held_back("not for the ghost");
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_PROOF_REFUSED));
  manifests_of(bob_) = genuine;
  expect_arrives("not for the ghost");
}

TEST_F(LogTest, ADeviceListThatReplacesAKnownOneOutsideTheLogGetsNothing) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  const auto genuine = manifests_of(bob_);
  manifests_of(bob_).push_back(with_ghost());
  v1::ServerFrame push;
  push.mutable_manifest_changed()->set_account(wire::field(account(bob_).view()));
  push.mutable_manifest_changed()->set_version(2);
  perform(alice_, alice_.core->receive(push, now_).value());
  settle();
  expect_held_back("not for the ghost");
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_PROOF_REFUSED));
  manifests_of(bob_) = genuine;
  expect_arrives("not for the ghost");
}

TEST_F(LogTest, AListOlderThanTheLogsIsNotWrittenTo) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  link_second_device();
  const auto all = manifests_of(bob_);
  manifests_of(bob_).resize(1);  // the server hides the second version, and its log does not
  let_proofs_age();
  expect_held_back("for both");
  pass(seconds(10));
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_PROOF_REFUSED));
  manifests_of(bob_) = all;
  wait(hours(2));
  EXPECT_EQ(bob_.texts("alice").back(), "for both");
  EXPECT_EQ(bob2_.texts("alice").back(), "for both");
}

TEST_F(LogTest, AnAccountThatTheLogDoesNotHaveGetsNothing) {
  sign_up_both();
  server_.log().forget(Label::account(account(bob_)));
  server_.log().close(now_);
  expect_held_back("waits");
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_PROOF_REFUSED));
}

TEST_F(LogTest, AnotherAccountKeyInTheLogStopsSending) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  transparency::AccountBinding binding = transparency::AccountBinding::of(manifest(bob_));
  binding.account_key = crypto::HybridPrivateKey::generate(*alice_.random).public_key().fingerprint();
  server_.set_in_log(Label::account(account(bob_)), binding.encoded(), now_);
  let_proofs_age();
  expect_held_back("waits");
  EXPECT_TRUE(alice_.saw(v1::Problem::ACCOUNT_KEY_CHANGED));
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), to_hex(binding.account_key.octets()));
  // Who keeps the known key is stopped again by the same word of the log: it is asked before anything leaves.
  auto kept = alice_.core->command(now_, [](Work& work) { return keep_key(work, "bob"); }).value();
  ASSERT_TRUE(kept.value);
  perform(alice_, std::move(kept.effects));
  wait(minutes(10));
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), to_hex(binding.account_key.octets()));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  EXPECT_EQ(bob_.texts("alice"), Texts{"first"});
  // And its owner is warned.
  pass(transparency::kSelfAuditInterval);
  pass(seconds(10));
  EXPECT_TRUE(bob_.saw(v1::Problem::OWN_ENTRY_WRONG));
}

TEST_F(LogTest, ARewrittenMapIsEvidenceThatStopsEverything) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  // Version 1 of Bob's entry again, with another value.
  transparency::AccountBinding binding = transparency::AccountBinding::of(manifest(bob_));
  binding.manifest[0] ^= 1;
  server_.log().set_version(Label::account(account(bob_)), binding.encoded(), 1);
  server_.log().close(now_);
  let_proofs_age();
  expect_held_back("waits");
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_FORKED));
  EXPECT_EQ(contact(alice_, "bob").log_proof(), v1::Contact::FORKED);

  const auto octets = fork_evidence(*alice_.database);
  ASSERT_TRUE(octets);
  v1::ForkEvidence evidence;
  ASSERT_TRUE(wire::decode(*octets, octets->size(), evidence));
  EXPECT_TRUE(transparency::verify(transparency::from_wire(evidence).value()));
  // It stays so, whatever the server says later.
  alice_.restart();
  alice_.events.clear();
  connect(alice_);
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_FORKED));
  expect_held_back("never");
  EXPECT_TRUE(log_status_record(*alice_.database).forked());
  EXPECT_FALSE(fork_evidence(*bob_.database));
}

TEST_F(LogTest, AClaimAboutAnOlderHeadIsProvenAndCostsNothingLater) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  for (int i = 0; i < 5; ++i) server_.set_in_log(Label::handle("dave"), Bytes(16, 1), now_);
  let_proofs_age();
  send(alice_, "bob", "under a newer head");
  settle();
  send(bob_, "alice", "under his own");
  settle();
  wait(hours(2));
  EXPECT_EQ(log_status_record(*alice_.database).open_claims(), 0U);
  EXPECT_EQ(log_status_record(*bob_.database).open_claims(), 0U);
  EXPECT_FALSE(alice_.saw(v1::Problem::LOG_DISPUTED));
  EXPECT_FALSE(bob_.saw(v1::Problem::LOG_DISPUTED));
}

/// Bob hears of a head that his device has not seen, and has proofs that serve for a while.
TEST_F(LogTest, AClaimThatWaitedWhileTheDeviceWasOffIsAskedAboutBeforeItIsDisputed) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  server_.set_in_log(Label::handle("dave"), Bytes(16, 1), now_);
  send(alice_, "nobody", "for a look at the log");
  settle();
  send(alice_, "bob", "under a newer head");
  settle();
  ASSERT_EQ(log_status_record(*bob_.database).open_claims(), 1U);
  disconnect(bob_);
  now_ = now_ + days(3);
  connect(bob_);
  settle();
  pass(minutes(1));
  EXPECT_FALSE(bob_.saw(v1::Problem::LOG_DISPUTED));
  EXPECT_EQ(log_status_record(*bob_.database).open_claims(), 0U);
}

TEST_F(LogTest, AClaimThatTheServerDoesNotProveForADayIsDisputed) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  server_.set_in_log(Label::handle("dave"), Bytes(16, 1), now_);
  send(alice_, "nobody", "for a look at the log");
  settle();
  send(alice_, "bob", "under a newer head");
  settle();
  server_.tamper = [](const v1::ClientFrame& request, v1::ServerFrame& answer) {
    if (!request.has_fetch_tree_head() && !request.has_look_up()) return;
    answer.mutable_error()->set_code(v1::Error::LOG_NOT_READY);
  };
  for (int hour = 0; hour < 23; ++hour) pass(hours(1));
  EXPECT_FALSE(bob_.saw(v1::Problem::LOG_DISPUTED));
  for (int hour = 0; hour < 3; ++hour) pass(hours(1));
  EXPECT_TRUE(bob_.saw(v1::Problem::LOG_DISPUTED));
  server_.tamper = nullptr;
}

TEST_F(LogTest, TwoLogsForTwoPeopleAreFoundOutWhenTheyTalk) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  send(bob_, "alice", "second");
  settle();
  // From here on the server keeps two histories of equal length, one for each.
  auto for_alice = server_.log();
  auto for_bob = server_.log();
  for_alice.set(Label::handle("dave"), Bytes(16, 1));
  for_alice.close(now_);
  for_bob.set(Label::handle("dave"), Bytes(16, 2));
  for_bob.close(now_);
  let_proofs_age();
  const auto serve = [&](TestClient& to, FakeServer::Log& log) {
    server_.show(log);
    for (int i = 0; i < 100; ++i) {
      const auto frame = server_.next(to.id);
      if (!frame) break;
      perform(to, to.core->receive(*frame, now_).value());
    }
  };
  const auto turns = [&](int count) {
    for (int i = 0; i < count; ++i) {
      serve(alice_, for_alice);
      serve(bob_, for_bob);
    }
  };
  server_.show(for_alice);
  send(alice_, "bob", "from another history");
  turns(6);
  server_.show(for_bob);
  send(bob_, "alice", "from the other");
  turns(10);
  // What one said disputed the other's, the heads they showed each other prove who lies.
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_DISPUTED) || bob_.saw(v1::Problem::LOG_DISPUTED));
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_FORKED));
  EXPECT_TRUE(bob_.saw(v1::Problem::LOG_FORKED));
  EXPECT_TRUE(fork_evidence(*alice_.database));
  EXPECT_TRUE(fork_evidence(*bob_.database));
}

TEST_F(LogTest, AnInventedClaimStopsSendingToItsAuthorAlone) {
  sign_up_both();
  clients_.push_back(&bob2_);
  sign_up(bob2_, "carol");
  send(alice_, "bob", "first");
  send(alice_, "carol", "first");
  settle();
  let_proofs_age();
  for (TestClient* client : {&alice_, &bob_}) {  // both see the newest head
    send(*client, client == &alice_ ? "bob" : "alice", "second");
    settle();
  }
  // Bob's program says what is not so: another root for a size that Alice knows, which nobody signed.
  Bytes view = load_log_view(*bob_.database)->encoded();
  constexpr std::size_t kRoot = 1 + transparency::LogKeys::kSize + 1 + 48;
  view[kRoot] ^= 1;
  bob_.database->run("UPDATE log_view SET octets = ?1, revision = revision + 1", view);
  send(bob_, "alice", "from nowhere");
  settle();
  EXPECT_EQ(alice_.texts("bob").back(), "from nowhere");
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_DISPUTED));
  EXPECT_FALSE(alice_.saw(v1::Problem::LOG_FORKED));
  EXPECT_EQ(contact(alice_, "bob").log_proof(), v1::Contact::DISPUTED);
  expect_held_back("not to bob");
  send(alice_, "carol", "to carol");
  settle();
  EXPECT_EQ(bob2_.texts("alice").back(), "to carol");
  alice_.restart();
  connect(alice_);
  settle();
  expect_held_back("still not");
  EXPECT_EQ(log_status_record(*alice_.database).open_claims(), 1U);
}

TEST_F(LogTest, ASelfAuditFindsAnEntryThatNobodyOfTheAccountMade) {
  sign_up_both();
  pass(transparency::kSelfAuditInterval);
  EXPECT_FALSE(bob_.saw(v1::Problem::OWN_ENTRY_WRONG));
  transparency::AccountBinding binding = transparency::AccountBinding::of(manifest(bob_));
  binding.manifest[0] ^= 1;
  server_.set_in_log(Label::account(account(bob_)), binding.encoded(), now_);
  pass(transparency::kSelfAuditInterval);
  pass(seconds(10));  // the list that ought to explain it is asked for twice
  EXPECT_TRUE(bob_.saw(v1::Problem::OWN_ENTRY_WRONG));
}

TEST_F(LogTest, ASelfAuditFindsAListThatWasWithheldFromTheLog) {
  sign_up_both();
  link_second_device();
  EXPECT_FALSE(bob_.saw(v1::Problem::OWN_ENTRY_WRONG));
  EXPECT_FALSE(bob2_.saw(v1::Problem::OWN_ENTRY_WRONG));
  server_.log().forget(Label::handle("bob"));
  server_.log().close(now_);
  pass(transparency::kSelfAuditInterval);
  EXPECT_TRUE(bob_.saw(v1::Problem::OWN_ENTRY_WRONG) || bob_.saw(v1::Problem::LOG_FORKED));
}

class WitnessTest : public LogTest {
 protected:
  crypto::HybridPrivateKey witness_ = crypto::HybridPrivateKey::generate(*alice_.random);

  void rely_on_witness() {
    auto& db = *alice_.database;
    ASSERT_TRUE(add_witness(db, witness_.public_key().encoded(), now_));
    ASSERT_TRUE(require_witnesses(db, 1));
  }
  void cosign() {
    auto head = server_.log().head(now_);
    head.cosignatures.push_back(transparency::cosign(head.head, witness_, *alice_.random));
    server_.cosigned = head;
  }
};

TEST_F(WitnessTest, NothingIsSentBeforeEnoughWitnessesVouch) {
  sign_up_both();
  rely_on_witness();
  expect_held_back("waits");
  auto unsigned_head = server_.log().head(now_);
  server_.cosigned = unsigned_head;
  wait(hours(2));
  EXPECT_TRUE(alice_.saw(v1::Problem::WITNESSES_MISSING));
  EXPECT_TRUE(bob_.texts("alice").empty());
  cosign();
  expect_arrives("waits");
  EXPECT_EQ(log_status_record(*alice_.database).witnesses(), 1U);
  EXPECT_EQ(log_status_record(*alice_.database).witnesses_required(), 1U);
  // A day without the witness.
  wait(hours(25), minutes(30));
  expect_held_back("waits again");
  cosign();
  expect_arrives("waits again");
}

TEST_F(WitnessTest, AHeadBehindOrAheadOfTheOwnOneIsExaminedToo) {
  sign_up_both();
  cosign();
  for (int i = 0; i < 3; ++i) server_.set_in_log(Label::handle("dave"), Bytes(16, 1), now_);
  rely_on_witness();
  send(alice_, "bob", "behind");
  settle();
  expect_arrives("behind");
  for (int i = 0; i < 3; ++i) server_.set_in_log(Label::handle("dave"), Bytes(16, 1), now_);
  cosign();
  let_proofs_age();
  send(alice_, "bob", "ahead");
  settle();
  expect_arrives("ahead");
  EXPECT_FALSE(alice_.saw(v1::Problem::WITNESSES_MISSING));
  EXPECT_FALSE(alice_.saw(v1::Problem::LOG_PROOF_REFUSED));
}

TEST_F(WitnessTest, AWitnessedHeadOfAnotherHistoryIsEvidence) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  auto other = server_.log().head(now_);
  other.head.root[0] ^= 1;
  other = transparency::sign(other.head, server_.keys().identity, *alice_.random);
  other.cosignatures.push_back(transparency::cosign(other.head, witness_, *alice_.random));
  server_.cosigned = other;
  rely_on_witness();
  expect_held_back("waits");
  wait(minutes(10));
  EXPECT_TRUE(alice_.saw(v1::Problem::LOG_FORKED));
}

TEST_F(WitnessTest, TheListOfWitnessesIsKeptInOrder) {
  sign_up_both();
  auto& db = *alice_.database;
  const Bytes key = to_bytes(witness_.public_key().encoded());
  EXPECT_EQ(add_witness(db, Bytes(10, 1), now_).error(), WitnessError::bad_key);
  EXPECT_EQ(require_witnesses(db, 1).error(), WitnessError::too_few);
  EXPECT_EQ(add_witness(db, key, now_).value(), witness_.public_key().fingerprint());
  EXPECT_EQ(add_witness(db, key, now_).error(), WitnessError::known);
  EXPECT_TRUE(require_witnesses(db, 1));
  EXPECT_EQ(remove_witness(db, witness_.public_key().fingerprint()).error(), WitnessError::too_few);
  EXPECT_EQ(remove_witness(db, crypto::Fingerprint::from_octets({})).error(), WitnessError::unknown);
  ASSERT_EQ(witness_records(db).size(), 1U);
  EXPECT_EQ(witness_records(db)[0].fingerprint(), to_hex(witness_.public_key().fingerprint().octets()));
  for (std::size_t i = 1; i < transparency::kMaxCosignatures; ++i) {
    const auto more = crypto::HybridPrivateKey::generate(*alice_.random).public_key().encoded();
    EXPECT_TRUE(add_witness(db, more, now_));
  }
  const auto last = crypto::HybridPrivateKey::generate(*alice_.random).public_key().encoded();
  EXPECT_EQ(add_witness(db, last, now_).error(), WitnessError::too_many);
  EXPECT_TRUE(remove_witness(db, witness_.public_key().fingerprint()));
}

}  // namespace
}  // namespace sotto::client
