// Making sure that a contact's key is theirs: digits, QR codes, changed keys, what own devices learn.
#include "bytes/hex.h"
#include "client/contacts/manifests.h"
#include "client/test_clients.h"
#include "client/verification/digits.h"
#include "client/verification/qr.h"
#include "client/verification/state.h"
#include "crypto/hash.h"
#include "identity/author.h"
#include "identity/wire_form.h"
#include "verification/contact_qr.h"

namespace sotto::client {
namespace {

using testing::CoreTest;
using testing::kServer;
using testing::TestClient;
using Stage = v1::VerificationProgress::Stage;

class VerificationTest : public CoreTest {
 protected:
  void SetUp() override {
    sign_up_both();
    send(alice_, "bob", "hello bob");
    settle();
    send(bob_, "alice", "hello alice");
    settle();
  }
  template <typename Command>
  Result<void, VerifyError> run(TestClient& client, Command&& command) {
    auto outcome = client.core->command(now_, command).value();
    perform(client, std::move(outcome.effects));
    return outcome.value;
  }
  Result<void, VerifyError> start(TestClient& client, std::string_view with) {
    auto result = run(client, [&](Work& work) { return start_comparing(work, with); });
    settle();
    return result;
  }
  Result<void, VerifyError> finish(TestClient& client, std::string_view with, Answer answer = Answer::same) {
    auto result = run(client, [&](Work& work) { return finish_comparing(work, with, answer); });
    settle();
    return result;
  }
  Result<void, VerifyError> scan(TestClient& client, std::string_view with, const std::string& text) {
    auto result = run(client, [&](Work& work) { return verify_by_qr(work, with, text); });
    settle();
    return result;
  }
  Result<void, VerifyError> keep(TestClient& client, std::string_view with) {
    auto result = run(client, [&](Work& work) { return keep_key(work, with); });
    settle();
    return result;
  }
  v1::VerificationProgress progress(const TestClient& client, std::string_view with) {
    const auto found = comparison(*client.database, *client.core->self(), with, now_);
    return found ? *found : v1::VerificationProgress();
  }
  static v1::Contact contact(const TestClient& client, std::string_view with) {
    return contact_record(*client.database, *find_contact(*client.database, with));
  }
  static int stages(const TestClient& client, Stage stage) {
    return static_cast<int>(std::ranges::count_if(client.events, [stage](const v1::Event& event) {
      return event.has_verification() && event.verification().stage() == stage;
    }));
  }
  static verification::Party party(const TestClient& client) {
    return {client.core->self()->account_id(), client.core->self()->account->key.public_key().fingerprint()};
  }
  /// Both have the digits.
  void reach_the_digits() {
    ASSERT_TRUE(start(alice_, "bob"));
    ASSERT_TRUE(start(bob_, "alice"));
    ASSERT_EQ(progress(alice_, "bob").stage(), v1::VerificationProgress::COMPARE);
    ASSERT_EQ(progress(bob_, "alice").stage(), v1::VerificationProgress::COMPARE);
  }
  /// From now on the server shows Bob's account with a key of somebody else, in a longer chain than Bob's
  /// own, and so does its log.
  crypto::Fingerprint change_bobs_key() {
    const auto key = lie_about_bobs_key();
    const transparency::AccountBinding binding{key, crypto::sha384(wire::octets(lie_.back().manifest()))};
    server_.set_in_log(transparency::Label::account(bob_.core->self()->account_id()), binding.encoded(),
                       now_);
    return key;
  }
  /// The same, and its log says the truth.
  crypto::Fingerprint lie_about_bobs_key() {
    constexpr std::size_t versions = 2;
    const identity::AccountIdentity account{bob_.core->self()->account_id(),
                                            crypto::HybridPrivateKey::generate(*bob_.random)};
    const auto device = identity::DeviceIdentity::generate(*bob_.random);
    auto first = identity::draft_first(
        account, {.id = device.id, .key = device.key.public_key(), .sealed_name = {}}, now_);
    auto newest =
        identity::verify_first(identity::sign_manifest(first, account, device, *bob_.random)).value();
    identity::to_wire(newest.signed_manifest(), lie_.emplace_back());
    while (lie_.size() < versions) {
      const auto draft = identity::draft_successor(newest, device.id, now_);
      newest =
          identity::verify_successor(newest, identity::sign_manifest(draft, account, device, *bob_.random))
              .value();
      identity::to_wire(newest.signed_manifest(), lie_.emplace_back());
    }
    truth_ = shown();
    shown() = lie_;
    return account.key.public_key().fingerprint();
  }
  std::vector<v1::SignedManifest>& shown() {
    return server_.manifests[to_bytes(bob_.core->self()->account_id().view())];
  }
  std::string known_key() { return to_hex(party(bob_).key.octets()); }
  void learn_of_it(TestClient& client) {
    mark_stale(*client.database, bob_.core->self()->account_id());
    pass(minutes(1));
  }
  /// The server goes back to Bob's own chain, and is asked again before long.
  void end_the_lie() {
    shown() = truth_;
    pass(minutes(2));
  }

  std::vector<v1::SignedManifest> lie_;
  std::vector<v1::SignedManifest> truth_;
};

TEST_F(VerificationTest, BothSeeTheSameDigitsAndAreVerifiedWhenBothSaySo) {
  ASSERT_TRUE(start(alice_, "bob"));
  EXPECT_EQ(progress(alice_, "bob").stage(), v1::VerificationProgress::STARTED);
  EXPECT_EQ(stages(bob_, v1::VerificationProgress::STARTED), 1) << "Bob is told that Alice wants to compare";
  ASSERT_TRUE(start(bob_, "alice"));
  EXPECT_EQ(stages(alice_, v1::VerificationProgress::COMPARE), 1);
  EXPECT_EQ(stages(bob_, v1::VerificationProgress::COMPARE), 1);
  EXPECT_EQ(progress(alice_, "bob").digits(), progress(bob_, "alice").digits());
  EXPECT_EQ(progress(alice_, "bob").digits().size(), 14U);
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::PINNED_AT_FIRST_CONTACT);

  ASSERT_TRUE(finish(alice_, "bob"));
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::VERIFIED_BY_DIGITS);
  EXPECT_EQ(contact(alice_, "bob").security().verified_by(), v1::VERIFIED_BY_DIGITS);
  EXPECT_EQ(contact(alice_, "bob").verified_ms(), now_.value);
  EXPECT_EQ(contact(bob_, "alice").verified_by(), v1::PINNED_AT_FIRST_CONTACT) << "Bob has not said anything";
  ASSERT_TRUE(finish(bob_, "alice"));
  EXPECT_EQ(contact(bob_, "alice").verified_by(), v1::VERIFIED_BY_DIGITS);
  EXPECT_EQ(alice_.lines("bob"), std::vector{v1::SystemLine::VERIFIED});

  pass(minutes(1));
  send(alice_, "bob", "now I know");
  settle();
  EXPECT_EQ(alice_.newest("bob").security().verified_by(), v1::VERIFIED_BY_DIGITS);
  EXPECT_EQ(bob_.newest("alice").security().verified_by(), v1::VERIFIED_BY_DIGITS);
  EXPECT_FALSE(alice_.saw(v1::Problem::MESSAGES_MISSING));
  EXPECT_FALSE(bob_.saw(v1::Problem::MESSAGES_MISSING));
}

TEST_F(VerificationTest, GoesOnWhateverEndsAndStartsAgainInBetween) {
  const auto again = [this] {
    for (TestClient* client : clients_) {
      server_.detach(client->id);
      client->restart();
      connect(*client);
    }
    settle();
  };
  ASSERT_TRUE(start(alice_, "bob"));
  again();
  ASSERT_TRUE(start(bob_, "alice"));
  again();
  ASSERT_TRUE(start(alice_, "bob"));  // the same run
  ASSERT_TRUE(start(bob_, "alice"));
  EXPECT_EQ(progress(alice_, "bob").digits(), progress(bob_, "alice").digits());
  again();
  ASSERT_TRUE(finish(alice_, "bob"));
  ASSERT_TRUE(finish(bob_, "alice"));
}

TEST_F(VerificationTest, OneRunRemainsWhenBothBeginAtOnce) {
  disconnect(alice_);
  disconnect(bob_);
  ASSERT_TRUE(start(alice_, "bob"));
  ASSERT_TRUE(start(bob_, "alice"));
  connect(alice_);
  connect(bob_);
  settle();
  EXPECT_EQ(progress(alice_, "bob").stage(), v1::VerificationProgress::COMPARE);
  EXPECT_EQ(progress(bob_, "alice").stage(), v1::VerificationProgress::COMPARE);
  EXPECT_EQ(progress(alice_, "bob").digits(), progress(bob_, "alice").digits());
}

TEST_F(VerificationTest, WhoSaysNoIsNotVerifiedAndKnowsWhatToDo) {
  reach_the_digits();
  ASSERT_TRUE(finish(alice_, "bob", Answer::differs));
  EXPECT_TRUE(alice_.saw(v1::Problem::VERIFICATION_FAILED));
  EXPECT_EQ(stages(alice_, v1::VerificationProgress::FAILED), 1);
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::PINNED_AT_FIRST_CONTACT);
  EXPECT_EQ(finish(alice_, "bob").error(), VerifyError::no_run);
  EXPECT_TRUE(alice_.lines("bob").empty());
}

TEST_F(VerificationTest, IsOverAfterTenMinutes) {
  ASSERT_TRUE(start(alice_, "bob"));
  pass(minutes(10));
  EXPECT_EQ(progress(alice_, "bob").stage(), v1::VerificationProgress::FAILED);
  ASSERT_TRUE(start(bob_, "alice"));  // begins a run of his own: what Alice began is over
  ASSERT_TRUE(start(alice_, "bob"));
  EXPECT_EQ(progress(bob_, "alice").stage(), v1::VerificationProgress::COMPARE);
  pass(minutes(10));
  EXPECT_EQ(finish(bob_, "alice").error(), VerifyError::expired);
  EXPECT_EQ(contact(bob_, "alice").verified_by(), v1::PINNED_AT_FIRST_CONTACT);
}

TEST_F(VerificationTest, ARevealThatDoesNotFitIsSaidToBeInterference) {
  ASSERT_TRUE(start(alice_, "bob"));
  bob_.database->run("UPDATE verification_run SET commitment = zeroblob(48)");
  ASSERT_TRUE(start(bob_, "alice"));
  EXPECT_EQ(progress(bob_, "alice").stage(), v1::VerificationProgress::FAILED);
  EXPECT_TRUE(bob_.saw(v1::Problem::VERIFICATION_FAILED));
  EXPECT_EQ(finish(bob_, "alice").error(), VerifyError::not_shown);
  ASSERT_TRUE(start(bob_, "alice")) << "another try is possible";
}

TEST_F(VerificationTest, AnswersACommitOnceAndOnlyWhenTheUserWantsIt) {
  ASSERT_TRUE(start(alice_, "bob"));
  ASSERT_TRUE(run(alice_, [](Work& work) { return stop_comparing(work, "bob"); }));
  ASSERT_TRUE(start(alice_, "bob"));  // the newest commit counts
  EXPECT_EQ(stages(alice_, v1::VerificationProgress::COMPARE), 0) << "nobody has answered";
  ASSERT_TRUE(start(bob_, "alice"));
  EXPECT_EQ(progress(alice_, "bob").digits(), progress(bob_, "alice").digits());
  const std::string shown = progress(bob_, "alice").digits();
  // A further run of Alice's changes nothing for Bob, who looks at these digits.
  ASSERT_TRUE(run(alice_, [](Work& work) { return stop_comparing(work, "bob"); }));
  ASSERT_TRUE(start(alice_, "bob"));
  EXPECT_EQ(progress(bob_, "alice").digits(), shown);
}

TEST_F(VerificationTest, TheDeviceThatAnswersFirstShowsTheDigitsAndAllLearnOfIt) {
  link_second_device();
  send(alice_, "bob", "hello both");
  settle();
  ASSERT_TRUE(start(alice_, "bob"));
  // Both of Bob's devices answer before either hears of it.
  disconnect(bob_);
  ASSERT_TRUE(start(bob_, "alice"));
  ASSERT_TRUE(start(bob2_, "alice"));
  connect(bob_);
  settle();
  EXPECT_EQ(progress(bob2_, "alice").digits(), progress(alice_, "bob").digits());
  EXPECT_EQ(progress(bob_, "alice").stage(), v1::VerificationProgress::FAILED);
  ASSERT_TRUE(finish(bob2_, "alice"));
  EXPECT_EQ(contact(bob_, "alice").verified_by(), v1::VERIFIED_BY_DIGITS);
  EXPECT_EQ(bob_.lines("alice").back(), v1::SystemLine::VERIFIED);
  pass(minutes(1));
  ASSERT_TRUE(run(bob_, [](Work& work) { return withdraw_verification(work, "alice"); }));
  settle();
  EXPECT_EQ(contact(bob_, "alice").verified_by(), v1::PINNED_AT_FIRST_CONTACT);
  EXPECT_EQ(contact(bob2_, "alice").verified_by(), v1::PINNED_AT_FIRST_CONTACT);
  EXPECT_EQ(run(bob_, [](Work& work) { return withdraw_verification(work, "alice"); }).error(),
            VerifyError::not_verified);
  EXPECT_FALSE(alice_.saw(v1::Problem::MESSAGES_MISSING));
  EXPECT_FALSE(bob_.saw(v1::Problem::MESSAGES_MISSING));
  EXPECT_FALSE(bob2_.saw(v1::Problem::MESSAGES_MISSING));
}

TEST_F(VerificationTest, AScannedCodeVerifiesOrSaysWhatDiffers) {
  const std::string of_bob = verification_qr(*bob_.database, *bob_.core->self(), "alice").value();
  const auto other = crypto::Fingerprint::from_octets(bob_.random->array<32>());
  EXPECT_EQ(scan(alice_, "bob", "SOTTO:VERIFY/1/AAAA").error(), VerifyError::bad_code);
  EXPECT_EQ(
      scan(alice_, "bob", verification_qr(*alice_.database, *alice_.core->self(), "bob").value()).error(),
      VerifyError::other_contact);
  EXPECT_EQ(scan(alice_, "bob", verification::qr_text({{party(bob_).account, other}, party(alice_)})).error(),
            VerifyError::their_key_differs);
  EXPECT_EQ(scan(alice_, "bob", verification::qr_text({party(bob_), {party(alice_).account, other}})).error(),
            VerifyError::my_key_differs);
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::PINNED_AT_FIRST_CONTACT);
  ASSERT_TRUE(scan(alice_, "bob", of_bob));
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::VERIFIED_BY_QR);
  EXPECT_EQ(contact(bob_, "alice").verified_by(), v1::PINNED_AT_FIRST_CONTACT);
}

TEST_F(VerificationTest, AChangedKeyEndsTheVerificationAndTheSendingUntilItIsScanned) {
  ASSERT_TRUE(scan(alice_, "bob", verification_qr(*bob_.database, *bob_.core->self(), "alice").value()));
  const auto changed = change_bobs_key();
  learn_of_it(alice_);
  EXPECT_TRUE(alice_.saw(v1::Problem::ACCOUNT_KEY_CHANGED));
  EXPECT_EQ(alice_.lines("bob").back(), v1::SystemLine::KEY_CHANGED);
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::VERIFICATION_UNSPECIFIED);
  EXPECT_EQ(start(alice_, "bob").error(), VerifyError::key_changed);
  const auto lines = alice_.lines("bob").size();
  learn_of_it(alice_);
  EXPECT_EQ(alice_.lines("bob").size(), lines) << "said once";
  send(alice_, "bob", "stopped");
  settle();
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  // A third key is neither; the new one fits, and is what is pinned.
  const auto third = crypto::Fingerprint::from_octets(bob_.random->array<32>());
  EXPECT_EQ(scan(alice_, "bob", verification::qr_text({{party(bob_).account, third}, party(alice_)})).error(),
            VerifyError::their_key_differs);
  ASSERT_TRUE(scan(alice_, "bob", verification::qr_text({{party(bob_).account, changed}, party(alice_)})));
  pass(minutes(2));
  EXPECT_EQ(contact(alice_, "bob").fingerprint(), to_hex(changed.octets()));
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), "");
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::VERIFIED_BY_QR);
}

TEST_F(VerificationTest, WhatOneDeviceAcceptedTheOthersAcceptWhenTheySeeIt) {
  // Alice has two devices; Bob's key changes.
  TestClient alice2{7, 77};
  link(alice2, alice_, "tablet");
  send(bob_, "alice", "hello both");
  settle();
  const auto changed = change_bobs_key();
  learn_of_it(alice_);
  auto accepted = alice_.core->accept_changed_contact("bob", now_).value();
  ASSERT_TRUE(accepted.value);
  perform(alice_, std::move(accepted.effects));
  settle();
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::ACCEPTED_AFTER_CHANGE);
  EXPECT_EQ(alice_.lines("bob").back(), v1::SystemLine::KEY_ACCEPTED);
  learn_of_it(alice2);
  pass(minutes(2));
  EXPECT_FALSE(alice2.saw(v1::Problem::ACCOUNT_KEY_CHANGED));
  EXPECT_EQ(contact(alice2, "bob").fingerprint(), to_hex(changed.octets()));
  EXPECT_EQ(contact(alice2, "bob").verified_by(), v1::ACCEPTED_AFTER_CHANGE);
  clients_.pop_back();
}

TEST_F(VerificationTest, ALieThatEndedIsSaidAndWhatWaitsGoesOutOnceTheUserKeepsTheKnownKey) {
  ASSERT_TRUE(scan(alice_, "bob", verification_qr(*bob_.database, *bob_.core->self(), "alice").value()));
  const auto other = lie_about_bobs_key();
  learn_of_it(alice_);
  send(alice_, "bob", "for Bob alone");
  settle();
  EXPECT_FALSE(contact(alice_, "bob").known_key_again());
  end_the_lie();
  EXPECT_EQ(alice_.lines("bob"), (std::vector{v1::SystemLine::VERIFIED, v1::SystemLine::KEY_CHANGED,
                                              v1::SystemLine::KNOWN_KEY_AGAIN}));
  EXPECT_TRUE(contact(alice_, "bob").known_key_again());
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), to_hex(other.octets()));
  pass(hours(2));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED) << "nobody has decided";
  EXPECT_EQ(bob_.texts("alice").back(), "hello alice");

  ASSERT_TRUE(keep(alice_, "bob"));
  pass(minutes(2));
  EXPECT_EQ(bob_.texts("alice").back(), "for Bob alone");
  EXPECT_EQ(alice_.lines("bob").back(), v1::SystemLine::KEY_KEPT);
  EXPECT_EQ(contact(alice_, "bob").fingerprint(), known_key());
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), "");
  EXPECT_FALSE(contact(alice_, "bob").known_key_again());
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::VERIFIED_BY_QR) << "of the key that was compared";
}

TEST_F(VerificationTest, WhatWasEncryptedBeforeTheLieCameOutWaitsForTheUserAsWell) {
  lie_about_bobs_key();
  send(alice_, "bob", "encrypted at once");
  settle();
  ASSERT_NE(contact(alice_, "bob").changed_fingerprint(), "") << "the server said that the list is another";
  end_the_lie();
  ASSERT_TRUE(contact(alice_, "bob").known_key_again());
  pass(hours(2));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  EXPECT_EQ(bob_.texts("alice").back(), "hello alice");
  ASSERT_TRUE(keep(alice_, "bob"));
  pass(minutes(2));
  EXPECT_EQ(bob_.texts("alice").back(), "encrypted at once");
}

TEST_F(VerificationTest, WhoKeepsTheKnownKeyIsStoppedAgainWhileTheServerShowsTheOther) {
  const auto other = lie_about_bobs_key();
  learn_of_it(alice_);
  send(alice_, "bob", "for Bob alone");
  settle();
  ASSERT_TRUE(keep(alice_, "bob"));
  EXPECT_EQ(alice_.lines("bob"), (std::vector{v1::SystemLine::KEY_CHANGED, v1::SystemLine::KEY_KEPT,
                                              v1::SystemLine::KEY_CHANGED}));
  EXPECT_EQ(contact(alice_, "bob").fingerprint(), known_key());
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), to_hex(other.octets()));
  pass(hours(2));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  // What is kept is not what another lie counts on.
  end_the_lie();
  ASSERT_TRUE(keep(alice_, "bob"));
  pass(minutes(2));
  EXPECT_EQ(bob_.texts("alice").back(), "for Bob alone");
  shown() = lie_;
  learn_of_it(alice_);
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), to_hex(other.octets()));
}

TEST_F(VerificationTest, AServerThatGoesToAndFroFillsNoConversationWithLines) {
  lie_about_bobs_key();
  learn_of_it(alice_);
  for (int times = 0; times < 3; ++times) {
    end_the_lie();
    shown() = lie_;
    learn_of_it(alice_);
    EXPECT_FALSE(contact(alice_, "bob").known_key_again()) << times;
  }
  end_the_lie();
  EXPECT_EQ(alice_.lines("bob"), (std::vector{v1::SystemLine::KEY_CHANGED, v1::SystemLine::KNOWN_KEY_AGAIN,
                                              v1::SystemLine::KEY_CHANGED}));
  ASSERT_TRUE(keep(alice_, "bob"));
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), "");
}

TEST_F(VerificationTest, TheCodeOfTheKnownKeyVerifiesAndKeepsIt) {
  const std::string code = verification_qr(*bob_.database, *bob_.core->self(), "alice").value();
  const auto other = lie_about_bobs_key();
  learn_of_it(alice_);
  send(alice_, "bob", "for Bob alone");
  settle();
  ASSERT_TRUE(scan(alice_, "bob", code));
  // The server was asked once more, and lies on.
  EXPECT_EQ(alice_.lines("bob"), (std::vector{v1::SystemLine::KEY_CHANGED, v1::SystemLine::VERIFIED,
                                              v1::SystemLine::KEY_CHANGED}));
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), to_hex(other.octets()));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  end_the_lie();
  ASSERT_TRUE(scan(alice_, "bob", code));
  pass(minutes(2));
  EXPECT_EQ(contact(alice_, "bob").fingerprint(), known_key());
  EXPECT_EQ(contact(alice_, "bob").changed_fingerprint(), "");
  EXPECT_EQ(contact(alice_, "bob").verified_by(), v1::VERIFIED_BY_QR);
  EXPECT_EQ(bob_.texts("alice").back(), "for Bob alone");
}

TEST_F(VerificationTest, WhatOneDeviceKeptTheOthersKeep) {
  TestClient alice2{7, 77};
  link(alice2, alice_, "tablet");
  send(bob_, "alice", "hello both");
  settle();
  lie_about_bobs_key();
  learn_of_it(alice_);
  learn_of_it(alice2);
  ASSERT_NE(contact(alice2, "bob").changed_fingerprint(), "");
  shown() = truth_;
  ASSERT_TRUE(keep(alice_, "bob"));
  pass(minutes(2));
  for (const TestClient* device : {&alice_, &alice2}) {
    EXPECT_EQ(contact(*device, "bob").changed_fingerprint(), "") << device->id;
    EXPECT_EQ(contact(*device, "bob").fingerprint(), known_key()) << device->id;
    EXPECT_EQ(contact(*device, "bob").verified_by(), v1::PINNED_AT_FIRST_CONTACT) << device->id;
    EXPECT_EQ(device->lines("bob").back(), v1::SystemLine::KEY_KEPT) << device->id;
  }
  clients_.pop_back();
}

TEST_F(VerificationTest, TheLaterOfTwoDecisionsAboutAChangedKeyCountsOnAllDevices) {
  TestClient alice2{7, 77};
  link(alice2, alice_, "tablet");
  send(bob_, "alice", "hello both");
  settle();
  const auto other = lie_about_bobs_key();
  learn_of_it(alice_);
  learn_of_it(alice2);
  disconnect(alice_);
  auto accepted = alice2.core->accept_changed_contact("bob", now_).value();
  ASSERT_TRUE(accepted.value);
  perform(alice2, std::move(accepted.effects));
  settle();
  EXPECT_EQ(contact(alice2, "bob").fingerprint(), to_hex(other.octets()));
  pass(minutes(1));
  ASSERT_TRUE(keep(alice_, "bob")) << "which has not heard of it";
  connect(alice_);
  settle();
  pass(minutes(2));
  for (const TestClient* device : {&alice_, &alice2}) {
    EXPECT_EQ(contact(*device, "bob").fingerprint(), known_key()) << device->id;
    EXPECT_EQ(contact(*device, "bob").changed_fingerprint(), to_hex(other.octets()))
        << device->id << ": the server lies on";
  }
  clients_.pop_back();
}

TEST_F(VerificationTest, SaysWhyThereIsNothingToCompare) {
  EXPECT_EQ(start(alice_, "nobody").error(), VerifyError::unknown_contact);
  EXPECT_EQ(finish(alice_, "bob").error(), VerifyError::no_run);
  EXPECT_EQ(run(alice_, [](Work& work) { return stop_comparing(work, "bob"); }).error(), VerifyError::no_run);
  ASSERT_TRUE(start(alice_, "bob"));
  EXPECT_EQ(finish(alice_, "bob").error(), VerifyError::not_shown);
  TestClient fresh{9, 9};
  ASSERT_TRUE(fresh.core->set_up_device("new", kServer, now_).value());
  EXPECT_EQ(start(fresh, "bob").error(), VerifyError::not_registered);
  EXPECT_EQ(keep(alice_, "bob").error(), VerifyError::key_not_changed);
  EXPECT_EQ(keep(alice_, "nobody").error(), VerifyError::unknown_contact);
}

TEST_F(VerificationTest, AStrangersCommitWaitsAndSpeaksForNobody) {
  TestClient carol{8, 88};
  clients_.push_back(&carol);
  sign_up(carol, "carol");
  auto looked = carol.core->look_up("bob", now_).value();
  perform(carol, std::move(looked.effects));
  settle();
  ASSERT_TRUE(start(carol, "bob"));
  EXPECT_EQ(stages(bob_, v1::VerificationProgress::STARTED), 1);
  ASSERT_TRUE(start(bob_, "carol")) << "the name is known";
  EXPECT_EQ(progress(bob_, "carol").digits(), progress(carol, "bob").digits());
  clients_.pop_back();
}

}  // namespace
}  // namespace sotto::client
